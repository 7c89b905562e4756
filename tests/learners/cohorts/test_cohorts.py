"""Staff begin groups, fill them and change them, each within her part of the tree."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.enrolments.services import enrol, withdraw
from lms.accounts.models import Person
from lms.audit.models import ChangeEntry
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.statements import statements

COHORTS = "/api/v1/cohorts"
ASKED = {
    "course": "course",
    "organisation": "larache-centre",
    "title": {"ar": "فوج مارس", "fr": "Groupe de mars"},
    "seats": 2,
    "starts_on": "2027-03-01",
    "ends_on": "2027-06-30",
}


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country)


@pytest.fixture
def admin(country: Country) -> Person:
    return make_staff("centre_admin", country.larache_centre)


@pytest.fixture
def client(admin: Person, course: Course) -> APIClient:
    return client_for(admin)


def begin(client: APIClient, **changes: Any) -> Any:
    return client.post(COHORTS, ASKED | changes, format="json")


def change(client: APIClient, group: dict[str, Any], match: str = "*", **changes: Any) -> Any:
    headers = {"If-Match": match} if match else {}
    return client.patch(f"{COHORTS}/{group['id']}", changes, format="json", headers=headers)


def said(answer: Any) -> tuple[int, list[tuple[str, str]]]:
    errors = answer.json().get("errors", ())
    return answer.status_code, [(error["pointer"], error["code"]) for error in errors]


def join(country: Country, group: dict[str, Any], course: Course) -> Any:
    learner = make_person(home=country.larache_centre)
    body = {"course": course.slug, "cohort": group["id"]}
    return client_for(learner).post("/api/v1/enrolments", body, format="json")


def test_a_group_is_begun_filled_and_given_more_seats(
    country: Country, client: APIClient, course: Course
) -> None:
    answer = begin(client)
    group = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1.0"')
    assert {name: group[name] for name in ASKED} == ASKED
    assert (group["taken"], group["facilitator"], group["version"]) == (0, None, 1)
    assert [join(country, group, course).status_code for _ in range(3)] == [201, 201, 409]
    more = change(client, group, match='"1"', seats=3).json()
    assert (more["seats"], more["taken"], more["version"]) == (3, 2, 2)
    assert join(country, group, course).status_code == 201


def test_a_group_is_begun_once_under_one_key(client: APIClient) -> None:
    for _ in range(2):
        answer = client.post(COHORTS, ASKED, format="json", headers={"Idempotency-Key": "once-only-key"})
        assert answer.status_code == 201
    assert Cohort.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": {}}, ("/title", "empty")),
        ({"title": {"ar": "  "}}, ("/title", "language_unknown")),
        ({"title": {"de": "Gruppe"}}, ("/title", "language_unknown")),
        ({"seats": 0}, ("/seats", "min_value")),
        ({"seats": 10_001}, ("/seats", "max_value")),
        ({"starts_on": "tomorrow"}, ("/starts_on", "invalid")),
        ({"ends_on": "2027-02-28"}, ("/ends_on", "ends_before_it_begins")),
        ({"facilitator": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11"}, ("/facilitator", "facilitator_unknown")),
    ],
)
def test_a_group_that_makes_no_sense_is_refused_when_begun_and_when_changed(
    client: APIClient, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    group = begin(client).json()
    assert said(begin(client, **changes)) == (422, [error])
    assert said(change(client, group, **changes)) == (422, [error])
    assert Cohort.objects.get().version == 1


def test_a_change_names_the_version_it_saw(client: APIClient) -> None:
    group = begin(client).json()
    assert change(client, group, match="", seats=5).status_code == 428
    assert change(client, group, match='"1"', seats=5).status_code == 200
    late = change(client, group, match='"1"', seats=9)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert Cohort.objects.get().seats == 5


def test_seats_are_never_fewer_than_the_women_on_them(
    country: Country, client: APIClient, course: Course
) -> None:
    group = begin(client).json()
    women = [make_person(home=country.larache_centre) for _ in range(2)]
    cohort = Cohort.objects.get()
    first, _second = (
        enrol(learner=woman, course=course, cohort=cohort, at=timezone.now())[0] for woman in women
    )
    refused = change(client, group, seats=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "seats_taken")
    withdraw(enrolment=first)
    assert change(client, group, seats=1).json()["taken"] == 1
    assert change(client, group, seats=None).json()["seats"] is None


def test_a_facilitator_works_at_this_very_centre(country: Country, client: APIClient, admin: Person) -> None:
    group = begin(client).json()
    here = make_staff("facilitator", country.larache_centre)
    for person, status in (
        (here, 200),
        (admin, 200),
        (make_staff("facilitator", country.ksar_centre), 422),
        (make_staff("auditor", country.larache_centre), 422),
        (make_person(home=country.larache_centre), 422),
    ):
        assert change(client, group, facilitator=str(person.uuid)).status_code == status
    assert change(client, group, facilitator=None).json()["facilitator"] is None


def test_a_course_that_was_never_published_and_a_place_where_nobody_learns_do_not_exist(
    country: Country, client: APIClient, course: Course
) -> None:
    assert begin(client, course="nowhere").status_code == 404
    above = client_for(make_staff("ministry_admin", country.ministry))
    assert begin(above, organisation="institute").status_code == 404
    assert begin(above).status_code == 201
    Course.objects.update(newest=None)
    assert begin(above).status_code == 404


def test_only_the_centre_itself_hears_how_many_sit_in_a_group(country: Country, client: APIClient) -> None:
    group = begin(client).json()
    above = client_for(make_staff("province_admin", country.larache))
    assert client.get(f"{COHORTS}/{group['id']}").json()["taken"] == 0
    assert above.get(f"{COHORTS}/{group['id']}").json()["taken"] is None
    assert [row["taken"] for row in above.get(COHORTS).json()["results"]] == [None]


def test_the_answer_changes_its_tag_with_a_seat_and_not_without(
    country: Country, client: APIClient, course: Course
) -> None:
    group = begin(client).json()
    path = f"{COHORTS}/{group['id']}"
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    join(country, group, course)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_list_of_groups_costs_two_statements_however_long_it_is(client: APIClient) -> None:
    for _ in range(2):
        for _ in range(3):
            assert begin(client).status_code == 201
        with statements(2):
            assert client.get(f"{COHORTS}?course=course").status_code == 200
    assert client.get(f"{COHORTS}?course=other").json()["results"] == []


def test_what_was_done_to_a_group_is_written_down(client: APIClient, admin: Person) -> None:
    group = begin(client).json()
    change(client, group, seats=9)
    entries = ChangeEntry.objects.filter(subject=f"cohort:{group['id']}").order_by("id")
    assert [(entry.actor, entry.verb, entry.fields) for entry in entries] == [
        (admin, "cohort.create", []),
        (admin, "cohort.change", ["seats"]),
    ]
