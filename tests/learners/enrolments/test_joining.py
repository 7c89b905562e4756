"""Joining a course: what must come first, the seats of a group, and its first and last day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.enrolments.services import (
    CohortEnded,
    CohortFull,
    enrol,
    enrol_many,
    withdraw,
)
from lms.accounts.models import Person
from tests.cast import Country, browser_for, client_for, make_person, publish_course
from tests.learners.enrolments.joining import finish, needs_first

ENROLMENTS = "/api/v1/enrolments"
MOROCCO = ZoneInfo("Africa/Casablanca")


def join(learner: Person, **body: Any) -> Any:
    return client_for(learner).post(ENROLMENTS, body, format="json", headers={"Accept-Language": "fr"})


@pytest.fixture
def alice(country: Country) -> Person:
    return make_person(home=country.larache_centre)


@pytest.fixture
def bahija(country: Country) -> Person:
    return make_person(home=country.larache_centre)


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country, slug="course")


@pytest.fixture
def group(country: Country, course: Course) -> Cohort:
    return Cohort.objects.create(
        course=course, organisation=country.larache_centre, title={"ar": "فوج"}, seats=1
    )


# what must come first


def test_a_course_that_builds_on_another_waits_until_that_is_finished(
    country: Country, alice: Person, course: Course
) -> None:
    first = publish_course(country, slug="first")
    needs_first(country, course, first)
    refused = join(alice, course="course")
    body = refused.json()
    assert (refused.status_code, body["code"]) == (409, "prerequisite_missing")
    assert [(error["pointer"], error["course"]) for error in body["errors"]] == [("/course", "first")]
    assert "Cours first" in body["detail"]
    enrol(learner=alice, course=first, at=timezone.now())
    assert join(alice, course="course").json()["code"] == "prerequisite_missing", "begun is not finished"
    withdraw(enrolment=finish(alice, first))
    assert join(alice, course="course").status_code == 201, "leaving it later takes nothing away"


def test_who_is_on_the_course_stays_when_it_begins_to_build_on_another(
    country: Country, alice: Person, course: Course
) -> None:
    enrolment, _new = enrol(learner=alice, course=course, at=timezone.now())
    needs_first(country, course, publish_course(country, slug="first"))
    assert join(alice, course="course").status_code == 200
    withdraw(enrolment=enrolment)
    assert join(alice, course="course").json()["id"] == str(enrolment.uuid)


def test_the_course_page_says_what_comes_first_and_refuses_in_words(
    country: Country, alice: Person, course: Course
) -> None:
    needs_first(country, course, publish_course(country, slug="first"))
    browser = browser_for(alice)
    page = browser.get("/courses/course", headers={"Accept-Language": "fr"})
    assert 'href="/courses/first"' in page.content.decode()
    assert browser.post("/courses/course").status_code == 409
    assert not Enrolment.objects.exists()


def test_many_at_once_leave_out_who_has_not_finished_what_comes_first(
    country: Country, alice: Person, bahija: Person, course: Course, group: Cohort
) -> None:
    first = publish_course(country, slug="first")
    finish(bahija, first)
    group.course = needs_first(country, course, first)
    assert enrol_many(learner_ids=[alice.pk, bahija.pk], cohort=group, at=timezone.now()) == 1
    assert Enrolment.objects.get(course=course).learner == bahija


# seats


def test_a_seat_that_was_given_back_is_taken_by_the_next(
    alice: Person, bahija: Person, course: Course, group: Cohort
) -> None:
    enrolment, _new = enrol(learner=alice, course=course, cohort=group, at=timezone.now())
    assert join(bahija, course="course", cohort=str(group.uuid)).json()["code"] == "cohort_full"
    withdraw(enrolment=enrolment)
    assert join(bahija, course="course", cohort=str(group.uuid)).status_code == 201


def test_who_comes_back_finds_her_seat_taken_and_goes_on_by_herself(
    alice: Person, bahija: Person, course: Course, group: Cohort
) -> None:
    enrolment, _new = enrol(learner=alice, course=course, cohort=group, at=timezone.now())
    withdraw(enrolment=enrolment)
    enrol(learner=bahija, course=course, cohort=group, at=timezone.now())
    assert join(alice, course="course", cohort=str(group.uuid)).json()["code"] == "cohort_full"
    assert join(alice, course="course").status_code == 200
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.cohort) == ("active", None)
    assert group.enrolments.exclude(state="withdrawn").count() == 1


def test_who_comes_back_keeps_her_group_where_it_has_room_or_takes_the_one_she_names(
    country: Country, alice: Person, course: Course, group: Cohort
) -> None:
    other = Cohort.objects.create(course=course, organisation=country.larache_centre, title={"ar": "فوج آخر"})
    enrolment, _new = enrol(learner=alice, course=course, cohort=group, at=timezone.now())
    for named, then in ((None, group), (other, other)):
        withdraw(enrolment=enrolment)
        enrol(learner=alice, course=course, cohort=named, at=timezone.now())
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.cohort) == ("active", then)


# first and last day


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=MOROCCO)


def test_a_group_takes_women_before_its_first_day_and_through_its_last(
    country: Country, course: Course, group: Cohort
) -> None:
    begins, ends = date(2027, 3, 1), date(2027, 6, 30)
    Cohort.objects.update(seats=None, starts_on=begins, ends_on=ends)
    for day in (begins - timedelta(days=20), begins, ends):
        learner = make_person(home=country.larache_centre)
        assert enrol(learner=learner, course=course, cohort=group, at=noon(day))[1]
    late = make_person(home=country.larache_centre)
    with pytest.raises(CohortEnded):
        enrol(learner=late, course=course, cohort=group, at=noon(ends + timedelta(days=1)))
    group.refresh_from_db()
    with pytest.raises(CohortEnded):
        enrol_many(learner_ids=[late.pk], cohort=group, at=noon(ends + timedelta(days=1)))
    assert not Enrolment.objects.filter(learner=late).exists()


def test_the_last_day_ends_at_midnight_in_morocco(alice: Person, course: Course, group: Cohort) -> None:
    Cohort.objects.update(ends_on=date(2027, 6, 30))
    midnight = datetime(2027, 7, 1, tzinfo=MOROCCO)
    with pytest.raises(CohortEnded):
        enrol(learner=alice, course=course, cohort=group, at=midnight)
    assert enrol(learner=alice, course=course, cohort=group, at=midnight - timedelta(seconds=1))[1]


def test_who_sits_in_a_group_that_ended_is_told_that_she_is_on_the_course(
    alice: Person, course: Course, group: Cohort
) -> None:
    enrolment, _new = enrol(learner=alice, course=course, cohort=group, at=timezone.now())
    Cohort.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    again = join(alice, course="course", cohort=str(group.uuid))
    assert (again.status_code, again.json()["id"]) == (200, str(enrolment.uuid))


def test_an_ended_group_says_so_and_not_that_it_is_full(
    alice: Person, bahija: Person, course: Course, group: Cohort
) -> None:
    enrol(learner=alice, course=course, cohort=group, at=timezone.now())
    with pytest.raises(CohortFull):
        enrol(learner=bahija, course=course, cohort=group, at=timezone.now())
    Cohort.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    refused = join(bahija, course="course", cohort=str(group.uuid))
    assert (refused.status_code, refused.json()["code"]) == (409, "cohort_ended")
