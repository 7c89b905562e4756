"""Grading a quiz: one point a question, all or nothing. Pure: questions and answers in, verdicts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courses.assessment.numbers import number_of
from courses.assessment.questions import NUMERIC, ORDERING, SHORT
from lms.normalising import normalise

Question = Mapping[str, Any]
Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Grade:
    score: int
    passed: bool
    right: dict[str, bool]


def grade(questions: Sequence[Question], answers: Answers, *, pass_percent: int) -> Grade:
    """Score from 0 to 100, rounded down so that nobody passes by rounding."""
    right = {question["id"]: is_right(question, answers.get(question["id"], {})) for question in questions}
    score = 100 * sum(right.values()) // max(len(questions), 1)
    return Grade(score, score >= pass_percent, right)


def is_right(question: Question, answer: Mapping[str, Any]) -> bool:
    """Exactly the right choices or their order, a number near enough, or an accepted spelling in any language."""
    if question["kind"] == ORDERING:
        return list(answer.get("order", ())) == [choice["id"] for choice in question["choices"]]
    if question["kind"] == NUMERIC:
        return _is_near(question, str(answer.get("number", "")))
    if question["kind"] == SHORT:
        given = normalise(str(answer.get("text", "")))
        accepted = {
            normalise(spelling) for spellings in question["accepted"].values() for spelling in spellings
        }
        return bool(given) and given in accepted
    correct = {choice["id"] for choice in question["choices"] if choice["correct"]}
    return bool(correct) and set(answer.get("choices", ())) == correct


def _is_near(question: Question, written: str) -> bool:
    given, right, tolerance = map(number_of, (written, question["value"], question["tolerance"]))
    if given is None or right is None or tolerance is None:
        return False
    return abs(given - right) <= abs(tolerance)
