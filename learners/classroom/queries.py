"""Where a learner stands in her courses: the outline she is pinned to, together with what she has done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, Q
from django.utils.translation import get_language

from courses.authoring.models import Opening
from courses.publishing.models import PublishedOutline
from courses.publishing.rules import ModuleRule
from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment, EnrolmentQuerySet, EnrolmentState
from learners.progress.models import LessonProgress, LessonState
from learners.progress.openings import OPEN, Gate, finished_in, gates_of
from lms.access.scoping import HasScope
from lms.errors import NotFound
from lms.languages import ARABIC


@dataclass(frozen=True, kw_only=True)
class Step:
    """One lesson of a course, and how far she is with it. `number` counts from 1 through the whole course."""

    id: UUID
    number: int
    kind: str
    title: str
    minutes: int
    bytes: int
    required: bool
    pass_percent: int | None
    open: bool = True
    state: str = ""
    score: int | None = None
    attested: bool = False  # recorded for her at her centre
    position: int | None = None  # the second of a film or sound at which she stopped

    @property
    def finished(self) -> bool:
        return self.state == LessonState.FINISHED


@dataclass(frozen=True)
class Part:
    """One module with its lessons; where it is closed, the day it opens or the title of the one to finish first."""

    title: str
    steps: Sequence[Step]
    gate: Gate = OPEN
    after: str = ""

    @property
    def finished(self) -> bool:
        return all(step.finished for step in self.steps if step.required)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A course as she meets it. `enrolment` is None for who only looks; `language` is that of all titles."""

    slug: str
    title: str
    language: str
    parts: Sequence[Part]
    enrolment: Enrolment | None = None
    next_steps: Sequence[Mapping[str, str]] = ()  # what she may do after it: kind, title, body, link

    @property
    def steps(self) -> list[Step]:
        return [step for part in self.parts for step in part.steps]

    @property
    def missing(self) -> list[Step]:
        """The required lessons that are still to be done, in their order."""
        return [step for step in self.steps if step.required and not step.finished]

    @property
    def total(self) -> int:
        return sum(step.required for step in self.steps)

    @property
    def done(self) -> int:
        return self.total - len(self.missing)

    @property
    def completed(self) -> bool:
        return self.enrolment is not None and self.enrolment.completed_at is not None

    @property
    def begun(self) -> bool:
        return any(step.state for step in self.steps)

    @property
    def next(self) -> Step | None:
        """Where she goes on: the first required lesson that she has not finished, of those open to her."""
        return next((step for step in self.missing if step.open), None)

    @property
    def waiting(self) -> Part | None:
        """Where nothing is left to do but wait: the module that opens next."""
        if self.completed or self.next:
            return None
        return next((part for part in self.parts if not part.gate.open), None)

    def step(self, lesson: UUID) -> Step | None:
        return next((step for step in self.steps if step.id == lesson), None)

    def follower(self, step: Step) -> Step | None:
        return next((other for other in self.steps if other.number == step.number + 1), None)

    def after(self, step: Step) -> Step | None:
        """What follows a lesson: the next one in order that is not finished, else where she goes on."""
        later = [
            other for other in self.steps if other.number > step.number and other.open and not other.finished
        ]
        return later[0] if later else self.next


def standings_of(person: HasScope, *, at: datetime) -> list[Standing]:
    """Her courses, the one she was last in first. Three statements, however many they are."""
    mine = list(_enrolments(person).order_by("-last_active_at", "-id"))
    done = _progress(mine)
    outlines = _outlines({enrolment.publication_id for enrolment in mine})
    return [
        _standing(outlines[enrolment.publication_id], enrolment, done.get(enrolment.pk, {}), at)
        for enrolment in mine
    ]


def enrolment_in(person: HasScope, slug: str) -> Enrolment:
    """Her enrolment on a course; `NotFound` where she has none, or has left. One statement."""
    enrolment = _enrolments(person).filter(course__slug=slug).first()
    if enrolment is None:
        raise NotFound
    return enrolment


