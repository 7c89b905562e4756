"""An administrator who asks every question there is cannot find the shelter, nor which women belong to it.

Every centre has a power of two of learners, so that each number in any answer says which centres are in it.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from lms.accounts.models import Person
from tests.cast import Country, client_for, make_person, make_staff
from tests.learners.reports.crowd import count, crowd

PLACES = ("larache_centre", "ksar_centre", "shelter", "tetouan_centre")
STAFF = (("province_admin", "larache"), ("region_admin", "north"), ("ministry_admin", "ministry"))


def settle(country: Country, *crowds: tuple[Course, list[int]]) -> Person:
    """So many women of each place on each course; the canary, a woman of the shelter, is one of them on both."""
    she = make_person(home=country.shelter, first_name="كناريا")
    for course, sizes in crowds:
        for place, size in zip(PLACES, sizes, strict=True):
            crowd(country.places[place], course, size - (place == "shelter"))
        mine = Enrolment.objects.create(
            learner=she, course=course, publication_id=course.newest_id, organisation=country.shelter
        )
        count([mine])
    return she


@pytest.fixture
def canary(country: Country, course: Course, other_course: Course) -> Person:
    return settle(country, (course, [8, 16, 32, 64]), (other_course, [128, 256, 512, 1024]))


@pytest.fixture
def lonely_canary(country: Country, course: Course, other_course: Course) -> Person:
    """On the second course she is the only woman of the shelter."""
    return settle(country, (course, [8, 16, 6, 7]), (other_course, [5, 2, 1, 6]))


def questions(country: Country, *courses: Course) -> Iterator[dict[str, str]]:
    organisations = [None, *(place.code for place in country.places.values())]
    levels = [None, "region", "province", "centre"]
    for organisation, level, course in product(
        organisations, levels, [None, *(each.slug for each in courses)]
    ):
        asked = {"organisation": organisation, "level": level, "course": course}
        yield {name: value for name, value in asked.items() if value}


def numbers(answer: Any) -> Iterator[int]:
    """Every count of enrolled people in an answer."""
    for line in answer["results"]:
        yield line["enrolled"]
    if answer["funnel"]:
        yield answer["funnel"]["enrolled"]


@pytest.mark.parametrize(("role", "place"), STAFF)
def test_the_shelter_is_in_no_answer_and_in_no_sum_or_difference_of_answers(
    country: Country, course: Course, other_course: Course, canary: Person, role: str, place: str
) -> None:
    admin = client_for(make_staff(role, country.places[place]))
    seen: set[int] = set()
    for question in questions(country, course, other_course):
        answer = admin.get("/api/v1/reports/completion", question)
        if question.get("organisation") in {"shelter", "larache-centre"}:
            assert answer.status_code == 404
        if answer.status_code == 200:
            assert "shelter" not in answer.content.decode()
            seen.update(numbers(answer.json()))
    assert seen
    # Bits 3–6 are the places on the first course, 7–10 those on the second. In every number ever seen the shelter
    # comes with Larache's centre, on either course: their columns are equal, so no arithmetic parts them.
    for number in seen:
        for start in (3, 7):
            company, shelter = number >> start & 1, number >> start + PLACES.index("shelter") & 1
            assert company == shelter, bin(number)


@pytest.mark.parametrize(("role", "place"), STAFF)
def test_no_filter_tells_her_row_from_the_rows_of_ordinary_women(
    country: Country, course: Course, other_course: Course, lonely_canary: Person, role: str, place: str
) -> None:
    admin = client_for(make_staff(role, country.places[place]))
    company = set(Enrolment.objects.filter(organisation=country.larache_centre).values_list("learner__uuid"))
    for question in questions(country, course, other_course):
        if question.get("level"):
            continue
        found = everyone(admin, question)
        assert "كناريا" not in str(found)
        assert all(row["organisation"] not in {"shelter", "larache-centre"} for row in found)
        beside_her = [row for row in found if row["organisation"] is None]
        if any(row["person"] == str(lonely_canary.uuid) for row in found):
            women = {row["person"] for row in beside_her}
            assert len(women & {str(uuid) for (uuid,) in company}) >= 5


def everyone(client: Any, question: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/reports/completion/learners", {**question, "page_size": 100})
    if answer.status_code == 404:
        return []
    found: list[dict[str, Any]] = answer.json()["results"]
    while answer.json()["next"]:
        answer = client.get(answer.json()["next"])
        found += answer.json()["results"]
    return found


@pytest.mark.parametrize(("role", "place"), STAFF)
def test_a_stranger_to_the_shelter_hears_what_she_hears_about_nowhere(
    country: Country, lonely_canary: Person, role: str, place: str
) -> None:
    admin = client_for(make_staff(role, country.places[place]))
    for path in ("completion", "completion/learners"):
        for extra in ({}, {"course": "trade"}, {"state": "silent"}, {"level": "centre"}):
            heard = [
                admin.get(f"/api/v1/reports/{path}", {"organisation": code, **extra})
                for code in ("shelter", "nowhere")
            ]
            bodies = [{**answer.json(), "request_id": ""} for answer in heard]
            assert bodies[0] == bodies[1]
            assert [answer.status_code for answer in heard] == [404, 404]


def test_the_first_woman_of_the_shelter_moves_no_line_but_the_folded_one(
    country: Country, course: Course
) -> None:
    admin = client_for(make_staff("province_admin", country.larache))
    crowd(country.larache_centre, course, 9)
    crowd(country.ksar_centre, course, 9)
    before = admin.get("/api/v1/reports/completion").json()["results"]
    crowd(country.shelter, course, 1)
    after = admin.get("/api/v1/reports/completion").json()["results"]
    assert before[:-1] == after[:-1]
    assert (before[-1]["enrolled"], after[-1]["enrolled"]) == (9, 10)
