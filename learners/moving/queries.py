"""Whom a move would touch, said before it begins."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from courses.catalogue.models import Course
from courses.publishing.rules import lesson_rules
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.moving.models import Move


@dataclass(frozen=True)
class Left:
    """A lesson of an older publication that the newest does not have."""

    lesson: UUID
    title: Mapping[str, Any]
    kind: str


@dataclass(frozen=True)
class Preview:
    """`learners` are on an older publication; of them `completed` have finished and stay, the others would move.

    `with_new` of those would have a required lesson that they do not have now.
    """

    to: int
    learners: int
    completed: int
    with_new: int
    left: Sequence[Left]

    @property
    def moving(self) -> int:
        return self.learners - self.completed


def waiting_to_move(course: Course) -> QuerySet[Enrolment]:
    """Who is under way on another publication than the newest."""
    under_way = Enrolment.objects.filter(course=course, state=EnrolmentState.ACTIVE)
    return under_way.exclude(publication=course.newest_id)


def preview_of(course: Course, equivalents: Mapping[UUID, UUID]) -> Preview | None:
    """What moving everyone to the newest publication would mean; None for a course without one.

    Two statements, and one for each publication that this process meets for the first time.
    """
    if course.newest is None:
        return None
    on_older = Enrolment.objects.current().filter(course=course).exclude(publication=course.newest_id)
    done = Count("pk", filter=Q(state=EnrolmentState.COMPLETED))
    by_edition = on_older.order_by().values("publication").annotate(everyone=Count("pk"), done=done)
    counts = list(by_edition.values_list("publication", "everyone", "done"))
    with_new = Counter(
        {pk: everyone - completed for pk, everyone, completed in counts if _adds(course, pk, equivalents)}
    )
    return Preview(
        to=course.newest.number,
        learners=sum(everyone for _pk, everyone, _completed in counts),
        completed=sum(completed for _pk, _everyone, completed in counts),
        with_new=with_new.total(),
        left=_left(course, [pk for pk, _everyone, _completed in counts]),
    )


def _adds(course: Course, older: int, equivalents: Mapping[UUID, UUID]) -> bool:
    """Whether the newest publication demands a lesson that an older one neither has nor has an equivalent of."""
    known = {equivalents.get(lesson, lesson) for lesson in lesson_rules(older)} | set(lesson_rules(older))
    newest = lesson_rules(course.newest_id) if course.newest_id else {}
    return any(rule.required and lesson not in known for lesson, rule in newest.items())


def _left(course: Course, publications: Sequence[int]) -> list[Left]:
    newest = lesson_rules(course.newest_id) if course.newest_id else {}
    found = {
        lesson: Left(lesson, rule.title, rule.kind)
        for publication in sorted(publications)
        for lesson, rule in lesson_rules(publication).items()
        if lesson not in newest
    }
    return list(found.values())


def move_under_way(course: Course) -> Move | None:
    return Move.objects.filter(course=course, done_at=None).select_related("to").first()


def latest_move(course: Course) -> Move | None:
    return Move.objects.filter(course=course).select_related("to").order_by("-id").first()
