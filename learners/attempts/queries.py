"""A go at a quiz as people see it: the questions in their language, what she answered, and how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from courses.assessment.numbers import number_of
from courses.assessment.questions import NUMERIC, ORDERING, choices_shown
from courses.catalogue.texts import in_language, language_of
from learners.attempts.grading import grade
from learners.attempts.models import Attempt, AttemptQuerySet
from learners.enrolments.models import EnrolmentState
from lms.access.scoping import HasScope
from lms.languages import ARABIC


@dataclass(frozen=True)
class Choice:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question with her answer so far. `right` is None until she has handed in; what is right is never said."""

    id: str
    kind: str
    language: str
    text: str
    choices: Sequence[Choice]
    given: str
    places: Sequence[str]
    right: bool | None
    feedback: str

    @property
    def answered(self) -> bool:
        if self.kind == ORDERING:
            return sorted(self.places) == sorted(choice.id for choice in self.choices)
        if self.kind == NUMERIC:
            return number_of(self.given) is not None
        return bool(self.given.strip()) or any(choice.chosen for choice in self.choices)


def attempts_of(person: HasScope) -> AttemptQuerySet:
    """Her goes at quizzes of courses that she has not left, each with its lesson and course."""
    mine = Attempt.objects.visible_to(person).exclude(enrolment__state=EnrolmentState.WITHDRAWN)
    return mine.select_related("lesson", "enrolment__course", "enrolment__publication", "enrolment__cohort")


def questions_of(attempt: Attempt) -> list[Asked]:
    """The questions of an attempt, answered and, once it was handed in, graded."""
    questions, wanted = attempt.lesson.questions, get_language()
    graded = grade(questions, attempt.answers, pass_percent=attempt.lesson.pass_percent).right
    right: Mapping[str, bool] = graded if attempt.submitted_at else {}
    return [
        _asked(question, attempt.answers.get(question["id"], {}), wanted, right) for question in questions
    ]


def _asked(
    question: Mapping[str, Any], answer: Mapping[str, Any], wanted: str | None, right: Mapping[str, bool]
) -> Asked:
    language = language_of(question["text"], [ARABIC], wanted)
    return Asked(
        id=question["id"],
        kind=question["kind"],
        language=language,
        text=question["text"].get(language, ""),
        choices=[
            Choice(
                choice["id"], in_language(choice["text"], [ARABIC], language), choice["id"] in _chosen(answer)
            )
            for choice in choices_shown(question)
        ],
        given=str(answer.get("text", answer.get("number", ""))),
        places=answer.get("order") or [""] * len(question.get("choices", ())),
        right=right.get(question["id"]),
        feedback=in_language(question.get("feedback") or {}, [ARABIC], language),
    )


def _chosen(answer: Mapping[str, Any]) -> Sequence[str]:
    chosen: Sequence[str] = answer.get("choices", ())
    return chosen
