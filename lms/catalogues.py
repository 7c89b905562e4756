"""The message catalogues: sentences out of the code, translations into the files Django reads.

Sentences are written in English in the code. `lms/locale/<language>/LC_MESSAGES/django.po` holds the Arabic, the
French and the sourced core of the Amazigh; the compiled `.mo` beside it is never committed. All of it is Babel, so no
gettext program is needed.
"""

import csv
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from lms.languages import AMAZIGH, ARABIC, ENGLISH, FRENCH, MONTHS, WEEKDAYS

PROJECT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = Path(__file__).resolve().parent / "locale"
PACKAGES: Final = ("lms", "courses", "learners", "tasks", "config")
TRANSLATED: Final = (ARABIC, FRENCH, AMAZIGH)
COMPLETE: Final = (ARABIC, FRENCH)
SOURCED: Final = LOCALE / "zgh-words.csv"
AWAITING: Final = PROJECT / "docs" / "translation.md"
AWAITING_MARK: Final = "<!-- below this line: written by `manage.py update_catalogues` -->"

WRITTEN: Final = datetime(2026, 11, 22, tzinfo=UTC)

KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SHORTENED_MONTHS: Final = (
    *("Jan.", "Feb.", "March", "April", "May", "June"),
    *("July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."),
)
PLURALS: Final = {
    ARABIC: (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 "
        ": n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
    FRENCH: "nplurals=2; plural=(n > 1);",
    AMAZIGH: "nplurals=2; plural=(n != 1);",
}


def catalogue_path(language: str, locale: Path = LOCALE) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def compile_catalogues(locale: Path = LOCALE) -> list[Path]:
    """Write each `django.po` as the `django.mo` beside it and return the files written.

    The names of months and weekdays are added from `lms.languages`, so that Morocco's win over Django's own `ar`.
    Fuzzy entries are left out. Safe to repeat, also by two processes at once: a file appears whole or not at all.
    """
    return [_compile(language, locale) for language in TRANSLATED]


def extract_messages() -> Catalog:
    """Every translatable sentence of our packages, as an untranslated catalogue."""
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping, "babel.cfg")  # type: ignore[no-untyped-call]  # Babel gives none
    found = Catalog(project="Jisr", charset="utf-8")
    for package in PACKAGES:
        for file, _line, message, comments, context in extract_from_dir(
            PROJECT / package, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            found.add(message, locations=[(f"{package}/{file}", 0)], auto_comments=comments, context=context)
    return found


def update_catalogues(locale: Path = LOCALE) -> dict[str, int]:
    """Bring the sentences of the code into the catalogues; return how many each language still lacks.

    Sentences that the code no longer has are dropped. The Amazigh catalogue keeps translated sentences only; the rest
    is listed in docs/translation.md as awaiting a speaker. Safe to repeat.
    """
    found = extract_messages()
    lacking = {}
    for language in TRANSLATED:
        catalogue = read_catalogue(language, locale)
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if language == AMAZIGH:
            _say_sourced_words(catalogue)
        lacking[language] = sum(1 for _message in untranslated(catalogue))
        if language == AMAZIGH:
            _list_awaiting(catalogue)
            _keep_translated(catalogue)
        _write(catalogue, catalogue_path(language, locale))
    return lacking


def read_catalogue(language: str, locale: Path = LOCALE) -> Catalog:
    """The catalogue as it is written, or an empty one where there is none yet."""
    path = catalogue_path(language, locale)
    if path.is_file():
        with path.open("rb") as file:
            return read_po(file, domain="django")
    empty = Catalog(project="Jisr", charset="utf-8", fuzzy=False)
    empty.mime_headers = [("Language", language), ("Plural-Forms", PLURALS[language])]
    return empty


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """The messages of which a form is missing or unsure."""
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms) or len(forms) < _forms_needed(message, catalogue)):
            yield message


def _forms_needed(message: Message, catalogue: Catalog) -> int:
    return catalogue.num_plurals if message.pluralizable else 1


def _compile(language: str, locale: Path) -> Path:
    catalogue = read_catalogue(language, locale)
    for context, english, translated in _date_words(language):
        catalogue.add(english, translated, context=context)
    target = catalogue_path(language, locale).with_suffix(".mo")
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".mo.part")
    with os.fdopen(descriptor, "wb") as file:
        write_mo(file, catalogue)
    Path(name).replace(target)
    return target


def _date_words(language: str) -> Iterator[tuple[str | None, str, str]]:
    """(context, English, translation) of the words in django.utils.dates, as its date filter looks them up."""
    months = list(zip(MONTHS[ENGLISH], SHORTENED_MONTHS, MONTHS[language], strict=True))
    weekdays = list(zip(WEEKDAYS[ENGLISH], WEEKDAYS[language], strict=True))
    for english, _shortened, translated in months:
        yield None, english, translated
        yield "alt. month", english, translated
    yield from ((None, english, translated) for english, translated in weekdays)
    if language != FRENCH:  # French abbreviates as Django does; Arabic and Amazigh write the name out
        for english, shortened, translated in months:
            yield None, english[:3].lower(), translated
            yield "abbrev. month", shortened, translated
        yield from ((None, english[:3], translated) for english, translated in weekdays)


def _say_sourced_words(catalogue: Catalog) -> None:
    """Give the sentences of the sourced core their Amazigh words, each with its source as a comment."""
    with SOURCED.open(encoding="utf-8", newline="") as file:
        core = {row["english"]: row for row in csv.DictReader(file)}
    for message in catalogue:
        row = core.get(_first(message)) if message.context is None else None
        if row and message.id:
            plural = row["plural"] or row["amazigh"]
            message.string = (row["amazigh"], plural) if message.pluralizable else row["amazigh"]
            message.user_comments = [f"source: {row['source']}"]


def _list_awaiting(catalogue: Catalog) -> None:
    """Name, in docs/translation.md, the sentences that no Amazigh speaker has given us yet."""
    before = AWAITING.read_text(encoding="utf-8").partition(AWAITING_MARK)[0]
    sentences = sorted({_sentence(message) for message in untranslated(catalogue)})
    lines = "\n".join(f"- {sentence}" for sentence in sentences)
    AWAITING.write_text(f"{before}{AWAITING_MARK}\n\n{lines}\n", encoding="utf-8")


def _sentence(message: Message) -> str:
    return " ".join(_first(message).split())


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _keep_translated(catalogue: Catalog) -> None:
    for message in list(untranslated(catalogue)):
        catalogue.delete(message.id, message.context)


def _write(catalogue: Catalog, path: Path) -> None:
    catalogue.header_comment = "# The words of Jisr. New sentences come by `manage.py update_catalogues`."
    catalogue.creation_date = catalogue.revision_date = WRITTEN  # a date that moves would change every review
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False)
