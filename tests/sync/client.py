"""A phone that follows docs/sync.md, and nothing else: the reference for whoever writes an app.

It knows the API by its answers alone. Time passes through `wait`, chance through `chance`, the network through `line`,
storage through `kept`: so that a test decides about all of them.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final, Protocol

EVENTS_AT_MOST: Final = 500
LONGEST_WAIT: Final = 300.0
TRIES: Final = 8
CHUNK: Final = 256 * 1024
# The batch as a whole was too much: half of it may do.
TOO_MUCH: Final = frozenset({413, 422})
# Nothing is said about what was sent: it waits, and is sent again as it is.
COME_BACK: Final = frozenset({408, 429, 500, 502, 503, 504, 507})
# A go at a quiz that may be taken later; every other refusal of it is final.
NOT_YET: Final = frozenset({"module_closed", "idempotency_in_progress"})
# What one keeps of a film and of a sound: the first of these that is listed.
CHOICES: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "text": {"film": (), "sound": ()},
    "audio": {"film": ("audio", "original"), "sound": ("audio", "original")},
    "video": {"film": ("video_240p", "original"), "sound": ("audio", "original")},
}
MEDIA: Final = frozenset({"original", "audio", "video_240p"})


class NoAnswer(Exception):
    """The line broke before the answer was there; whether the server acted is not known."""


class SignInAgain(Exception):
    """The session has ended. Everything waits until she has signed in."""


class PhoneFull(Exception):
    """No room for the next file; what is kept stays."""


class Damaged(Exception):
    """A file came twice with other bytes than the manifest names. `url` says which."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        """The refusal's: of the first thing to correct where there is one."""
        said = self.said if "json" in self.headers.get("Content-Type", "") else {}
        return str((said.get("errors") or [said])[0].get("code", ""))


class Line(Protocol):
    def ask(
        self, method: str, url: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer: ...


@dataclass
class Go:
    """A go at a quiz, made without a network."""

    id: str
    enrolment: str
    lesson: str
    publication: int
    answers: list[dict[str, Any]]


@dataclass
class Room:
    """The phone's storage for files, by SHA-256."""

    most: int = 10**9
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, sha256: str, content: bytes) -> None:
        if sum(map(len, self.files.values())) + len(content) > self.most:
            raise PhoneFull
        self.files[sha256] = content


