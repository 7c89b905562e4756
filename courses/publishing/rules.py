"""What a publication demands of its learners. Immutable, so each process reads a publication once."""

from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from courses.publishing.models import PublishedLesson


@dataclass(frozen=True)
class LessonRule:
    kind: str
    required: bool
    title: dict[str, Any]
    module_title: dict[str, Any]
    module_position: int
    module_opens: str
    module_opens_after_days: int


@dataclass(frozen=True)
class ModuleRule:
    """When a module opens, and its lessons: all of them, and those that must be finished."""

    opens: str
    after_days: int
    lessons: frozenset[UUID]
    required: frozenset[UUID]


@lru_cache(maxsize=1_000)
def lesson_rules(publication_id: int) -> dict[UUID, LessonRule]:
    """The lessons of a publication in their order, by the id that every publication of the lesson shares."""
    rows = PublishedLesson.objects.filter(publication_id=publication_id)
    return {
        uuid: LessonRule(*rule)
        for uuid, *rule in rows.values_list("uuid", *(field.name for field in fields(LessonRule)))
    }


@lru_cache(maxsize=1_000)
def module_rules(publication_id: int) -> tuple[ModuleRule, ...]:
    """The modules of a publication in their order."""
    modules = groupby(lesson_rules(publication_id).items(), key=lambda item: item[1].module_position)
    return tuple(_module(dict(lessons)) for _position, lessons in modules)


def _module(lessons: dict[UUID, LessonRule]) -> ModuleRule:
    first = next(iter(lessons.values()))
    required = frozenset(uuid for uuid, rule in lessons.items() if rule.required)
    return ModuleRule(first.module_opens, first.module_opens_after_days, frozenset(lessons), required)


@lru_cache(maxsize=1_000)
def published_quiz(lesson_id: int) -> PublishedLesson:
    """A quiz with its questions, by its primary key. Shared by all who take it: to be read only."""
    return PublishedLesson.objects.get(pk=lesson_id)
