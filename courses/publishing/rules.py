"""What a publication demands of its learners. Immutable, so each process reads a publication once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from courses.publishing.models import PublishedLesson


@dataclass(frozen=True)
class LessonRule:
    kind: str
    required: bool
    title: dict[str, Any]
    module_title: dict[str, Any]


@lru_cache(maxsize=1_000)
def lesson_rules(publication_id: int) -> dict[UUID, LessonRule]:
    """The lessons of a publication in their order, by the id that every publication of the lesson shares."""
    rows = PublishedLesson.objects.filter(publication_id=publication_id)
    return {
        uuid: LessonRule(kind, required, title, module_title)
        for uuid, kind, required, title, module_title in rows.values_list(
            "uuid", "kind", "required", "title", "module_title"
        )
    }
