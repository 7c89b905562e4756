"""What she has done, and what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from courses.publishing.rules import lesson_rules, module_rules
from learners.enrolments.models import Enrolment
from learners.progress.models import LessonProgress, LessonState
from learners.progress.openings import Gate, finished_in, gates_of
from lms.statements import columns_of, loaded, rows

PROGRESS: Final = f"""
SELECT {columns_of(LessonProgress)} FROM lesson_progress WHERE enrolment_id = %(enrolment)s
"""  # noqa: S608  # put together from constants


def progress_of(enrolment: Enrolment) -> dict[UUID, LessonProgress]:
    """Progress per lesson of the enrolment; a lesson she has not opened has none."""
    done = (loaded(LessonProgress, row) for row in rows(PROGRESS, {"enrolment": enrolment.pk}))
    return {lesson.lesson: lesson for lesson in done}


def opened(enrolment: Enrolment, done: Mapping[UUID, LessonProgress], *, at: datetime) -> list[Gate]:
    """Which modules of her publication are open, by what she has done."""
    return gates_of(
        enrolment, module_rules(enrolment.publication_id), finished=finished_in(done.values()), at=at
    )


@dataclass(frozen=True)
class Rule:
    """One condition of completion: met by which evidence, or what is missing."""

    lesson: UUID
    kind: str
    title: dict[str, Any]
    module_title: dict[str, Any]
    met: bool
    met_at: datetime | None
    score: int | None


def completion_rules(enrolment: Enrolment) -> list[Rule]:
    """Every rule of the publication she is pinned to: each required lesson, in its order."""
    done = progress_of(enrolment)
    return [
        _rule(uuid, rule.kind, rule.title, rule.module_title, done.get(uuid))
        for uuid, rule in lesson_rules(enrolment.publication_id).items()
        if rule.required
    ]


def _rule(
    lesson: UUID, kind: str, title: dict[str, Any], module_title: dict[str, Any], row: LessonProgress | None
) -> Rule:
    met = row is not None and row.state == LessonState.FINISHED
    return Rule(
        lesson=lesson,
        kind=kind,
        title=title,
        module_title=module_title,
        met=met,
        met_at=row.finished_at if row and met else None,
        score=row.score if row else None,
    )
