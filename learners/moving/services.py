"""Bringing learners to a newer publication: an explicit act, some at a time, that un-finishes nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.services import require_publisher
from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from courses.publishing.rules import lesson_rules
from learners.enrolments.models import Enrolment
from learners.events import MoveBegun
from learners.moving.models import Move
from learners.moving.queries import waiting_to_move
from learners.progress.equivalence import carry_over, set_equivalents
from learners.progress.services import refresh_enrolments
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.events.services import publish

AT_A_TIME: Final = 200


class NobodyToMove(Refusal):
    code = "nobody_to_move"
    status = 409
    message = _("Everyone who is under way is on the newest edition.")


class MoveUnderWay(Refusal):
    code = "move_under_way"
    status = 409
    message = _("Learners of this course are being moved just now.")


@transaction.atomic
def begin_move(*, course: Course, by: Person, equivalents: Mapping[UUID, UUID], at: datetime) -> Move:
    """Begin to move everyone who is under way to the newest publication. Whoever has completed stays where she did.

    `equivalents`: an older publication's lesson → the lesson of the newest that stands for it, of the same kind where
    it is a quiz. Refusals: `publisher_needed`, `nobody_to_move`, `move_under_way`, `invalid` with the pointers of
    equivalents that are none.
    """
    require_publisher(by, course)
    total = waiting_to_move(course).count()
    if course.newest is None or not total:
        raise NobodyToMove
    _check(course, equivalents)
    try:
        with transaction.atomic():
            move = Move.objects.create(course=course, to=course.newest, by=by, total=total, begun_at=at)
    except IntegrityError as error:
        raise MoveUnderWay from error
    set_equivalents(course=course, equivalents=equivalents)
    record_change(actor=by, verb="course.move", subject=f"course:{course.slug}", at=at)
    publish(MoveBegun(move_id=move.pk))
    return move


def _check(course: Course, equivalents: Mapping[UUID, UUID]) -> None:
    """Each old lesson was in this course, each new one is in its newest publication; a quiz stands for a quiz."""
    known = PublishedLesson.objects.filter(publication__course=course, uuid__in=equivalents)
    old = dict(known.values_list("uuid", "kind"))
    newest = lesson_rules(course.newest_id) if course.newest_id else {}
    errors = [
        {"pointer": f"/equivalents/{lesson}", "code": code, "detail": str(InvalidInput.message)}
        for lesson, other in equivalents.items()
        if (code := _wrong(old.get(lesson), newest[other].kind if other in newest else None))
        or (code := "same_lesson" if lesson == other or lesson in newest else "")
    ]
    if errors:
        raise InvalidInput(errors=errors)


def _wrong(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return "lesson_not_in_course"
    return "another_kind" if (old == "quiz") != (new == "quiz") else ""


@transaction.atomic
def move_some(*, move_id: int, at: datetime) -> bool:
    """Move the next learners; returns whether there may be more. Safe to repeat, also by two workers at once.

    Her progress is hers: lessons that both publications have stay as they are, equivalents count as finished, what the
    newest does not have is kept and counts no more. Who thereby has everything completes.
    """
    moves = Move.objects.select_for_update(no_key=True, of=("self",)).select_related("course")
    move = moves.get(pk=move_id)
    if move.done_at:
        return False
    waiting = waiting_to_move(move.course).select_for_update(no_key=True, of=("self",)).order_by("id")
    some = list(waiting[:AT_A_TIME])
    if not some:
        move.done_at = at
        move.save(update_fields=["done_at"])
        return False
    Enrolment.objects.filter(pk__in=[her.pk for her in some]).update(publication=move.course.newest_id)
    for her in some:
        her.publication_id = move.course.newest_id  # type: ignore[assignment]  # published: there is a move to it
    carry_over(some, at=at)
    refresh_enrolments(some, seen={}, at=at)
    move.moved += len(some)
    move.save(update_fields=["moved"])
    return True
