"""Joining a course, moving home, leaving."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import EnrolmentsChanged
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.events.services import publish


class CohortFull(Refusal):
    code = "cohort_full"
    status = 409
    message = _("This group has no seat left. Ask your centre for the next one.")


class CohortOfAnotherCourse(Refusal):
    code = "cohort_of_another_course"
    message = _("This group follows another course.")


@transaction.atomic
def enrol(
    *, learner: Person, course: Course, at: datetime, cohort: Cohort | None = None
) -> tuple[Enrolment, bool]:
    """Enrol her on the newest publication; returns the enrolment and whether it is new. Safe to repeat.

    A course that is not open takes her through a cohort only, and does not exist for her otherwise.
    """
    if course.newest_id is None or not (course.open or cohort):
        raise NotFound
    if cohort:
        _take_seat(cohort, course)
    enrolment, created = Enrolment.objects.get_or_create(
        learner=learner,
        course=course,
        defaults={
            "cohort": cohort,
            "publication_id": course.newest_id,
            "organisation_id": cohort.organisation_id if cohort else learner.home_organisation_id,
            "created_at": at,
            "last_active_at": at,
        },
    )
    if not created and enrolment.state == EnrolmentState.WITHDRAWN:
        _come_back(enrolment, at)
    if created:
        publish(EnrolmentsChanged(enrolment_ids=[enrolment.pk]))
    return enrolment, created


def _take_seat(cohort: Cohort, course: Course) -> None:
    """Lock the cohort, so that two women cannot sit on its last seat."""
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.course_id != course.pk:
        raise CohortOfAnotherCourse
    taken = cohort.enrolments.exclude(state=EnrolmentState.WITHDRAWN).count()
    if cohort.seats is not None and taken >= cohort.seats:
        raise CohortFull


def _come_back(enrolment: Enrolment, at: datetime) -> None:
    enrolment.state = EnrolmentState.COMPLETED if enrolment.completed_at else EnrolmentState.ACTIVE
    enrolment.last_active_at = at
    enrolment.save(update_fields=["state", "last_active_at"])
    publish(EnrolmentsChanged(enrolment_ids=[enrolment.pk]))


@transaction.atomic
def move_home(*, learner: Person) -> Sequence[int]:
    """Let her enrolments outside cohorts follow her to her home centre. Safe to repeat."""
    moved = list(
        Enrolment.objects.filter(learner=learner, cohort=None)
        .exclude(organisation=learner.home_organisation)
        .order_by("id")
        .select_for_update(no_key=True)
        .values_list("id", flat=True)
    )
    if moved:
        Enrolment.objects.filter(pk__in=moved).update(organisation_id=learner.home_organisation_id)
        publish(EnrolmentsChanged(enrolment_ids=moved))
    return moved


@transaction.atomic
def withdraw(*, enrolment: Enrolment) -> None:
    """She leaves the course; what she did stays. Safe to repeat."""
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if enrolment.state != EnrolmentState.WITHDRAWN:
        enrolment.state = EnrolmentState.WITHDRAWN
        enrolment.save(update_fields=["state"])
        publish(EnrolmentsChanged(enrolment_ids=[enrolment.pk]))
