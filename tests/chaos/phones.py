"""A bounded number of phones in the hands of many women, and of the staff beside them.

What a phone writes it sends again until it is taken, as the app does; what was taken is a promise, and the account
asks for each. Reading is asked once.
"""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpx

from tests.learners.imports.lists import as_csv

ROWS_OF_A_LIST: Final = 60
THINKING: Final = (0.02, 0.25)
NO_ANSWER: Final = 0
FINE: Final = frozenset({200, 201, 202, 204, 302, 304})
# Asked again a little later: nobody there, not now, or the first of two is still under way.
LATER: Final = frozenset({NO_ANSWER, 409, 503})


@dataclass(frozen=True)
class Woman:
    """A learner who has a phone in her hand now and then."""

    person: int
    key: str


@dataclass(frozen=True)
class Course:
    slug: str
    texts: Sequence[str]
    quiz: str


@dataclass(frozen=True)
class Cast:
    """Who takes part; `women` come one after the other."""

    women: SimpleQueue[Woman]
    course: Course
    facilitator: str
    centre_admin: str
    province_admin: str
    centre: str


@dataclass(frozen=True)
class Answer:
    """What came of one request: 0 is no answer at all."""

    began: float
    seconds: float
    status: int


@dataclass
class Heard:
    """What one phone was told, and what it asked for."""

    answers: list[Answer] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)
    events: set[tuple[int, str]] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    attempts: set[str] = field(default_factory=set)
    registered: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)


class Stopped(Exception):
    """The phone was put away."""


