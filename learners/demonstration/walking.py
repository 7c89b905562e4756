"""How a woman walks through a course: which lessons, when, with which answers. Pure; chance is handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, Protocol
from uuid import UUID

from learners.attempts.grading import Grade, grade
from lms.languages import CASABLANCA

OPTIONAL_TAKEN: Final = 0.35
QUIZ_TRIES: Final = 3
PAUSE_HOURS: Final = (0.3, 60.0, 5.0)  # least, most, usual
MORNING: Final = 7  # before this hour she sleeps
LESSON_SECONDS: Final = {"text": (240, 1_500), "video": (60, 240), "audio": (60, 240), "document": (60, 900)}
QUIZ_SECONDS: Final = (150, 900)


class Lesson(Protocol):
    """What a walk reads of a published lesson; the same lesson is the same key."""

    pk: int
    uuid: UUID
    kind: str
    required: bool
    pass_percent: int
    questions: list[dict[str, Any]]

    def __hash__(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Temper:
    """How likely she goes on after each lesson; from a moment on, most who come to `hurdle` stop there."""

    goes_on: float
    hurdle: UUID | None = None
    hurdle_from: datetime | None = None

    def stumbles(self, lesson: Lesson, at: datetime) -> bool:
        return self.hurdle == lesson.uuid and self.hurdle_from is not None and at >= self.hurdle_from


@dataclass(frozen=True, kw_only=True)
class Try:
    """One go at a quiz, graded."""

    started_at: datetime
    submitted_at: datetime
    answers: dict[str, Any]
    score: int
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """A lesson she opened. `finished_at` is None for a quiz, which its tries finish, and where she stopped."""

    lesson: Lesson
    opened_at: datetime
    seconds: int
    finished_at: datetime | None = None
    tries: Sequence[Try] = field(default_factory=tuple)

    @property
    def done(self) -> bool:
        return self.finished_at is not None or any(each.passed for each in self.tries)


def walk(
    random: Random, lessons: Sequence[Lesson], temper: Temper, *, start: datetime, until: datetime
) -> list[Step]:
    """Lesson by lesson in their order, until she stops or it is now."""
    steps: list[Step] = []
    at = start
    for lesson in lessons:
        if not lesson.required and random.random() > OPTIONAL_TAKEN:
            continue
        at = _awake(at + _pause(random))
        if at >= until - timedelta(hours=1) or random.random() > temper.goes_on:
            break
        step = _take(random, lesson, at, stumbles=temper.stumbles(lesson, at) and random.random() < 0.85)
        steps.append(step)
        if not step.done:
            break
        at = step.tries[-1].submitted_at if step.tries else step.finished_at or at
    return steps


def lessons_taken(lessons: Sequence[Lesson]) -> float:
    """How many of these a woman takes who goes to the end."""
    return sum(1 if lesson.required else OPTIONAL_TAKEN for lesson in lessons)


def walk_exactly(
    random: Random, lessons: Sequence[Lesson], *, start: datetime, until: datetime
) -> list[Step]:
    """Every one of these lessons, finished, at even distances."""
    distance = (until - start) / (len(lessons) + 1)
    return [
        _take(random, lesson, _awake(start + distance * place), stumbles=False, certain=True)
        for place, lesson in enumerate(lessons, 1)
    ]


def _pause(random: Random) -> timedelta:
    return timedelta(seconds=int(3600 * random.triangular(*PAUSE_HOURS)))


def _awake(at: datetime) -> datetime:
    """That moment in whole seconds, or as long after midnight in the morning."""
    asleep = at.astimezone(CASABLANCA).hour < MORNING
    return at.replace(microsecond=0) + timedelta(hours=MORNING if asleep else 0)


def _take(random: Random, lesson: Lesson, at: datetime, *, stumbles: bool, certain: bool = False) -> Step:
    if lesson.kind == "quiz":
        return Step(
            lesson=lesson, opened_at=at, seconds=0, tries=_tries(random, lesson, at, stumbles, certain)
        )
    seconds = random.randint(*LESSON_SECONDS[lesson.kind])
    return Step(
        lesson=lesson,
        opened_at=at,
        seconds=seconds,
        finished_at=None if stumbles else at + timedelta(seconds=seconds),
    )


def _tries(random: Random, lesson: Lesson, at: datetime, stumbles: bool, certain: bool) -> list[Try]:
    """Until she passes; each try knows a little more. Who stumbles knows little, and gives up."""
    tries: list[Try] = []
    knows = 0.3 if stumbles else 1.0 if certain else random.uniform(0.62, 0.98)
    while len(tries) < QUIZ_TRIES and not (tries and tries[-1].passed):
        submitted_at = at + timedelta(seconds=random.randint(*QUIZ_SECONDS))
        tries.append(_one_try(random, lesson, at, submitted_at, knows))
        at = submitted_at + timedelta(minutes=random.randint(2, 90))
        knows = min(knows + (0.02 if stumbles else 0.2), 1.0)
    return tries


def _one_try(
    random: Random, lesson: Lesson, started_at: datetime, submitted_at: datetime, knows: float
) -> Try:
    answers, verdict = _handed_in(lesson, tuple(random.random() < knows for _ in lesson.questions))
    return Try(
        started_at=started_at,
        submitted_at=submitted_at,
        answers=answers,
        score=verdict.score,
        passed=verdict.passed,
    )


@lru_cache(maxsize=10_000)
def _handed_in(lesson: Lesson, right: tuple[bool, ...]) -> tuple[dict[str, Any], Grade]:
    """Answers that are right where `right` says so, and their grade: the same for thousands of women."""
    answers = {
        question["id"]: right_answer(question) if known else wrong_answer(question)
        for question, known in zip(lesson.questions, right, strict=True)
    }
    return answers, grade(lesson.questions, answers, pass_percent=lesson.pass_percent)


def right_answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """An answer in the form in which attempts keep it."""
    if question["kind"] == "short":
        return {"text": next(iter(question["accepted"].values()))[0]}
    return {"choices": [choice["id"] for choice in question["choices"] if choice["correct"]]}


def wrong_answer(question: Mapping[str, Any]) -> dict[str, Any]:
    if question["kind"] == "short":
        return {"text": "لا أعرف"}
    return {"choices": [choice["id"] for choice in question["choices"] if not choice["correct"]][:1]}
