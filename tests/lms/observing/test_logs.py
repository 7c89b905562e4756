"""Logs tell what happened to which request, and never about whom."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from lms.events.tracing import begin_trace
from lms.observing.logs import logging_settings
from lms.observing.redaction import HIDDEN, hide
from tests.cast import Country, client_for, make_person

CANARIES = {
    "name": "كناريسة المحجوبية",
    "phone": "0698765432",
    "international": "+212698765432",
    "e-mail": "canari@example.ma",
    "code": "V0RNRX7JHK5KQMQZ0ES5",
}


class Heard(io.StringIO):
    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Everything logged, as production writes it."""
    heard = Heard()
    described = logging_settings(level="DEBUG", shape="json")
    handler = logging.StreamHandler(heard)
    factory = dict(described["formatters"]["line"])
    handler.setFormatter(factory.pop("()")(**factory))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        "sent to 0612345678",
        "sent to +212 612 34 56 78",
        "sent to 00212612345678",
        "mail for fatima@example.ma bounced",
        "Authorization: Bearer abcdef",
        "password=secret",
        "GET /v/V0RNRX7JHK5KQMQZ0ES5",
        "no such person: فاطمة الزهراء",
        "no such person: ⴼⴰⵟⵉⵎⴰ",
    ],
)
def test_what_looks_like_a_person_or_a_key_is_hidden(text: str) -> None:
    hidden = hide(text)
    assert HIDDEN in hidden
    assert not any(secret in hidden for secret in ("612", "fatima", "abcdef", "secret", "V0RN", "فاطمة", "ⴼ"))


def test_what_is_no_person_stays_readable() -> None:
    line = "handler draw_certificate failed: OSError in save:81 after 1500 ms on 2026-11-23"
    assert hide(line) == line


def test_of_a_long_text_only_the_whole_words_of_its_beginning_are_told() -> None:
    address = "fatima@example.ma"
    for text in ("x" * 100_000, "a " * 1_990 + f"told by {address} and others", f"{address} " * 300):
        told = hide(text)
        assert len(told) <= 4_001
        assert "fatima" not in told
        assert told.endswith("…")


def test_an_error_shows_where_it_rose_and_not_what_it_quotes(heard: Heard) -> None:
    begin_trace("f" * 32)
    try:
        int(CANARIES["name"])
    except ValueError:
        logging.getLogger("any.library").exception("could not read %s", CANARIES["phone"])
    [line] = heard.lines
    assert (line["error"], line["level"], line["request_id"]) == ("ValueError", "error", "f" * 32)
    assert "test_logs.py" in line["frames"]
    assert not any(canary in heard.getvalue() for canary in CANARIES.values())


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_nothing_of_what_was_asked(
    heard: Heard, client: APIClient, country: Country
) -> None:
    answer = client.get(f"/api/v1/verify/{CANARIES['code']}", {"s": CANARIES["phone"]})
    [line] = [line for line in heard.lines if line["logger"] == "jisr.requests"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "api/v1/verify/<str:code>", 200)
    assert line["request_id"] == answer["X-Request-ID"]
    assert line["milliseconds"] > 0


@pytest.mark.django_db
def test_no_request_of_a_woman_leaves_her_in_the_log(heard: Heard, country: Country) -> None:
    her = make_person(home=country.larache_centre, first_name=CANARIES["name"], phone=CANARIES["phone"])
    client = client_for(her)
    client.get("/api/v1/me")
    client.patch(
        "/api/v1/me", {"printed_name": CANARIES["name"], "nonsense": CANARIES["e-mail"]}, format="json"
    )
    client.post("/api/v1/auth/codes", {"phone": CANARIES["international"]}, format="json")
    client.post("/api/v1/auth/codes", {"phone": CANARIES["name"]}, format="json")
    client.get(f"/api/v1/courses/{CANARIES['name']}")
    said = heard.getvalue()
    assert len([line for line in heard.lines if line["logger"] == "jisr.requests"]) == 5
    assert [name for name, canary in CANARIES.items() if canary in said] == []
    assert str(her.uuid) not in said


def test_what_is_sent_makes_no_second_line(heard: Heard) -> None:
    forged = 'nothing\n{"level": "info", "event": "forged"}\r\n\x1b[2J'
    logging.getLogger("any.library").warning("asked for %s", forged)
    logging.getLogger("any.library").warning(forged)
    assert [line["level"] for line in heard.lines] == ["warning", "warning"]
    assert "\x1b" not in heard.getvalue()
