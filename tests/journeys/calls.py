"""Speaking to a running platform over HTTP, and saying what was expected when it answers something else."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

PATIENCE = 90.0  # seconds for what a worker does
LOOK_EVERY = 0.2

Found = TypeVar("Found")


class Untruth(Exception):
    """The platform did something else than it promises."""


def expect(true: object, expected: str, saw: object) -> None:
    if not true:
        raise Untruth(f"expected {expected}; saw {saw}")


def wait_until(look: Callable[[], Found | None], expected: str, *, seconds: float = PATIENCE) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(LOOK_EVERY)
    raise Untruth(f"expected {expected} within {seconds:.0f} s; saw nothing of it")


def connect(base_url: str) -> httpx.Client:
    """The connections to one platform, shared by all who call it; whoever opens them closes them."""
    return httpx.Client(base_url=base_url, timeout=30, trust_env=False)


class Caller:
    """Someone (or nobody) who calls `/api/v1/`: `post("/enrolments", {"course": …}, status=201)`."""

    def __init__(self, http: httpx.Client, token: str = "", *, language: str = "ar") -> None:
        self.http = http
        self.headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, *, status: int = 200, **options: Any) -> Any:
        return self.answer("GET", path, status=status, **options).json()

    def post(self, path: str, body: Any = None, *, status: int = 201, **options: Any) -> Any:
        return self.answer("POST", path, json=body or {}, status=status, **options).json()

    def put(self, path: str, body: Any, *, status: int = 200, **options: Any) -> Any:
        return self.answer("PUT", path, json=body, status=status, **options).json()

    def refused(self, method: str, path: str, *, status: int, code: str = "", **options: Any) -> None:
        """The call is refused with this status, as a problem with this code."""
        answer = self.answer(method, path, status=status, **options)
        expect(
            answer.headers["content-type"].startswith("application/problem+json"),
            f"a problem from {method} {path}",
            answer.headers["content-type"],
        )
        expect(not code or answer.json()["code"] == code, f"the code {code}", answer.text)

    def answer(self, method: str, path: str, *, status: int, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        answer = self.http.request(method, f"/api/v1{path}", headers=headers, **options)
        expect(
            answer.status_code == status,
            f"{status} from {method} {path}",
            f"{answer.status_code} {answer.text[:600]}",
        )
        return answer


class Outbox:
    """The file of messages sent to phones."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def messages_to(self, number: str) -> list[str]:
        """The texts sent to a number (E.164), the oldest first."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        messages = [json.loads(line) for line in lines]
        return [message["text"] for message in messages if message["to"] == number]

    def next_code(self, number: str, *, after: int) -> str:
        """The code in the first message to a number beyond the first `after`."""
        text = wait_until(
            lambda: next(iter(self.messages_to(number)[after:]), None), f"a message to {number}"
        )
        code = re.search(r"\d{6}", text)
        expect(code, "six digits in the message", text)
        return code.group() if code else ""


def sign_in_by_phone(http: httpx.Client, outbox: Outbox, number: str, *, pin: str = "") -> Caller:
    """She asks for a code, reads it and signs in; nobody yet where the number is unknown."""
    return Caller(http, session_by_phone(http, outbox, number, pin=pin)["token"])


def session_by_phone(http: httpx.Client, outbox: Outbox, number: str, *, pin: str = "") -> Any:
    """What the sign-in answers."""
    stranger = Caller(http)
    before = len(outbox.messages_to(number))
    asked = stranger.post("/auth/codes", {"phone": number}, status=202)
    code = outbox.next_code(number, after=before)
    return stranger.post("/auth/sessions", {"request": asked["request"], "code": code, "pin": pin})
