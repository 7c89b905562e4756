"""What the four servers are asked: the same questions about the same country, each in the server's own words.

`@` in a body stands for an id that no request had before; the load generator puts it there.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from tests.bench.floors.tokens import sign
from tests.bench.plan import EVENTS_PER_BATCH, LESSONS, QUESTIONS, Size

OURS: Final = "ours"
FLOORS: Final = ("raw", "django_sql", "drf")
SERVERS: Final = (OURS, *FLOORS)

FRESH_ID: Final = "@"
PAGE: Final = 20
OCCURRED_AT: Final = "2026-11-20T10:00:00Z"


@dataclass(frozen=True)
class Asked:
    """One HTTP request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""


def public_id(word: str, *numbers: int) -> UUID:
    """The id under which country.sql made a row: `md5('enrolment-7-1')::uuid`."""
    name = "-".join([word, *map(str, numbers)])
    return UUID(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest())


# What a workload asks, before it is said in a server's words.
@dataclass(frozen=True)
class Step:
    """How far she came in a lesson; `lesson` counts through all courses from 1. 100 per cent is finished."""

    course: int
    lesson: int
    percent: int


class Asker:
    """Draws the questions of one server; `random` is its own, so that no server is helped by what another wrote."""

    def __init__(self, server: str, size: Size, random: Random) -> None:
        self.server, self.size, self.random = server, size, random
        self.turn = 0

    def learner(self) -> int:
        return self.random.randint(1, self.size.learners)

    def step(self, learner: int, percent: int) -> Step:
        """In a course of hers, in a lesson that is no quiz."""
        course = self.random.choice(self.size.courses_of(learner))
        return Step(course, (course - 1) * LESSONS + self.random.randint(1, LESSONS - 1), percent)

    def steps(self, learner: int) -> list[Step]:
        """A day without network: a hundred steps in two of her courses."""
        return [self.step(learner, self.random.randint(1, 100)) for _ in range(EVENTS_PER_BATCH)]

    def next_learner(self) -> int:
        """Each in her turn, since a quiz is handed in once."""
        self.turn = self.turn % self.size.learners + 1
        return self.turn


def questions(workload: str, server: str, size: Size, *, count: int, seed: int = 0) -> Iterator[list[Asked]]:
    """`count` units of a workload; a unit is one request, or several where ours needs several for the same answer."""
    asker = Asker(server, size, Random(f"{workload} {server} {seed}"))
    ask = (_OURS if server == OURS else _FLOORS)[workload]
    for _ in range(count):
        yield ask(asker)


def _get(headers: Mapping[str, str], path: str, **query: object) -> Asked:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return Asked("GET", f"{path}?{asked}" if asked else path, headers)


def _post(headers: Mapping[str, str], path: str, body: Mapping[str, Any]) -> Asked:
    text = json.dumps(body, separators=(",", ":"))
    return Asked("POST", path, {**headers, "Content-Type": "application/json"}, text)


# The floors -------------------------------------------------------------------------------------------------------


def _floor(learner: int) -> dict[str, str]:
    return {"X-Auth": sign(learner), "Accept-Language": "ar"}


