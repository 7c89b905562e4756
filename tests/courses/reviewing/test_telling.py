"""Whoever submitted a draft hears what was decided, once, and without asking."""

import pytest
from django.utils import timezone

from courses.authoring.services import change_course
from courses.catalogue.models import Course
from courses.publishing.withdrawing import offer_again, withdraw_course
from courses.reviewing.models import Review, ReviewState
from courses.reviewing.services import (
    approve_draft,
    comment,
    publish_due,
    release,
    return_draft,
    submit_draft,
)
from learners.notifications.models import Notification
from lms.accounts.models import Person
from lms.organisations.queries import scope_of
from tests.cast import Country, browser_for, make_staff, publish_course
from tests.outbox import work_off


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def publisher(country: Country) -> Person:
    staff = make_staff("publisher", country.institute)
    staff.scope = scope_of(staff, at=timezone.now())
    return staff


@pytest.fixture
def review(country: Country, trainer: Person) -> Review:
    course, at = publish_course(country), timezone.now()
    change_course(course=course, by=trainer, changes={"hours": 13}, expected=None, at=at)
    return submit_draft(course=course, by=trainer, notes="", at=at)[0]


def test_an_approval_and_a_return_are_told_to_her_who_submitted(
    trainer: Person, publisher: Person, review: Review
) -> None:
    approve_draft(review=review, by=publisher, publish_at=None, at=timezone.now())
    work_off()
    comment(review=review, by=publisher, words="المثال الثاني غير واضح", at=timezone.now())
    return_draft(review=review, by=publisher, at=timezone.now())
    work_off()
    told = Notification.objects.filter(kind="draft_decided")
    assert [row.person for row in told] == [trainer, trainer]
    page = browser_for(trainer).get("/messages").content.decode()
    assert "قُرئت مسودتكِ" in page
    assert "/studio" in page


def test_what_cannot_be_published_at_its_time_is_told_too(review: Review, publisher: Person) -> None:
    approve_draft(review=review, by=publisher, publish_at=None, at=timezone.now())
    Review.objects.update(publish_at=timezone.now())
    Course.objects.update(hours=14)
    work_off()
    Notification.objects.all().delete()
    publish_due(at=timezone.now())
    assert Review.objects.get().state == ReviewState.RETURNED
    work_off()
    assert Notification.objects.get().about.endswith(":returned")


def test_withdrawing_is_no_writing(country: Country, publisher: Person, review: Review) -> None:
    for act in (withdraw_course, offer_again):
        act(course=review.course, by=publisher, at=timezone.now())
    assert release(course=review.course, by=publisher, notes="", at=timezone.now()).number == 2
