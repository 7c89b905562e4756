"""The table of a group: who did what, for those who work at its centre, and as files that compute nothing."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from lms.audit.models import AccessEntry
from tests.cast import Country, browser_for, client_for, make_staff
from tests.learners.facilitated.room import Room, open_room, woman_in


@pytest.fixture
def room(country: Country) -> Room:
    room = open_room(country)
    first = room.women[0]
    assert (
        room.said(room.event(first, room.texts[0]), room.event(first, room.quiz, score=80))
        == ["accepted"] * 2
    )
    return room


def path(room: Room, more: str = "") -> str:
    return f"/api/v1/cohorts/{room.cohort.uuid}/gradebook{more}"


def read(room: Room, more: str = "") -> Any:
    answer = room.client.get(path(room, more))
    assert answer.status_code == 200, answer.content
    return answer


def test_each_woman_has_her_line_and_each_lesson_its_column(room: Room) -> None:
    said = read(room).json()
    assert [column["lesson"] for column in said["columns"]] == [str(one.uuid) for one in room._lessons()]
    first, second = said["results"]
    done = {grade["lesson"]: (grade["state"], grade["score"]) for grade in first["grades"]}
    assert done[str(room.texts[0].uuid)] == ("finished", None)
    assert done[str(room.quiz.uuid)] == ("finished", 80)
    assert done[str(room.texts[1].uuid)] == ("", None)
    assert {grade["state"] for grade in second["grades"]} == {""}
    assert first["name"].startswith("متدربة 0")


def test_that_the_names_were_seen_is_written_down_once_a_page(room: Room) -> None:
    read(room)
    assert AccessEntry.objects.filter(surface="gradebook").count() == 1


def test_the_table_costs_the_same_for_more_women(room: Room, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12) as few:
        read(room)
    for number in range(5):
        woman_in(room.cohort, first_name=f"أخرى {number}")
    with django_assert_max_num_queries(len(few)):
        assert len(read(room).json()["results"]) == 7


def test_another_centres_staff_and_those_above_find_no_such_group(country: Country, room: Room) -> None:
    for role, place in (
        ("facilitator", country.tetouan_centre),
        ("centre_admin", country.tetouan_centre),
    ):
        staff = client_for(make_staff(role, place))
        assert staff.get(path(room)).status_code == 404
        assert staff.get(path(room, "/file")).status_code == 404


def test_the_files_say_what_the_table_says_and_compute_nothing(country: Country, room: Room) -> None:
    woman_in(room.cohort, first_name="=1+1")
    answer = read(room, "/file?kind=csv&delimiter=;")
    assert answer["Content-Disposition"] == 'attachment; filename="table.csv"'
    text = answer.content.decode("utf-8-sig")
    header, first, *_rest = text.splitlines()
    assert len(header.split(";")) == 5 + len(room._lessons())
    assert ";80" in first
    assert "'=1+1" in text
    book = zipfile.ZipFile(io.BytesIO(read(room, "/file?kind=xlsx").content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in book.read("xl/sharedStrings.xml").decode()


def test_no_name_leaves_a_confidential_centre_in_a_file(country: Country) -> None:
    shelter = open_room(country, place=country.shelter)
    for kind in ("csv", "xlsx"):
        content = read(shelter, f"/file?kind={kind}").content
        parts = [content]
        if kind == "xlsx":
            book = zipfile.ZipFile(io.BytesIO(content))
            parts = [book.read(name) for name in book.namelist()]
        assert not any("متدربة 0".encode() in part for part in parts)
        assert any(shelter.women[0].learner.pseudonym.encode() in part for part in parts)


@pytest.fixture
def browser(room: Room) -> Iterator[Client]:
    return browser_for(room.bouchra)


def test_her_groups_lead_to_their_tables_and_files(room: Room, browser: Client) -> None:
    page = f"/gradebooks/{room.cohort.uuid}"
    assert page in browser.get("/gradebooks").content.decode()
    seen = browser.get(page).content.decode()
    assert "متدربة 0" in seen
    assert ">80<" in seen
    assert browser.get(f"{page}?kind=xlsx")["Content-Type"].endswith("sheet")
    assert b"table.csv" in browser.get(f"{page}?kind=csv")["Content-Disposition"].encode()
