"""Arabic and French are complete; the Amazigh says nothing without a source; Babel alone does the work."""

import csv
import io
import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from lms.catalogues import (
    AWAITING,
    AWAITING_MARK,
    SOURCED,
    compile_catalogues,
    extract_messages,
    read_catalogue,
    untranslated,
)
from lms.locale_extraction import extract_from_template


@pytest.fixture(scope="module")
def sentences() -> Catalog:
    return extract_messages()


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_every_sentence_of_the_code_is_translated(language: str, sentences: Catalog) -> None:
    catalogue = read_catalogue(language)
    catalogue.update(sentences, no_fuzzy_matching=True)
    assert [message.id for message in untranslated(catalogue)] == []


@pytest.mark.parametrize(("language", "most"), [("ar", 12), ("fr", 16)])
def test_sentences_are_short_enough_for_who_reads_little(language: str, most: int) -> None:
    """Twelve words in Arabic, which writes its small words together with the next; French needs some more."""
    spoken = [
        sentence
        for message in read_catalogue(language)
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string)
        for sentence in re.split(r"(?<=[.!?؟:؛])\s+", text)
    ]
    assert [sentence for sentence in spoken if len(sentence.split()) > most] == []


@pytest.mark.parametrize("language", ["ar", "fr", "zgh"])
def test_no_translation_names_a_value_that_the_sentence_has_not(language: str) -> None:
    catalogue = read_catalogue(language)
    wrong = [(message.id, str(error)) for message in catalogue for error in message.check(catalogue)]
    assert wrong == []


def test_every_amazigh_word_has_its_source() -> None:
    with SOURCED.open(encoding="utf-8", newline="") as file:
        core = {row["english"]: row for row in csv.DictReader(file)}
    assert all(row["source"] for row in core.values())
    for message in read_catalogue("zgh"):
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[0]
            spoken = message.string if isinstance(message.string, str) else message.string[0]
            assert spoken == core[english]["amazigh"]


def test_what_awaits_an_amazigh_speaker_is_listed(sentences: Catalog) -> None:
    listed = AWAITING.read_text(encoding="utf-8").partition(AWAITING_MARK)[2]
    catalogue = read_catalogue("zgh")
    catalogue.update(sentences, no_fuzzy_matching=True)
    for message in untranslated(catalogue):
        english = message.id if isinstance(message.id, str) else message.id[0]
        assert f"- {' '.join(english.split())}\n" in listed


def test_compiling_leaves_unsure_sentences_out_and_can_be_repeated(tmp_path: Path) -> None:
    catalogue = read_catalogue("ar")
    catalogue.add("Sure", "أكيد")
    catalogue.add("Unsure", "لا ندري يقينا", flags=["fuzzy"])
    source = tmp_path / "ar" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    with source.open("wb") as file:
        write_po(file, catalogue)

    first = [path.read_bytes() for path in compile_catalogues(tmp_path)]
    second = [path.read_bytes() for path in compile_catalogues(tmp_path)]

    assert first == second
    assert "أكيد".encode() in first[0]
    assert "لا ندري يقينا".encode() not in first[0]
    assert not list(tmp_path.rglob("*.part"))


def test_a_templates_sentences_are_found_as_django_looks_them_up() -> None:
    template = """{% load i18n %}{% translate "Plain" %} {% translate 'Half: 50%' context "a rate" %}
    {% blocktranslate trimmed with name=person count n=total %}
      {{ name }} has one at 50%
    {% plural %}
      {{ name }} has {{ n }}
    {% endblocktranslate %}
    {{ value|default:_("Nothing") }}{% comment %}{% translate "Hidden" %}{% endcomment %}"""
    found = [
        (function, message)
        for _line, function, message, _ in extract_from_template(io.BytesIO(template.encode()), (), (), {})
    ]
    assert found == [
        ("gettext", "Plain"),
        ("pgettext", ("a rate", "Half: 50%%")),
        ("ngettext", ("%(name)s has one at 50%%", "%(name)s has %(n)s")),
        ("gettext", "Nothing"),
    ]
