"""Joining a course, moving home, leaving."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
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


class CohortEnded(Refusal):
    code = "cohort_ended"
    status = 409
    message = _("This group has finished. Ask your centre for the next one.")


class PrerequisiteMissing(Refusal):
    """`errors` name the course to complete first: `{"pointer": "/course", "code", "detail", "course": slug}`."""

    code = "prerequisite_missing"
    status = 409
    message = _("First finish the course “%(title)s”.")


@transaction.atomic
def enrol(
    *, learner: Person, course: Course, at: datetime, cohort: Cohort | None = None
) -> tuple[Enrolment, bool]:
    """Enrol her on the newest publication; returns the enrolment and whether it is new. Safe to repeat.

    A course that is not open takes her through a cohort only, a withdrawn one not at all: else it does not exist for
    her. A cohort that has not begun takes her already. Refusals: `not_found`, `prerequisite_missing`,
    `cohort_of_another_course`, `cohort_ended`, `cohort_full`.
    """
    hers = Enrolment.objects.filter(learner=learner, course=course)
    enrolment = hers.first()
    if enrolment and enrolment.state != EnrolmentState.WITHDRAWN:
        return enrolment, False
    if course.newest_id is None or course.withdrawn_at or not (course.open or cohort):
        raise NotFound
    if enrolment:
        return _come_back(enrolment, learner, course, cohort, at), False
    _check_prerequisite(learner, course)
    if cohort:
        _take_seat(cohort, course, learner, at)
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
    if created:
        publish(
            EnrolmentsChanged(enrolment_ids=[enrolment.pk]), LearnersEnrolled(enrolment_ids=[enrolment.pk])
        )
    return enrolment, created


def prerequisite_of(course: Course) -> Course | None:
    """What the course's newest publication asks for first, with its own newest one. Nothing asked, no statement."""
    if course.newest is None or course.newest.prerequisite_id is None:
        return None
    return Course.objects.select_related("newest").get(pk=course.newest.prerequisite_id)


def have_completed(course: Course, learner_ids: Collection[int]) -> set[int]:
    """Which of these learners have ever completed a course; leaving it later takes nothing away. One statement."""
    done = Enrolment.objects.filter(course=course, learner_id__in=learner_ids).exclude(completed_at=None)
    return set(done.values_list("learner_id", flat=True))


def _check_prerequisite(learner: Person, course: Course) -> None:
    first = prerequisite_of(course)
    if first is None or have_completed(first, [learner.pk]):
        return
    newest = first.newest
    assert newest is not None  # noqa: S101  # nothing is published before its prerequisite is
    title = in_language(newest.title, newest.languages, get_language())
    refusal = PrerequisiteMissing(title=title)
    said = {"pointer": "/course", "code": refusal.code, "detail": refusal.detail, "course": first.slug}
    raise PrerequisiteMissing(title=title, errors=[said])


def _take_seat(cohort: Cohort, course: Course, learner: Person, at: datetime) -> None:
    if cohort.course_id != course.pk:
        raise CohortOfAnotherCourse
    cohort = hold(cohort)
    free = free_seats(cohort)
    if _sits_in(cohort, learner):
        return
    if cohort.is_over(timezone.localdate(at)):
        raise CohortEnded
    if free is not None and free <= 0:
        raise CohortFull


def _sits_in(cohort: Cohort, learner: Person) -> bool:
    """Whether her other device has just taken the seat."""
    return cohort.enrolments.filter(learner=learner).exclude(state=EnrolmentState.WITHDRAWN).exists()


def hold(cohort: Cohort) -> Cohort:
    """The cohort as it is now, kept still until the transaction ends: two women cannot sit on its last seat."""
    return Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)


def free_seats(cohort: Cohort) -> int | None:
    """How many seats of a cohort that the caller holds are left; None where they are not counted."""
    if cohort.seats is None:
        return None
    return cohort.seats - cohort.enrolments.exclude(state=EnrolmentState.WITHDRAWN).count()


# ON CONFLICT: whoever is on the course already, withdrawn or not, stays as she is.
ENROL_MANY: Final = """
INSERT INTO enrolment (uuid, learner_id, course_id, cohort_id, publication_id, organisation_id, state, percent,
                       last_active_at, created_at)
SELECT learner.uuid, learner.id, %s, %s, %s, %s, 'active', 0, %s, %s
  FROM unnest(%s::uuid[], %s::bigint[]) AS learner (uuid, id)
 WHERE NOT EXISTS (SELECT FROM publication WHERE id = %s AND prerequisite_id IS NOT NULL)
    OR EXISTS (SELECT FROM publication
                 JOIN enrolment AS earlier ON earlier.course_id = publication.prerequisite_id
                WHERE publication.id = %s AND earlier.learner_id = learner.id
                  AND earlier.completed_at IS NOT NULL)
ON CONFLICT (learner_id, course_id) DO NOTHING
RETURNING id
"""


@transaction.atomic
def enrol_many(*, learner_ids: Sequence[int], cohort: Cohort, at: datetime) -> int:
    """Enrol up to 1,000 learners into a cohort on the newest publication; returns how many are new. Safe to repeat.

    One statement and its fact. Whoever has not completed the prerequisite is left out. The caller holds the cohort
    (`hold`) and has counted its seats. Refusals: `not_found` before the course is published, `cohort_ended`.
    """
    course = cohort.course
    if course.newest_id is None or course.withdrawn_at:
        raise NotFound
    if cohort.is_over(timezone.localdate(at)):
        raise CohortEnded
    # One text for each array: a parameter for each element costs more than the statement.
    uuids = f"{{{','.join(str(uuid7()) for _ in learner_ids)}}}"
    learners = f"{{{','.join(map(str, learner_ids))}}}"
    place = (course.pk, cohort.pk, course.newest_id, cohort.organisation_id)
    with connection.cursor() as cursor:
        cursor.execute(ENROL_MANY, [*place, at, at, uuids, learners, course.newest_id, course.newest_id])
        new = [pk for (pk,) in cursor.fetchall()]
    if new:
        publish(EnrolmentsChanged(enrolment_ids=new), LearnersEnrolled(enrolment_ids=new))
    return len(new)


def _come_back(
    enrolment: Enrolment, learner: Person, course: Course, cohort: Cohort | None, at: datetime
) -> Enrolment:
    """She returns to the publication she left, into the group she names; else into her own if it still has room."""
    group = cohort or enrolment.cohort
    if group:
        try:
            _take_seat(group, course, learner, at)
        except (CohortEnded, CohortFull):
            if cohort:
                raise
            group = None
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if enrolment.state != EnrolmentState.WITHDRAWN:
        return enrolment
    enrolment.cohort = group
    enrolment.organisation_id = group.organisation_id if group else learner.home_organisation_id
    enrolment.state = EnrolmentState.COMPLETED if enrolment.completed_at else EnrolmentState.ACTIVE
    enrolment.last_active_at = at
    enrolment.save(update_fields=["cohort", "organisation", "state", "last_active_at"])
    publish(EnrolmentsChanged(enrolment_ids=[enrolment.pk]))
    return enrolment


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