@dataclass
class Phone:
    """One woman's part of a device. Two women on one device are two of these: neither sends what is the other's."""

    name: str
    line: Line
    wait: Callable[[float], None]
    clock: Callable[[], datetime]
    chance: Random = field(default_factory=Random)
    room: Room = field(default_factory=Room)
    batch: int = EVENTS_AT_MOST
    queue: dict[str, dict[str, Any]] = field(default_factory=dict)
    goes: dict[str, Go] = field(default_factory=dict)
    grades: dict[str, dict[str, Any]] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    partly: dict[str, bytes] = field(default_factory=dict)

    # What she does

    def record(self, enrolment: str, lesson: str, verb: str, **more: Any) -> dict[str, Any]:
        """Keep what she did; it leaves only when the server has acknowledged it."""
        event = {"id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)), "enrolment": enrolment}
        event |= {"lesson": lesson, "verb": verb, "occurred_at": self.clock().isoformat(), **more}
        self.queue[event["id"]] = event
        return event

    def answer(self, enrolment: str, lesson: str, publication: int, answers: list[dict[str, Any]]) -> Go:
        go = Go(
            str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            enrolment,
            lesson,
            publication,
            answers,
        )
        self.goes[go.id] = go
        return go

    @property
    def waiting(self) -> int:
        """`3 things waiting to be sent`."""
        return len(self.queue) + len(self.goes)

    # Sending

    def sync(self) -> bool:
        """Send all that waits; whether nothing is left. What was refused for good stands in `aside` with its code."""
        for go in list(self.goes.values()):
            self._hand_in(go)
        self._send(list(self.queue.values()))
        return not self.waiting

    def _send(self, events: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(events), self.batch):
            self._send_batch(events[start : start + self.batch])

    def _send_batch(self, events: Sequence[dict[str, Any]]) -> None:
        body = {
            "device": self.name,
            "release": "reference",
            "waiting": self.waiting - len(events),
            "events": list(events),
        }
        answer = self._patiently("POST", "/api/v1/progress/events", body)
        if answer is None:
            return
        if answer.status == 200:
            self._acknowledged(events, answer.said["results"])
        elif answer.status in TOO_MUCH and len(events) > 1:
            half = len(events) // 2
            self._send_batch(events[:half])
            self._send_batch(events[half:])
        else:
            self._set_aside([event["id"] for event in events], answer.code)

    def _acknowledged(self, events: Sequence[dict[str, Any]], results: Sequence[Mapping[str, Any]]) -> None:
        """One result for each event, in the order sent: taken or known is done, refused is put aside for her to see."""
        for event, result in zip(events, results, strict=True):
            self.queue.pop(event["id"], None)
            if result["status"] == "refused":
                self.aside[event["id"]] = result["code"]

    def _set_aside(self, ids: Iterable[str], code: str) -> None:
        for id_ in ids:
            self.queue.pop(id_, None)
            self.goes.pop(id_, None)
            self.aside[id_] = code

    def _hand_in(self, go: Go) -> None:
        """Start it under its own id, then hand it in with its answers: each may be repeated."""
        path = f"/api/v1/enrolments/{go.enrolment}/lessons/{go.lesson}/attempts"
        started = self._patiently("POST", path, {"id": go.id, "publication": go.publication})
        if started is None or started.code in NOT_YET:
            return
        if started.status not in {200, 201}:
            self._set_aside([go.id], started.code)
            return
        graded = self._patiently("POST", f"/api/v1/attempts/{go.id}/submit", {"answers": go.answers})
        if graded is None or graded.code in NOT_YET:
            return
        if graded.status == 200:
            self.grades[go.id] = graded.said
            self.goes.pop(go.id, None)
        else:
            self._set_aside([go.id], graded.code)

    def _patiently(self, method: str, url: str, body: Any = None, **headers: str) -> Answer | None:
        """Ask until there is an answer that says something; None when there was none in eight tries."""
        for tries in range(TRIES):
            try:
                answer = self.line.ask(method, url, body=body, headers=headers)
            except NoAnswer:
                self.wait(self._back_off(tries))
                continue
            if answer.status == 401:
                raise SignInAgain
            if answer.status not in COME_BACK:
                return answer
            self.wait(max(self._back_off(tries), float(answer.headers.get("Retry-After", 0))))
        return None

    def _back_off(self, tries: int) -> float:
        """2, 4, 8 … 300 seconds, each between the half and the whole: a village that comes online spreads out."""
        return min(2.0 ** (tries + 1), LONGEST_WAIT) * self.chance.uniform(0.5, 1.0)

    # Keeping a course

    def manifest(
        self, course: str, publication: int, language: str, *, since: int | None = None
    ) -> dict[str, Any]:
        path = f"/api/v1/courses/{course}/publications/{publication}/manifest?language={language}"
        answer = self._patiently("GET", path if since is None else f"{path}&since={since}")
        if answer is None or answer.status != 200:
            raise NoAnswer
        said: dict[str, Any] = answer.said
        return said

    def keep(self, manifest: Mapping[str, Any], choice: str) -> None:
        """Fetch what is not kept yet, of each film and sound what she chose; called again it goes on.

        Raises `PhoneFull` and `Damaged`; both leave what is kept. What a delta calls gone is dropped at the end.
        """
        for file in chosen(manifest["files"], choice):
            if file["sha256"] not in self.room.files:
                self.room.put(file["sha256"], self._fetched(file))
        for sha256 in manifest.get("gone", ()):
            self.room.files.pop(sha256, None)

    def _fetched(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file as the manifest names them; other bytes are thrown away and fetched once more."""
        for _ in range(2):
            content = self._download(file)
            if hashlib.sha256(content).hexdigest() == file["sha256"]:
                return content
        raise Damaged(file["url"])

    def _download(self, file: Mapping[str, Any]) -> bytes:
        """Piece by piece, behind the redirect; a link that has run out in between is asked for anew."""
        content = self.partly.get(file["sha256"], b"")
        while len(content) < file["bytes"]:
            answer = self._patiently("GET", file["url"])
            if answer is not None and answer.status == 302:
                last = min(len(content) + CHUNK, file["bytes"]) - 1
                answer = self._patiently(
                    "GET", answer.headers["Location"], Range=f"bytes={len(content)}-{last}"
                )
            if answer is None or answer.status not in {200, 206}:
                raise NoAnswer
            content = content + answer.body if answer.status == 206 else answer.body
            self.partly[file["sha256"]] = content
            if not answer.body or answer.status == 200:
                break
        self.partly.pop(file["sha256"], None)
        return content


def chosen(files: Sequence[Mapping[str, Any]], choice: str) -> list[Mapping[str, Any]]:
    """What one keeps of a manifest's files: all but films and sounds, and of each of these the best of her choice."""
    light = [file for file in files if file["rendition"] not in MEDIA]
    lessons: dict[str, dict[str, Mapping[str, Any]]] = {}
    for file in files:
        if file["rendition"] in MEDIA:
            lessons.setdefault(file["lesson"], {})[file["rendition"]] = file
    return light + [file for lesson in lessons.values() if (file := _best(lesson, choice))]


def _best(lesson: Mapping[str, Mapping[str, Any]], choice: str) -> Mapping[str, Any] | None:
    """A delta may list a rendition without its original: then the rendition's own kind decides."""
    original = lesson.get("original", next(iter(lesson.values())))
    kind = "film" if original["media_type"].startswith("video/") or "video_240p" in lesson else "sound"
    return next((lesson[name] for name in CHOICES[choice][kind] if name in lesson), None)
