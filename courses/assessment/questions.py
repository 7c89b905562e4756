"""A quiz as trainers write it, language by language, and as a publication keeps it: one quiz, many tongues.

Written:   [{"id", "kind", "text", "choices": [{"id", "text", "correct"}], "accepted": [spelling, …], "feedback"}]
           an `ordering` has its choices in the right order; a `numeric` has "value" and "tolerance", as written
Published: the same with words by language: "text": {language: …}, "accepted": {language: [spelling, …]}.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from courses.assessment.numbers import number_of
from courses.catalogue.texts import in_language
from lms.languages import ARABIC
from lms.normalising import normalise

Question = Mapping[str, Any]

SHORT: Final = "short"
ORDERING: Final = "ordering"
NUMERIC: Final = "numeric"
KINDS: Final = ("single", "multiple", "true_false", SHORT, ORDERING, NUMERIC)
WITHOUT_CHOICES: Final = (SHORT, NUMERIC)


def settle_ids(written: Sequence[Question], known: Sequence[Sequence[Question]]) -> list[dict[str, Any]]:
    """Give each question and choice its id: the one it brings, else that of the same position, else a new one.

    `known` are the same quiz in other languages and as it was before; the first that has the position decides.
    """
    return [_settled(question, _twin(question, index, known)) for index, question in enumerate(written)]


def _twin(question: Question, index: int, known: Sequence[Sequence[Question]]) -> Question:
    if question.get("id"):
        return next((q for quiz in known for q in quiz if q["id"] == question["id"]), {})
    same_place = (quiz[index] for quiz in known if index < len(quiz))
    return next((q for q in same_place if q["kind"] == question["kind"]), {})


def _settled(question: Question, twin: Question) -> dict[str, Any]:
    choices = question.get("choices") or []
    twins = [choice["id"] for choice in twin.get("choices", ())]
    return {
        "id": question.get("id") or twin.get("id") or _new_id(),
        "kind": question["kind"],
        "text": question.get("text", ""),
        "choices": [
            {
                "id": choice.get("id") or (twins[place] if place < len(twins) else _new_id()),
                "text": choice.get("text", ""),
                "correct": bool(choice.get("correct")),
            }
            for place, choice in enumerate(choices)
        ],
        "accepted": [spelling for spelling in question.get("accepted") or () if normalise(spelling)],
        "feedback": question.get("feedback", ""),
        **_number(question),
    }


def _number(question: Question) -> dict[str, str]:
    """The right number and how far from it is still right. Other kinds carry neither, and keep their hash."""
    if question["kind"] != NUMERIC:
        return {}
    return {"value": question.get("value", ""), "tolerance": question.get("tolerance") or "0"}


def _new_id() -> str:
    return secrets.token_hex(6)


def repeated_ids(questions: Sequence[Question]) -> Iterator[str]:
    """Where an id stands twice: pointers below `/questions`."""
    seen: set[str] = set()
    for index, question in enumerate(questions):
        if question["id"] in seen:
            yield f"/{index}/id"
        seen.add(question["id"])
        ids = [choice["id"] for choice in question["choices"]]
        yield from (f"/{index}/choices/{place}/id" for place, id_ in enumerate(ids) if id_ in ids[:place])


def problems(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """What keeps a quiz from being published: (pointer below the questions, code)."""
    for index, question in enumerate(questions):
        if not question["text"].strip():
            yield f"/{index}/text", "question_text_missing"
        if any(not choice["text"].strip() for choice in question["choices"]):
            yield f"/{index}/choices", "question_text_missing"
        if question["kind"] not in WITHOUT_CHOICES and len(question["choices"]) < 2:
            yield f"/{index}/choices", "quiz_too_few_choices"
        if not _has_a_right_answer(question):
            yield f"/{index}", "quiz_without_right_answer"


def _has_a_right_answer(question: Question) -> bool:
    """One right choice (several where several may be chosen), an accepted spelling, a number, or choices to order."""
    if question["kind"] == ORDERING:
        return bool(question["choices"])
    if question["kind"] == NUMERIC:
        return number_of(question["value"]) is not None
    if question["kind"] == SHORT:
        return bool(question["accepted"])
    right = sum(choice["correct"] for choice in question["choices"])
    return bool(right >= 1 if question["kind"] == "multiple" else right == 1)


def differ(first: Sequence[Question], other: Sequence[Question]) -> bool:
    """Whether two languages ask different things: other questions, kinds, choices or right answers."""
    return {_bones(q) for q in first} != {_bones(q) for q in other} or len(first) != len(other)


def _bones(question: Question) -> tuple[object, ...]:
    return (
        question["id"],
        question["kind"],
        frozenset((choice["id"], choice["correct"]) for choice in question["choices"]),
        tuple(choice["id"] for choice in question["choices"]) if question["kind"] == ORDERING else (),
        *(number_of(written) for written in _number(question).values()),
    )


def merge(by_language: Mapping[str, Sequence[Question]]) -> list[dict[str, Any]]:
    """The published quiz, in the order of the first language. Expects languages that do not `differ`."""
    if not by_language:
        return []
    words = {
        language: {question["id"]: question for question in questions}
        for language, questions in by_language.items()
    }
    return [
        _merged(question, {language: known[question["id"]] for language, known in words.items()})
        for question in next(iter(by_language.values()))
    ]


def shown(questions: Sequence[Question], language: str | None) -> list[dict[str, Any]]:
    """A published quiz as a learner meets it, in its fixed order: nothing in it tells a right answer."""
    return [
        {
            "id": question["id"],
            "kind": question["kind"],
            "text": in_language(question["text"], [ARABIC], language),
            "choices": [
                {"id": choice["id"], "text": in_language(choice["text"], [ARABIC], language)}
                for choice in choices_shown(question)
            ],
        }
        for question in questions
    ]


def choices_shown(question: Question) -> Sequence[Mapping[str, Any]]:
    """The choices as a learner meets them. Those to be ordered stand by a digest of their ids: it tells no order."""
    choices: Sequence[Mapping[str, Any]] = question.get("choices", ())
    if question["kind"] != ORDERING:
        return choices
    return sorted(choices, key=lambda choice: sha256(f"{question['id']} {choice['id']}".encode()).digest())


def _merged(first: Question, tongues: Mapping[str, Question]) -> dict[str, Any]:
    texts = {
        language: {choice["id"]: choice["text"] for choice in question["choices"]}
        for language, question in tongues.items()
    }
    return {
        "id": first["id"],
        "kind": first["kind"],
        "text": {language: question["text"] for language, question in tongues.items()},
        "feedback": {
            language: question["feedback"] for language, question in tongues.items() if question["feedback"]
        },
        "choices": [
            {
                "id": choice["id"],
                "correct": choice["correct"],
                "text": {language: known[choice["id"]] for language, known in texts.items()},
            }
            for choice in first["choices"]
        ],
        "accepted": {
            language: question["accepted"] for language, question in tongues.items() if question["accepted"]
        },
        **_number(first),
    }
