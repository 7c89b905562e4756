"""Long lists come in pages that a client can trust: no gap, no repeat, never more than a hundred rows."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from lms.organisations.models import Organisation
from tests.cast import Country, make_organisation

URL = "/api/v1/organisations"


@pytest.fixture
def many(country: Country) -> int:
    for number in range(105):
        make_organisation(code=f"c-{number:03}", kind="centre", parent=country.larache)
    return Organisation.objects.count()


def page(client: APIClient, **question: Any) -> Any:
    answer = client.get(URL, question)
    assert answer.status_code == 200, answer.json()
    return answer.json()


@pytest.mark.parametrize(
    ("asked", "rows"),
    [(None, 50), (1, 1), (100, 100), (101, 100), (10**9, 100), (0, 50), (-1, 50), ("many", 50)],
)
def test_a_page_has_as_many_rows_as_asked_and_never_over_a_hundred(
    client: APIClient, many: int, asked: Any, rows: int
) -> None:
    question = {} if asked is None else {"page_size": asked}
    assert len(page(client, **question)["results"]) == rows


def test_pages_lead_on_and_back_without_gap_or_repeat(client: APIClient, many: int) -> None:
    url, pages = f"{URL}?page_size=40", []
    while url:
        answer = client.get(url).json()
        assert set(answer) == {"results", "next", "previous"}
        pages.append([row["code"] for row in answer["results"]])
        back, url = answer["previous"], answer["next"]
    codes = [code for rows in pages for code in rows]
    assert len(codes) == len(set(codes)) == many
    assert [row["code"] for row in client.get(back).json()["results"]] == pages[-2]


def test_who_comes_in_between_moves_nobody_onto_two_pages(
    client: APIClient, country: Country, many: int
) -> None:
    first = page(client, page_size=40)
    make_organisation(code="a-first", kind="centre", parent=country.larache)
    seen = {row["code"] for row in first["results"]}
    assert not seen & {row["code"] for row in client.get(first["next"]).json()["results"]}


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "x" * 3_000])
def test_a_cursor_that_is_not_ours_is_refused(client: APIClient, country: Country, cursor: str) -> None:
    answer = client.get(f"{URL}?cursor={cursor}")
    assert answer.status_code in {400, 404}
    assert answer.json()["code"] in {"malformed", "not_found"}