def _floor_catalogue(ask: Asker) -> list[Asked]:
    after = PAGE * ask.random.randrange(max(ask.size.courses // PAGE, 1))
    return [_get(_floor(ask.learner()), "/catalogue", after=after)]


def _floor_outline(ask: Asker) -> list[Asked]:
    return [_get(_floor(ask.learner()), "/outline", course=1)]


def _floor_event(ask: Asker) -> list[Asked]:
    learner = ask.learner()
    step = ask.step(learner, 100)
    return [_post(_floor(learner), "/event", {"lesson": step.lesson, "percent": step.percent})]


def _floor_batch(ask: Asker) -> list[Asked]:
    learner = ask.learner()
    events = [
        {"id": FRESH_ID, "lesson": step.lesson, "percent": step.percent, "at": OCCURRED_AT}
        for step in ask.steps(learner)
    ]
    return [_post(_floor(learner), "/batch", {"events": events})]


def _floor_quiz(ask: Asker) -> list[Asked]:
    quiz = ask.random.randint(1, ask.size.courses)
    answers = [
        {"question": (quiz - 1) * QUESTIONS + place, "choice": ask.random.randint(1, 4)}
        for place in range(1, QUESTIONS + 1)
    ]
    return [_post(_floor(ask.next_learner()), "/quiz", {"quiz": quiz, "answers": answers})]


def _floor_report(ask: Asker) -> list[Asked]:
    return [_get(_floor(ask.learner()), "/report", course=1)]


def _floor_person(ask: Asker) -> list[Asked]:
    centre = ask.random.randint(1, ask.size.centres)
    return [_get(_floor(ask.learner()), "/person", course=1, centre=centre)]


# Ours -------------------------------------------------------------------------------------------------------------


def signed_in(person: int) -> dict[str, str]:
    return {"Authorization": f"Bearer session{person}", "Accept-Language": "ar"}


def _ours_catalogue(ask: Asker) -> list[Asked]:
    after = PAGE * ask.random.randrange(max(ask.size.courses // PAGE, 1))
    cursor = base64.urlsafe_b64encode(f"p={after}".encode()).decode()
    return [_get(signed_in(ask.learner()), "/api/v1/courses", page_size=PAGE, cursor=cursor)]


def _ours_outline(ask: Asker) -> list[Asked]:
    learner = ask.learner()
    return [_get(signed_in(learner), f"/api/v1/enrolments/{public_id('enrolment', learner, 1)}/outline")]


def _sent(learner: int, step: Step) -> dict[str, Any]:
    finished = (
        {"verb": "finished"} if step.percent == 100 else {"verb": "progressed", "percent": step.percent}
    )
    return {
        "id": FRESH_ID,
        "enrolment": str(public_id("enrolment", learner, step.course)),
        "lesson": str(public_id("lesson", step.lesson)),
        "occurred_at": OCCURRED_AT,
        "seconds": 60,
        **finished,
    }


def _ours_event(ask: Asker) -> list[Asked]:
    learner = ask.learner()
    body = {"device": "bench", "events": [_sent(learner, ask.step(learner, 100))]}
    return [_post(signed_in(learner), "/api/v1/progress/events", body)]


def _ours_batch(ask: Asker) -> list[Asked]:
    learner = ask.learner()
    body = {"device": "bench", "events": [_sent(learner, step) for step in ask.steps(learner)]}
    return [_post(signed_in(learner), "/api/v1/progress/events", body)]


def _ours_quiz(ask: Asker) -> list[Asked]:
    learner = ask.next_learner()
    answers = [
        {"question": f"q{place}", "choices": [f"c{ask.random.randint(1, 4)}"]}
        for place in range(1, QUESTIONS + 1)
    ]
    path = f"/api/v1/attempts/{public_id('attempt', learner)}/submit"
    return [_post(signed_in(learner), path, {"answers": answers})]


def _ours_report(ask: Asker) -> list[Asked]:
    ministry = ask.size.learners + 1
    return [_get(signed_in(ministry), "/api/v1/reports/completion", course="course-1", level="province")]


def _ours_person(ask: Asker) -> list[Asked]:
    """Her own centre's administrator, who reads names; that she did is written down."""
    centre = ask.random.randint(1, ask.size.centres)
    headers = signed_in(ask.size.learners + 1 + centre)
    return [
        _get(headers, "/api/v1/reports/completion/learners", course="course-1", organisation=f"c{centre}")
    ]


Ask = Callable[[Asker], list[Asked]]

_FLOORS: Final[dict[str, Ask]] = {
    "catalogue": _floor_catalogue,
    "outline": _floor_outline,
    "event": _floor_event,
    "batch": _floor_batch,
    "quiz": _floor_quiz,
    "report": _floor_report,
    "person": _floor_person,
}
_OURS: Final[dict[str, Ask]] = {
    "catalogue": _ours_catalogue,
    "outline": _ours_outline,
    "event": _ours_event,
    "batch": _ours_batch,
    "quiz": _ours_quiz,
    "report": _ours_report,
    "person": _ours_person,
}
REQUESTS: Final = tuple(_OURS)
WORKLOADS: Final = (*REQUESTS, "certificates", "import")
