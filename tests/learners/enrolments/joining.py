"""Courses that build on one another, and women who have finished one."""

from django.utils import timezone

from courses.authoring.services import change_course
from courses.catalogue.models import Course
from courses.publishing.services import publish_course as publish_draft
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from tests.cast import Country, make_staff


def needs_first(country: Country, course: Course, first: Course) -> Course:
    """Publish the course again, now with another one before it."""
    by, at = make_staff("publisher", country.institute), timezone.now()
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    change_course(course=course, by=by, changes={"prerequisite": first.slug}, expected=None, at=at)
    publish_draft(course=course, by=by, notes="", at=at)
    course.refresh_from_db()
    return course


def finish(learner: Person, course: Course) -> Enrolment:
    """As if she had completed it."""
    enrolment, _new = enrol(learner=learner, course=course, at=timezone.now())
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="completed", completed_at=timezone.now(), completed_publication=course.newest
    )
    enrolment.refresh_from_db()
    return enrolment
