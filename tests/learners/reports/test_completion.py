"""Completion of her own part of the tree, in the words of the report."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from lms.accounts.models import Person
from lms.organisations.models import Organisation, PartnerAgreement
from tests.cast import Country, client_for, make_organisation, make_person, make_staff
from tests.learners.reports.crowd import count, crowd, finish
from tests.statements import statements

PATH = "/api/v1/reports/completion"


def ask(person: Person, **question: str) -> Any:
    return client_for(person).get(PATH, question, headers={"accept-language": "fr"})


def lines(person: Person, **question: str) -> dict[str | None, dict[str, Any]]:
    answer = ask(person, **question).json()
    return {line.pop("organisation"): line for line in answer["results"]}


def enrolled(person: Person, **question: str) -> dict[str | None, int]:
    return {code: line["enrolled"] for code, line in lines(person, **question).items()}


@pytest.fixture
def tetouan(country: Country) -> Person:
    """Of the province without a confidential centre: nothing is folded there that is large enough."""
    return make_staff("province_admin", country.tetouan)


@pytest.fixture
def larache(country: Country) -> Person:
    return make_staff("province_admin", country.larache)


def test_a_line_counts_active_silent_completed_and_certified(
    country: Country, course: Course, tetouan: Person
) -> None:
    crowd(country.tetouan_centre, course, 4, percent=20)
    crowd(country.tetouan_centre, course, 3, days=14)
    crowd(country.tetouan_centre, course, 2, days=15, percent=70)
    done = crowd(country.tetouan_centre, course, 3)
    finish(done[0])
    finish(done[1], certificate="pending")
    finish(done[2], certificate="revoked")
    crowd(country.tetouan_centre, course, 5, state="withdrawn")
    count(done)
    answer = ask(tetouan).json()
    assert answer["level"] == "centre"
    assert answer["results"] == [
        {
            "organisation": "tetouan-centre",
            "name": "Centre tetouan-centre",
            "enrolled": 12,
            "active": 7,
            "silent": 2,
            "completed": 3,
            "certified": 2,
        }
    ]
    assert answer["funnel"] == {"enrolled": 12, "started": 9, "halfway": 5, "completed": 3, "certified": 2}


def test_a_line_counts_one_course_or_all(
    country: Country, course: Course, other_course: Course, tetouan: Person
) -> None:
    crowd(country.tetouan_centre, course, 9)
    crowd(country.tetouan_centre, other_course, 6)
    found = [enrolled(tetouan, **asked)["tetouan-centre"] for asked in ({}, {"course": course.slug})]
    assert found == [15, 9]


def test_the_lines_are_one_level_below_her_highest_node_or_at_the_level_she_asks_for(
    country: Country, course: Course
) -> None:
    crowd(country.larache_centre, course, 6)
    crowd(country.tetouan_centre, course, 8)
    minister = make_staff("ministry_admin", country.ministry)
    north = make_staff("region_admin", country.north)
    assert enrolled(minister) == {"north": 14}
    assert enrolled(north) == enrolled(minister, level="province") == {"larache": 6, "tetouan": 8}
    assert enrolled(north, organisation="tetouan") == {"tetouan-centre": 8}
    assert enrolled(minister, level="centre") == {"tetouan-centre": 8, None: 6}


def test_a_level_above_her_node_is_her_own_node(country: Country, course: Course, larache: Person) -> None:
    crowd(country.larache_centre, course, 6)
    for level in ("region", "province"):
        answer = ask(larache, level=level).json()
        assert answer["level"] == "province"
        assert [line["organisation"] for line in answer["results"]] == ["larache"]


def test_her_neighbours_learners_change_nothing_in_her_answer(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 6)
    before = ask(larache).json()
    crowd(country.tetouan_centre, course, 8)
    crowd(None, course, 8)
    assert ask(larache).json() == before


def test_unknown_foreign_and_folded_organisations_are_one_not_found(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 20)
    crowd(country.shelter, course, 7)
    crowd(country.ksar_centre, course, 3)
    codes = ["nowhere", "tetouan", "tetouan-centre", "north", "ministry", "shelter", "ksar-centre"]
    answers = [ask(larache, organisation=code) for code in codes]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {404}
    assert all(body == bodies[0] for body in bodies)
    assert ask(larache, course="no-such-course").status_code == 404


def test_folded_centres_stand_in_one_line_with_an_ordinary_one(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 20)
    crowd(country.ksar_centre, course, 9)
    crowd(country.shelter, course, 7)
    found = lines(larache)
    assert {code: line["enrolled"] for code, line in found.items()} == {"ksar-centre": 9, None: 27}
    assert found[None]["name"] == "Autres centres"


def test_a_line_with_one_to_four_in_the_course_asked_for_is_folded(
    country: Country, course: Course, other_course: Course, tetouan: Person
) -> None:
    second = make_organisation(code="second", kind="centre", parent=country.tetouan)
    crowd(second, course, 20)
    crowd(country.tetouan_centre, course, 9)
    crowd(second, other_course, 20)
    crowd(country.tetouan_centre, other_course, 3)
    assert enrolled(tetouan) == {"second": 40, "tetouan-centre": 12}
    assert enrolled(tetouan, course=other_course.slug) == {None: 23}
    asked = {"course": other_course.slug, "organisation": "tetouan-centre"}
    assert ask(tetouan, **asked).status_code == 404


def test_fewer_than_five_in_the_whole_territory_are_only_in_the_totals(
    country: Country, course: Course, other_course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 20)
    crowd(country.larache_centre, other_course, 2)
    answer = ask(larache, course=other_course.slug).json()
    assert answer["results"] == []
    assert answer["funnel"]["enrolled"] == 2


def test_a_territory_with_fewer_than_five_over_all_courses_is_withheld(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 4)
    for question in ({}, {"organisation": "larache"}, {"course": course.slug}):
        answer = ask(larache, **question)
        assert (answer.status_code, answer.json()["results"], answer.json()["funnel"]) == (200, [], None)


@pytest.mark.parametrize("role", ["centre_admin", "facilitator"])
@pytest.mark.parametrize("place", ["shelter", "ksar_centre"])
def test_staff_of_a_centre_see_their_own_line_plainly(
    country: Country, course: Course, role: str, place: str
) -> None:
    crowd(country.larache_centre, course, 20)
    own: Organisation = country.places[place]
    crowd(own, course, 2)
    staff = make_staff(role, own)
    assert enrolled(staff) == enrolled(staff, organisation=own.code) == {own.code: 2}
    assert ask(staff, organisation="larache-centre").status_code == 404
    assert ask(staff, organisation="larache").status_code == 404


def test_a_partner_sees_the_ordinary_centre_it_was_lent_and_not_the_confidential_one(
    country: Country, course: Course
) -> None:
    crowd(country.larache_centre, course, 6)
    crowd(country.shelter, course, 7)
    for centre in (country.larache_centre, country.shelter):
        PartnerAgreement.objects.create(partner=country.association, centre=centre, from_date="2020-01-01")
    partner = make_staff("centre_admin", country.association)
    assert enrolled(partner)["larache-centre"] == 6
    assert "shelter" not in enrolled(partner)
    assert ask(partner, organisation="shelter").status_code == 404
    assert ask(partner).json()["funnel"]["enrolled"] == 6


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("auditor", "ministry", 200),
        ("trainer", "institute", 403),
        ("publisher", "institute", 403),
        ("operator", "ministry", 403),
    ],
)
def test_who_may_ask(country: Country, role: str, place: str, status: int) -> None:
    assert ask(make_staff(role, country.places[place])).status_code == status


def test_learners_and_strangers_may_not_ask(country: Country, client: APIClient) -> None:
    assert ask(make_person(home=country.larache_centre)).status_code == 403
    assert client.get(PATH).status_code == 401


def test_a_question_that_makes_no_sense_says_where(larache: Person) -> None:
    answer = ask(larache, level="village")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/level"


def test_who_belongs_to_no_organisation_is_in_the_national_total(country: Country, course: Course) -> None:
    crowd(None, course, 6)
    crowd(country.larache_centre, course, 6)
    minister = make_staff("ministry_admin", country.ministry)
    assert enrolled(minister) == {"north": 6, None: 6}


def test_the_statements_do_not_grow_with_learners_or_centres(
    country: Country, course: Course, larache: Person
) -> None:
    client = client_for(larache)
    for size in (5, 50):
        crowd(country.larache_centre, course, size)
        crowd(country.ksar_centre, course, size)
        whole = {"course": course.slug, "level": "centre", "organisation": "larache"}
        with statements(3):  # her session; whether something changed; the tree with its sums
            client.get(PATH)
        with statements(4):  # and the course
            client.get(PATH, whole)
        with statements(2):
            client.get(PATH)
        with statements(3):
            client.get(PATH, whole)


def test_an_answer_that_has_not_changed_is_not_sent_again(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 6)
    client: Client | APIClient = client_for(larache)
    first = client.get(PATH)
    assert first["Cache-Control"] == "no-store"
    assert client.get(PATH, headers={"if-none-match": first["ETag"]}).status_code == 304
    assert Enrolment.objects.count() == 6