def standing_of(enrolment: Enrolment, *, at: datetime) -> Standing:
    """Where she stands in one course. Two statements."""
    done = _progress([enrolment]).get(enrolment.pk, {})
    return _standing(_outlines({enrolment.publication_id})[enrolment.publication_id], enrolment, done, at)


def outline_of(publication_id: int, *, at: datetime) -> Standing:
    """A publication as someone meets it who has not joined. One statement."""
    return _standing(_outlines({publication_id})[publication_id], None, {}, at)


def unfinished_attempt(enrolment: Enrolment, lesson: UUID) -> Attempt | None:
    """Her latest go at a quiz that she has not handed in. One statement."""
    attempts = Attempt.objects.filter(enrolment=enrolment, lesson__uuid=lesson, submitted_at=None)
    return attempts.order_by("-started_at", "-id").first()


def _enrolments(person: HasScope) -> EnrolmentQuerySet:
    """Her own and current ones, whichever ability brought her here."""
    mine = Enrolment.objects.filter(learner_id=person.scope.person_id)
    return mine.exclude(state=EnrolmentState.WITHDRAWN).select_related("course", "publication", "cohort")


def _progress(enrolments: Sequence[Enrolment]) -> dict[int, dict[UUID, LessonProgress]]:
    done: dict[int, dict[UUID, LessonProgress]] = {}
    for row in LessonProgress.objects.filter(enrolment__in=enrolments) if enrolments else ():
        done.setdefault(row.enrolment_id, {})[row.lesson] = row
    return done


def _outlines(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The stored outlines in the language at hand, else in each course's first language. One statement."""
    wanted = get_language() or ARABIC
    rows = PublishedOutline.objects.filter(
        Q(language=wanted) | Q(language=F("publication__languages__0")), publication_id__in=publication_ids
    )
    found: dict[int, dict[str, Any]] = {}
    for publication_id, language, identity in rows.values_list("publication_id", "language", "identity"):
        if publication_id not in found or language == wanted:
            found[publication_id] = orjson.loads(bytes(identity))
    return found


def _standing(
    outline: Mapping[str, Any], enrolment: Enrolment | None, done: Mapping[UUID, LessonProgress], at: datetime
) -> Standing:
    modules = outline["modules"]
    rules = [_rule(module) for module in modules]
    finished = finished_in(done.values())
    opened = gates_of(enrolment, rules, finished=finished, at=at) if enrolment else [OPEN] * len(rules)
    parts: list[Part] = []
    number = 0
    for module, gate in zip(modules, opened, strict=True):
        lessons = enumerate(module["lessons"], number + 1)
        steps = [_step(lesson, place, done, gate) for place, lesson in lessons]
        number += len(steps)
        after = modules[gate.after - 1]["title"] if gate.after else ""
        parts.append(Part(module["title"], steps, gate, after))
    return Standing(
        slug=outline["course"]["slug"],
        title=outline["course"]["title"],
        language=outline["language"],
        parts=parts,
        enrolment=enrolment,
        next_steps=outline.get("next_steps", ()),
    )


def _rule(module: Mapping[str, Any]) -> ModuleRule:
    """As an outline says it; those compiled before there were rules say nothing, and their modules open at once."""
    return ModuleRule(
        module.get("opens", Opening.AT_ONCE),
        module.get("opens_after_days", 0),
        frozenset(UUID(lesson["id"]) for lesson in module["lessons"]),
        frozenset(UUID(lesson["id"]) for lesson in module["lessons"] if lesson["required"]),
    )


def _step(lesson: Mapping[str, Any], number: int, done: Mapping[UUID, LessonProgress], gate: Gate) -> Step:
    id_ = UUID(lesson["id"])
    row = done.get(id_)
    return Step(
        id=id_,
        number=number,
        kind=lesson["kind"],
        title=lesson["title"],
        minutes=lesson["minutes"],
        bytes=lesson["bytes"],
        required=lesson["required"],
        pass_percent=lesson["pass_percent"],
        open=gate.open,
        state=row.state if row else "",
        score=row.score if row else None,
        attested=bool(row and row.attested),
        position=row.position if row else None,
    )
