"""Discreet mode on every page of hers: neither name nor sign of ours, one neutral title, neutral names of files."""

import re
from typing import Any, Final

import pytest
from django.http import HttpResponseBase
from django.utils.translation import override

from lms.accounts.models import Person
from lms.languages import CODES
from lms.pages.context import NEUTRAL_NAME
from tests.contracts.asking import ask, everything_in, undone
from tests.contracts.routes import ROWS, Row, read_rule
from tests.contracts.world import ACTORS, World

pytestmark = pytest.mark.django_db
OUR_NAME: Final = re.compile(r"\bjisr\b(?!\.(?:js|css))|جسر|ⵊⵉⵙⵔ", re.IGNORECASE)
FILE_NAMES: Final = re.compile(r'filename="([^"]+)"|filename\*=UTF-8\'\'(\S+)')
NEUTRAL_FILES: Final = re.compile(r"(?:document|data|sound)\.?\w*")
# The same for everybody: what a certificate's paper leads to, the scripts, the app's plain name beside its own, and
# the calendar where quick exit leads (tests/lms/pages/test_base.py).
THE_SAME_FOR_ALL: Final = ("/v/", "/sw.js", "/app/", "/calendar")


def pages_of_hers() -> list[Row]:
    """A row for each page that serves her."""
    found = {row.call.partition("?")[0]: row for row in ROWS if _serves_her(row)}
    return list(found.values())


def _serves_her(row: Row) -> bool:
    rule = row.rules.get("alice") or row.rules.get("", "")
    if row.method != "GET" or row.path.startswith(("/api/", *THE_SAME_FOR_ALL)) or not rule:
        return False
    return read_rule(rule, ACTORS)["alice"] == "200"


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
@pytest.mark.parametrize("row", pages_of_hers(), ids=lambda row: row.path)
def test_no_page_of_hers_names_us(world: World, row: Row, language: str) -> None:
    with undone():
        Person.objects.filter(pk=world.people["alice"].pk).update(discreet=True, language=language)
        answer = ask(world, row, "alice", world.things["alice"], **{"Accept-Language": language})
        assert answer.status_code == 200
        assert signs_of_us(answer) == []


def signs_of_us(answer: HttpResponseBase | Any) -> list[str]:
    said = everything_in(answer)
    names = [
        re.sub(r"\s+", " ", said[found.start() - 40 : found.end() + 40]) for found in OUR_NAME.finditer(said)
    ]
    files = [plain or coded for plain, coded in FILE_NAMES.findall(answer.get("Content-Disposition", ""))]
    told = [name for name in files if not NEUTRAL_FILES.fullmatch(name)]
    titles = set(re.findall(r"<title>(.*?)</title>", said, re.DOTALL)) - neutral_names()
    icons = re.findall(r"lms/icon\.[\w.]*svg|icons[\w.]*svg#arch", said.partition("<main")[0])
    return [*names, *told, *titles, *icons]


def neutral_names() -> set[str]:
    names = set()
    for language in CODES:
        with override(language):
            names.add(str(NEUTRAL_NAME))
    return names


def test_the_same_look_finds_us_without_discreet_mode(world: World) -> None:
    row = next(row for row in pages_of_hers() if row.path == "/account")
    with undone():
        answer = ask(world, row, "alice", world.things["alice"])
        found = signs_of_us(answer)
    assert any("جسر" in sign for sign in found)
    assert len(found) > 3
