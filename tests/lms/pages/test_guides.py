"""The guides under Help: two for each role, in Arabic and in French, short, with pictures that exist."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from lms.languages import ARABIC, FRENCH
from lms.pages.guides import PICTURES_AT, all_guides, picture

GUIDES = Path(settings.BASE_DIR) / "docs" / "guide"
LANGUAGES = (ARABIC, FRENCH)
SLUGS = (
    "10-learner-join",
    "11-learner-learn",
    "20-facilitator-register",
    "21-facilitator-follow",
    "30-centre-registrations",
    "31-centre-completion",
    "40-administrator-completion",
    "41-administrator-certificates",
    "50-trainer-write",
    "51-trainer-files",
    "60-publisher-publish",
    "61-publisher-impact",
    "70-auditor-figures",
    "71-auditor-limits",
    "80-operator-run",
    "81-operator-outbox",
    "90-verifier-check",
    "91-verifier-doubt",
)
MOST_WORDS = 250
MOST_BYTES = 70_000
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def text_of(language: str, slug: str) -> str:
    return (GUIDES / language / f"{slug}.md").read_text(encoding="utf-8")


def pictures_of(text: str) -> list[tuple[str, str]]:
    """Each picture of a guide: the words for who cannot see it, and its name."""
    return [(words, Path(target).name) for words, target in PICTURE.findall(text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_has_its_two_guides_in_order(language: str) -> None:
    guides = all_guides(language)
    assert tuple(guide.slug for guide in guides) == SLUGS
    assert {guide.language for guide in guides} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_guide_begins_with_its_title_and_is_short(slug: str, language: str) -> None:
    text = text_of(language, slug)
    assert re.match(r"# \S.*\n\n", text)
    assert 60 <= len(text.split()) <= MOST_WORDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_pictures_of_a_guide_exist_and_are_described(slug: str, language: str) -> None:
    text = text_of(language, slug)
    assert "![" in text or "\n|---" in text, "a guide shows a picture or a table"
    for words, name in pictures_of(text):
        assert words.strip()
        assert f"](../images/{name})" in text
        assert picture(name) is not None, name


def test_no_picture_is_heavy_and_none_is_left_over() -> None:
    stored = {path.name: path.stat().st_size for path in (GUIDES / "images").iterdir()}
    shown = {name for lang in LANGUAGES for slug in SLUGS for _, name in pictures_of(text_of(lang, slug))}
    assert set(stored) == shown
    assert {name: size for name, size in stored.items() if size > MOST_BYTES} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_guide_shows_the_same_pictures_in_both_languages(slug: str) -> None:
    arabic, french = ([name for _, name in pictures_of(text_of(lang, slug))] for lang in LANGUAGES)
    assert [name.replace("-ar.png", "-fr.png") for name in arabic] == french


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_every_guide(client: Client, language: str) -> None:
    client.post("/language", {"language": language})
    html = client.get("/help").content.decode()
    assert f'<html lang="{language}"' in html
    found = [html.find(f'href="/help/{slug}"') for slug in SLUGS]
    assert -1 not in found
    assert found == sorted(found)


@pytest.mark.django_db
def test_a_guide_opens_with_its_steps_and_its_pictures(client: Client) -> None:
    client.post("/language", {"language": FRENCH})
    html = client.get("/help/11-learner-learn").content.decode()
    assert html.count("<h1") == 1
    assert "<ol>" in html
    shown = re.findall(rf'src="({PICTURES_AT}[^"]+)"', html)
    assert len(shown) == 2
    assert all(address.endswith("-fr.png") for address in shown)
    for address in shown:
        with closing(client.get(address)) as answer:
            assert answer.status_code == 200
            assert answer.getvalue().startswith(b"\x89PNG")
