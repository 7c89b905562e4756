"""Which sessions there are, who belongs to them, and what was said of each woman."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.facilitated.models import AttendanceMark, GroupSession, GroupSessionQuerySet
from learners.progress.models import ProgressEvent
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.accounts.services import reveal
from lms.organisations.models import Organisation
from lms.organisations.queries import JOINABLE

SURFACE = "sessions"


def sessions_of(staff: HasScope) -> GroupSessionQuerySet:
    """The sessions of the very centres where she works, with course, place and group. One statement."""
    rows = GroupSession.objects.of_staff(staff)
    return rows.select_related("course__newest", "organisation", "cohort")


def coming_sessions(person: HasScope, *, at: datetime) -> GroupSessionQuerySet:
    """Those to come, or under way, of her own groups and of her courses at her centre; also those called off."""
    hers = Enrolment.objects.current().filter(
        learner=person.scope.person_id, organisation=OuterRef("organisation"), course=OuterRef("course")
    )
    group = Q(Exists(hers.filter(cohort=OuterRef("cohort"))))
    centre = Q(cohort=None) & Q(Exists(hers))
    rows = GroupSession.objects.filter(group | centre, ends_at__gt=at)
    return rows.select_related("course__newest", "organisation", "cohort")


def cohorts_where_she_works(staff: HasScope) -> QuerySet[Cohort]:
    rows = Cohort.objects.filter(organisation__path__in=staff.scope.home_paths)
    return rows.select_related("course__newest", "organisation")


def places_where_she_works(staff: HasScope) -> QuerySet[Organisation]:
    rows = Organisation.objects.filter(path__in=staff.scope.home_paths)
    return rows.filter(is_active=True, kind__in=JOINABLE)


def latest_marks(session: GroupSession, enrolments: Iterable[int] = ()) -> QuerySet[AttendanceMark]:
    """The mark that counts, by enrolment; `enrolments` narrows to some. One statement."""
    rows = AttendanceMark.objects.filter(session=session)
    chosen = list(enrolments)
    rows = rows.filter(enrolment__in=chosen) if chosen else rows
    return rows.order_by("enrolment_id", "-id").distinct("enrolment_id")


@dataclass(frozen=True)
class Seat:
    """A woman in a session: her name where the reader may see it, and all that was said of her, the latest first."""

    enrolment: Enrolment
    name: str
    marks: Sequence[AttendanceMark]

    @property
    def presence(self) -> str:
        return self.marks[0].presence if self.marks else ""

    @property
    def shown(self) -> str:
        """Her name, else the pseudonym under which she is counted."""
        return self.name or self.enrolment.learner.pseudonym


def seats_of(session: GroupSession, women: Sequence[Enrolment], *, staff: Person, at: datetime) -> list[Seat]:
    """Those women with their names and marks; who looked is recorded. Three statements."""
    names = reveal(viewer=staff, people=[row.learner_id for row in women], surface=SURFACE, at=at)
    marks: dict[int, list[AttendanceMark]] = {}
    for mark in session.marks.filter(enrolment__in=women).select_related("by").order_by("-id"):
        marks.setdefault(mark.enrolment_id, []).append(mark)
    return [Seat(row, names.get(row.learner_id, ""), marks.get(row.pk, [])) for row in women]


def lessons_of(session: GroupSession) -> list[dict[str, Any]]:
    """What can be recorded out of it: the lessons of the course's newest publication in their order. One statement."""
    rows = PublishedLesson.objects.filter(publication=session.course.newest_id)
    return [dict(row) for row in rows.values("uuid", "kind", "title", "pass_percent")]


def quiz_of(session: GroupSession, lesson: UUID) -> PublishedLesson | None:
    """A quiz of the course's newest publication."""
    rows = PublishedLesson.objects.filter(publication=session.course.newest_id, kind="quiz", uuid=lesson)
    return rows.first()


def recorded_in(session: GroupSession, lesson: UUID) -> dict[int, ProgressEvent]:
    """What was recorded of a lesson out of a session and still counts, by enrolment. One statement."""
    rows = ProgressEvent.objects.filter(attestation__session=session, lesson=lesson, voided_at=None)
    return {event.enrolment_id: event for event in rows.order_by("id")}


def courses_taken_where_she_works(staff: HasScope) -> list[tuple[Organisation, Course]]:
    """The courses that women are on at her own centres. Two statements."""
    places = {place.pk: place for place in places_where_she_works(staff)}
    taken = Enrolment.objects.current().filter(organisation__in=places).order_by("organisation", "course")
    pairs = list(taken.values_list("organisation", "course").distinct())
    courses = Course.objects.select_related("newest").in_bulk([course for _place, course in pairs])
    return [(places[place], courses[course]) for place, course in pairs]
