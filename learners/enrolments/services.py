"""Joining a course, moving home, leaving."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import EnrolmentsChanged, LearnersEnrolled
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.events.services import publish
from lms.ids import uuid7


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
    hers = Enrolment.objects.filter(learner=learner, course=course)
    if enrolment := hers.exclude(state=EnrolmentState.WITHDRAWN).first():
        return enrolment, False
    if course.newest_id is None or not (course.open or cohort):
        raise NotFound
    if cohort:
        _take_seat(cohort, course, learner)
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
        publish(
            EnrolmentsChanged(enrolment_ids=[enrolment.pk]), LearnersEnrolled(enrolment_ids=[enrolment.pk])
        )
    return enrolment, created


def _take_seat(cohort: Cohort, course: Course, learner: Person) -> None:
    if cohort.course_id != course.pk:
        raise CohortOfAnotherCourse
    free = free_seats(cohort)
    if free is not None and free <= 0 and not _sits_in(cohort, learner):
        raise CohortFull


def _sits_in(cohort: Cohort, learner: Person) -> bool:
    """Whether her other device has just taken the seat."""
    return cohort.enrolments.filter(learner=learner).exclude(state=EnrolmentState.WITHDRAWN).exists()


def free_seats(cohort: Cohort) -> int | None:
    """How many seats are left (none counted: None). Locks the cohort: two women cannot sit on its last seat."""
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.seats is None:
        return None
    return cohort.seats - cohort.enrolments.exclude(state=EnrolmentState.WITHDRAWN).count()


# ON CONFLICT: whoever is on the course already, withdrawn or not, stays as she is.
ENROL_MANY: Final = """
INSERT INTO enrolment (uuid, learner_id, course_id, cohort_id, publication_id, organisation_id, state, percent,
                       last_active_at, created_at)
SELECT learner.uuid, learner.id, %s, %s, %s, %s, 'active', 0, %s, %s
  FROM unnest(%s::uuid[], %s::bigint[]) AS learner (uuid, id)
ON CONFLICT (learner_id, course_id) DO NOTHING
RETURNING id
"""


@transaction.atomic
def enrol_many(*, learner_ids: Sequence[int], cohort: Cohort, at: datetime) -> int:
    """Enrol up to 1,000 learners into a cohort on the newest publication; returns how many are new. Safe to repeat.

    One statement and its fact. The caller holds the seats (`free_seats`). Refusals: `not_found` before the course
    is published.
    """
    course = cohort.course
    if course.newest_id is None:
        raise NotFound
    # One text for each array: a parameter for each element costs more than the statement.
    uuids = f"{{{','.join(str(uuid7()) for _ in learner_ids)}}}"
    learners = f"{{{','.join(map(str, learner_ids))}}}"
    place = (course.pk, cohort.pk, course.newest_id, cohort.organisation_id)
    with connection.cursor() as cursor:
        cursor.execute(ENROL_MANY, [*place, at, at, uuids, learners])
        new = [pk for (pk,) in cursor.fetchall()]
    if new:
        publish(EnrolmentsChanged(enrolment_ids=new), LearnersEnrolled(enrolment_ids=new))
    return len(new)


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
