"""A course that is offered no more: nobody new begins it, whoever is on it goes on."""

from typing import Any

import pytest
from django.utils import timezone

from courses.catalogue.models import Course
from courses.publishing.withdrawing import withdraw_course
from learners.enrolments.services import enrol
from lms.errors import NotFound
from lms.organisations.queries import scope_of
from tests.cast import Country, browser_for, client_for, make_person, make_staff, publish_course


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country, slug="suq")


def by(country: Country, role: str = "publisher") -> Any:
    return client_for(make_staff(role, country.institute))


PATH = "/api/v1/authoring/courses/suq/withdrawal"


def test_it_leaves_the_catalogue_and_takes_nobody_new_and_comes_back(
    country: Country, course: Course
) -> None:
    hers, new = make_person(), make_person()
    enrol(learner=hers, course=course, at=timezone.now())
    for _twice in range(2):
        assert by(country).put(PATH).status_code == 204
    assert client_for(new).get("/api/v1/courses").json()["results"] == []
    assert client_for(new).get("/api/v1/courses/suq").status_code == 404
    assert client_for(new).get("/api/v1/courses/suq/outline").status_code == 404
    answer = client_for(new).post("/api/v1/enrolments", {"course": "suq"}, format="json")
    assert answer.status_code == 404
    assert client_for(hers).get("/api/v1/courses/suq/outline").status_code == 200
    assert client_for(hers).get("/api/v1/courses/suq").status_code == 200
    assert browser_for(hers).get("/courses/suq").status_code == 200
    assert by(country).delete(PATH).status_code == 204
    assert client_for(new).post("/api/v1/enrolments", {"course": "suq"}, format="json").status_code == 201


def test_only_a_publisher_withdraws_and_only_what_is_published(country: Country, course: Course) -> None:
    refused = by(country, "trainer").put(PATH)
    assert (refused.status_code, refused.json()["code"]) == (403, "publisher_needed")
    Course.objects.update(newest=None)
    early = by(country).put(PATH)
    assert (early.status_code, early.json()["code"]) == (409, "not_published")


def test_she_who_left_does_not_come_back_to_it(country: Country, course: Course) -> None:
    woman, staff, now = make_person(), make_staff("publisher", country.institute), timezone.now()
    enrolment, _new = enrol(learner=woman, course=course, at=now)
    enrolment.state = "withdrawn"
    enrolment.save()
    staff.scope = scope_of(staff, at=now)
    course = withdraw_course(course=course, by=staff, at=now)
    with pytest.raises(NotFound):
        enrol(learner=woman, course=course, at=now)


def test_the_studio_withdraws_and_offers(country: Country, course: Course) -> None:
    desk = browser_for(make_staff("publisher", country.institute))
    assert desk.post("/studio/courses/suq", {"action": "withdraw"}).status_code == 303
    assert 'value="offer"' in desk.get("/studio/courses/suq").content.decode()
    desk.post("/studio/courses/suq", {"action": "offer"})
    assert Course.objects.get().withdrawn_at is None
