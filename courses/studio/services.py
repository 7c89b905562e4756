"""What one page of the studio changes at once: a whole lesson, and the place of a module or a lesson."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from courses.authoring.models import Lesson, LessonVariant
from courses.authoring.services import change_lesson, reorder
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from lms.accounts.models import Person

Way = Literal["up", "down"]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A lesson as its page has it: titles, and by language what `put_variant` takes (body, captions, upload)."""

    title: Mapping[str, str]
    contents: Mapping[str, Mapping[str, Any]]
    required: bool
    minutes: int
    pass_percent: int


@transaction.atomic
def write_lesson(
    *, lesson: Lesson, by: Person, written: Written, expected: int | None, at: datetime
) -> Lesson:
    """Keep what changed of a lesson, all of it or nothing. Safe to repeat: what is the same raises no version.

    `expected` is the lesson's version that the writer saw. Refusals: `changed_meanwhile`, those of `put_variant`.
    """
    facts = {
        "title": dict(written.title),
        "required": written.required,
        "minutes": written.minutes,
        "pass_percent": written.pass_percent,
    }
    now = Lesson.objects.get(pk=lesson.pk)
    changed = {name: value for name, value in facts.items() if getattr(now, name) != value}
    if changed:
        lesson = change_lesson(lesson=lesson, by=by, changes=changed, expected=expected, at=at)
        expected = None
    known = {variant.language: variant for variant in lesson.variants.select_related("upload")}
    for language, content in written.contents.items():
        before = known.get(language, LessonVariant())
        if fresh := {name: value for name, value in content.items() if getattr(before, name) != value}:
            lesson = put_variant(
                lesson=lesson, by=by, language=language, content=fresh, expected=expected, at=at
            )
            expected = None
    return lesson


Order = list[tuple[UUID, list[UUID]]]


def move(*, course: Course, by: Person, moved: UUID, way: Way, expected: int | None, at: datetime) -> Course:
    """Move a module, or a lesson (also into the module before or after), by one place. At the end it stays.

    `expected` is the course's version. Refusals: `changed_meanwhile`.
    """
    order: Order = [
        (module.uuid, [lesson.uuid for lesson in module.lessons.order_by("position", "id")])
        for module in course.modules.order_by("position", "id")
    ]
    step = -1 if way == "up" else 1
    return reorder(course=course, by=by, order=_moved(order, moved, step), expected=expected, at=at)


def _moved(order: Order, moved: UUID, step: int) -> Order:
    modules = [module for module, _inside in order]
    if moved in modules:
        return _swapped(order, modules.index(moved), step)
    for place, (_module, inside) in enumerate(order):
        if moved in inside:
            return _lesson_moved(order, place, inside.index(moved), step)
    return order


def _swapped(things: list[Any], place: int, step: int) -> list[Any]:
    if 0 <= place + step < len(things):
        things[place], things[place + step] = things[place + step], things[place]
    return things


def _lesson_moved(order: Order, place: int, inner: int, step: int) -> Order:
    inside = order[place][1]
    if 0 <= inner + step < len(inside):
        _swapped(inside, inner, step)
    elif 0 <= place + step < len(order):
        lesson = inside.pop(inner)
        neighbour = order[place + step][1]
        neighbour.insert(len(neighbour) if step < 0 else 0, lesson)
    return order
