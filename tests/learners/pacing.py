"""A course whose second module, a quiz, opens by a rule."""

from typing import Any

from django.utils import timezone

from courses.authoring.models import Module
from courses.publishing.services import publish_course as publish_draft
from learners.cohorts.models import Cohort
from learners.enrolments.services import enrol
from lms.access.scoping import Grant, Scope
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.learners.learning import Learning


def paced(country: Country, opens: str, *, days: int = 0, **cohort: Any) -> Learning:
    """Alice on two texts and a quiz; `cohort` are further columns of her group, which she has if any is given."""
    course = publish_course(country)
    Module.objects.filter(course=course, position=1).update(opens=opens, opens_after_days=days)
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    publish_draft(course=course, by=by, notes="", at=timezone.now())
    course.refresh_from_db()
    group = cohort and Cohort.objects.create(
        course=course, organisation=country.larache_centre, title={"ar": "فوج"}, **cohort
    )
    alice = make_person(home=country.larache_centre)
    enrolment, _new = enrol(learner=alice, course=course, cohort=group or None, at=timezone.now())
    return Learning(alice, client_for(alice), course, enrolment)
