"""What raw WSGI and Django with SQL share: from a request to the rows, and from the rows to the answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.floors import statements

Rows = Sequence[tuple[Any, ...]]
Body = Mapping[str, Any]

COURSE = ("id", "slug", "title", "summary", "modules", "lessons", "status", "done")
LEARNER = ("id", "name", "status", "done", "completed_at")


@dataclass(frozen=True)
class Answer:
    """The one statement of a workload; `bind` names what a request brings, `present` is the body of the answer."""

    sql: str
    bind: Callable[[Body], dict[str, Any]]
    present: Callable[[Rows], Any]


def catalogue(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(COURSE, row, strict=True)) for row in rows]


def outline(rows: Rows) -> dict[str, Any]:
    modules: dict[int, dict[str, Any]] = {}
    for module, title, lesson, lesson_title, kind, minutes, percent, done in rows:
        shown = modules.setdefault(module, {"id": module, "title": title, "lessons": []})
        shown["lessons"].append(
            {
                "id": lesson,
                "title": lesson_title,
                "kind": kind,
                "minutes": minutes,
                "percent": percent or 0,
                "done": bool(done),
            }
        )
    return {"modules": list(modules.values())}


def bind_batch(body: Body) -> dict[str, Any]:
    events = body["events"]
    names = {"ids": "id", "lessons": "lesson", "percents": "percent", "ats": "at"}
    return {column: [event[name] for event in events] for column, name in names.items()}


def bind_quiz(body: Body) -> dict[str, Any]:
    return {
        "quiz": body["quiz"],
        "questions": [answer["question"] for answer in body["answers"]],
        "choices": [answer["choice"] for answer in body["answers"]],
    }


def report(rows: Rows) -> list[list[Any]]:
    return [[*row[:4], *map(int, row[4:])] for row in rows]


def person(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(LEARNER, row, strict=True)) for row in rows]


def _number(name: str) -> Callable[[Body], dict[str, Any]]:
    return lambda asked: {name: int(asked[name])}


ANSWERS: dict[str, Answer] = {
    "catalogue": Answer(statements.CATALOGUE, _number("after"), catalogue),
    "outline": Answer(statements.OUTLINE, _number("course"), outline),
    "event": Answer(
        statements.EVENT,
        lambda body: {"lesson": body["lesson"], "percent": body["percent"]},
        lambda rows: {"done": rows[0][0], "status": rows[0][1]},
    ),
    "batch": Answer(
        statements.BATCH, bind_batch, lambda rows: {"accepted": rows[0][0], "changed": rows[0][1]}
    ),
    "quiz": Answer(statements.QUIZ, bind_quiz, lambda rows: {"attempt": rows[0][0], "score": rows[0][1]}),
    "report": Answer(statements.REPORT, _number("course"), report),
    "person": Answer(
        statements.PERSON,
        lambda asked: {"course": int(asked["course"]), "centre": int(asked["centre"])},
        person,
    ),
}
