"""What each woman of a group has done, lesson by lesson, for those who work at its centre."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from courses.catalogue.texts import in_language
from courses.publishing.rules import LessonRule, lesson_rules
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.progress.models import LessonProgress
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.accounts.services import reveal
from lms.languages import ARABIC

SURFACE: Final = "gradebook"


@dataclass(frozen=True)
class Column:
    """A lesson of the course's newest publication."""

    lesson: UUID
    title: Mapping[str, str]
    kind: str
    required: bool

    def title_in(self, language: str | None) -> str:
        return in_language(self.title, [ARABIC], language)


@dataclass(frozen=True)
class Grade:
    """How far one woman is in one lesson. `state` is empty where she has not opened it."""

    state: str = ""
    percent: int = 0
    score: int | None = None


@dataclass(frozen=True)
class Row:
    """One woman of the group, under her name where the reader may see it; her grades in the order of the columns."""

    enrolment: Enrolment
    name: str
    grades: Sequence[Grade]


def cohorts_graded_by(staff: HasScope) -> QuerySet[Cohort]:
    """The groups of the very centres where she works."""
    rows = Cohort.objects.filter(organisation__path__in=staff.scope.home_paths)
    return rows.select_related("course__newest", "organisation__centre_type")


def columns_of(cohort: Cohort) -> list[Column]:
    """The lessons that a group is graded by. At most one statement."""
    rules: Mapping[UUID, LessonRule] = (
        lesson_rules(cohort.course.newest_id) if cohort.course.newest_id else {}
    )
    return [Column(uuid, rule.title, rule.kind, rule.required) for uuid, rule in rules.items()]


def members_of(cohort: Cohort) -> QuerySet[Enrolment]:
    """Who takes the course with the group, in the order in which they joined."""
    return Enrolment.objects.current().filter(cohort=cohort).select_related("learner").order_by("id")


def graded(
    members: Sequence[Enrolment], columns: Sequence[Column], *, staff: Person, named: bool, at: datetime
) -> Iterator[Row]:
    """The rows of some members. Three statements; with names, that they were seen is written down."""
    people = [member.learner_id for member in members]
    names = reveal(viewer=staff, people=people, surface=SURFACE, at=at) if named and people else {}
    said = LessonProgress.objects.filter(enrolment__in=members)
    facts = said.values_list("enrolment_id", "lesson", "state", "percent", "score")
    done = {(her, lesson): Grade(state, percent, score) for her, lesson, state, percent, score in facts}
    for member in members:
        grades = [done.get((member.pk, column.lesson), Grade()) for column in columns]
        yield Row(member, names.get(member.learner_id, ""), grades)