@dataclass
class Phone:
    base_url: str
    cast: Cast
    chance: random.Random
    stop: threading.Event
    heard: Heard = field(default_factory=Heard)

    def use(self) -> None:
        """One visit after the other until told to stop; the last request is not given up half-way."""
        visits = list(VISITS)
        with httpx.Client(base_url=self.base_url, timeout=30) as self.http:
            while not self.stop.is_set():
                [visit] = self.chance.choices(visits, weights=[VISITS[each] for each in visits])
                try:
                    visit(self)
                except Stopped:
                    return

    def ask(self, key: str, method: str, path: str, *, expected: Sequence[int] = (), **more: Any) -> Any:
        """Ask once; None where there was no answer, or one that says: later."""
        headers = ({"Authorization": f"Bearer {key}"} if key else {}) | more.pop("headers", {})
        began = time.monotonic()
        try:
            answer = self.http.request(method, path, headers=headers, **more)
        except httpx.TransportError:
            self.heard.answers.append(Answer(began, time.monotonic() - began, NO_ANSWER))
            return None
        self.heard.answers.append(Answer(began, time.monotonic() - began, answer.status_code))
        self._judge(method, path, answer, expected)
        time.sleep(self.chance.uniform(*THINKING))
        return answer if answer.status_code in FINE else None

    def surely(self, key: str, method: str, path: str, **more: Any) -> Any:
        """Ask until it is taken."""
        headers = {"Idempotency-Key": str(self.id()), **more.pop("headers", {})} if method == "POST" else {}
        while (answer := self.ask(key, method, path, headers=headers, **more)) is None:
            if self.heard.odd:
                raise Stopped  # a refusal that nobody expected does not become better by repeating it
            time.sleep(self.chance.uniform(0.2, 0.6))
        return answer

    def go_on(self) -> None:
        """Between two requests: put the phone away if it is time."""
        if self.stop.is_set():
            raise Stopped

    def id(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def _judge(self, method: str, path: str, answer: httpx.Response, expected: Sequence[int]) -> None:
        status = answer.status_code
        fine = status in FINE or status in expected or status in LATER
        if not fine or (status == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" not in answer.headers):
            shape = "/".join("…" if len(part) > 30 else part for part in path.split("/"))
            self.heard.odd[f"{method} {shape}: {status} {answer.text[:160]}"] += 1


def learn(phone: Phone) -> None:
    """A woman from the catalogue to her certificate, part of it without a network."""
    try:
        woman = phone.cast.women.get_nowait()
    except Empty:
        look_around(phone)
        return
    course = phone.cast.course
    phone.ask(woman.key, "GET", "/api/v1/courses")
    enrolment = phone.surely(woman.key, "POST", "/api/v1/enrolments", json={"course": course.slug}).json()[
        "id"
    ]
    _read_outline(phone, woman)
    for lesson in course.texts:
        _send(phone, woman, [_event(phone, enrolment, lesson, "opened", seconds=phone.chance.randint(0, 90))])
    _come_back(phone, woman, enrolment)
    _take_quiz(phone, woman, enrolment)
    _look_at_proof(phone, woman, enrolment)


def _read_outline(phone: Phone, woman: Woman) -> None:
    path = f"/api/v1/courses/{phone.cast.course.slug}/outline"
    outline = phone.ask(woman.key, "GET", path)
    if outline is not None:
        phone.ask(woman.key, "GET", path, headers={"If-None-Match": outline.headers["ETag"]})


def _event(phone: Phone, enrolment: str, lesson: str, verb: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(phone.id()),
        "enrolment": enrolment,
        "lesson": lesson,
        "verb": verb,
        "occurred_at": datetime.now(UTC).isoformat(),
        **fields,
    }


def _come_back(phone: Phone, woman: Woman, enrolment: str) -> None:
    """A day without a network: many events, some of them twice, in any order; and the whole batch once more."""
    events = [
        _event(phone, enrolment, lesson, "progressed", seconds=phone.chance.randint(1, 60), percent=percent)
        for lesson in phone.cast.course.texts
        for percent in range(10, 100, 10)
    ]
    events += [_event(phone, enrolment, lesson, "finished") for lesson in phone.cast.course.texts]
    events += phone.chance.sample(events, 5)
    phone.chance.shuffle(events)
    _send(phone, woman, events)
    _send(phone, woman, events)


def _send(phone: Phone, woman: Woman, events: Sequence[dict[str, Any]]) -> None:
    body = {"device": "phone", "events": list(events)}
    answer = phone.surely(woman.key, "POST", "/api/v1/progress/events", json=body).json()
    taken = {"accepted", "duplicate"}
    phone.heard.events |= {(woman.person, one["id"]) for one in answer["results"] if one["status"] in taken}
    if refused := [one for one in answer["results"] if one["status"] not in taken]:
        phone.heard.odd[f"event refused: {refused[0].get('code')}"] += 1
    _note_completed(phone, answer["enrolments"])


def _note_completed(phone: Phone, enrolments: Sequence[dict[str, Any]]) -> None:
    phone.heard.completed |= {one["id"] for one in enrolments if one["state"] == "completed"}


def _take_quiz(phone: Phone, woman: Woman, enrolment: str) -> None:
    """Sometimes wrong first; handed in twice each time, as an impatient finger does."""
    for choice in ["c2", "c1"] if phone.chance.random() < 0.3 else ["c1"]:
        phone.go_on()
        attempt = str(phone.id())
        phone.heard.attempts.add(attempt)
        path = f"/api/v1/enrolments/{enrolment}/lessons/{phone.cast.course.quiz}/attempts"
        phone.surely(woman.key, "POST", path, json={"id": attempt})
        answers = {"answers": [{"question": "q1", "choices": [choice]}]}
        phone.surely(woman.key, "PUT", f"/api/v1/attempts/{attempt}/answers", json=answers)
        for _again in range(2):
            phone.surely(woman.key, "POST", f"/api/v1/attempts/{attempt}/submit")


def _look_at_proof(phone: Phone, woman: Woman, enrolment: str) -> None:
    now = phone.ask(woman.key, "GET", f"/api/v1/enrolments/{enrolment}")
    if now is not None:
        _note_completed(phone, [now.json()])
    listed = phone.ask(woman.key, "GET", "/api/v1/certificates")
    for certificate in listed.json()["results"] if listed is not None else ():
        path = f"/api/v1/certificates/{certificate['id']}/document"
        phone.ask(woman.key, "GET", path, expected=[409])
    phone.ask(woman.key, "GET", "/api/v1/notifications")


def look_around(phone: Phone) -> None:
    """A page and the catalogue, as a visitor sees them."""
    phone.ask("", "GET", "/courses")
    phone.ask("", "GET", "/api/v1/courses")


def register(phone: Phone) -> None:
    """A facilitator registers a woman who sits beside her."""
    family = f"الزائرة {phone.id().hex}"
    body = {
        "first_name": "فاطمة",
        "family_name": family,
        "birth_year": 1985,
        "organisation": phone.cast.centre,
        "consent": True,
    }
    phone.heard.registered[family] = ""
    answer = phone.surely(phone.cast.facilitator, "POST", "/api/v1/registrations", json=body)
    phone.heard.registered[family] = answer.json()["id"]


def report(phone: Phone) -> None:
    phone.ask(phone.cast.province_admin, "GET", "/api/v1/reports/completion")


def send_list(phone: Phone) -> None:
    """A centre's list of women, two of them without a name."""
    first = phone.chance.randrange(10**7)
    family = "".join(phone.chance.choices("ابتثجحخدرزسشصضطعغفقكلمنهوي", k=12))
    rows = [
        ("فاطمة" if number > 1 else "", family, f"06{first + number:08d}", "1990")
        for number in range(ROWS_OF_A_LIST)
    ]
    name = f"list-{phone.id().hex}.csv"
    phone.heard.lists[name] = ""
    answer = phone.surely(
        phone.cast.centre_admin,
        "POST",
        "/api/v1/imports",
        files={"file": (name, as_csv(rows))},
        data={"organisation": phone.cast.centre},
    )
    phone.heard.lists[name] = answer.json()["id"]


# Visit → how often it comes among a hundred.
VISITS: Final[dict[Callable[[Phone], None], int]] = {
    learn: 70,
    look_around: 12,
    register: 8,
    report: 8,
    send_list: 2,
}
