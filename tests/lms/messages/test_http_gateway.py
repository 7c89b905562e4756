"""The gateway behind HTTP, against a server that behaves and against one that does not."""

import socket
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from lms.messages.outcomes import Away, Doubtful, Receipt, Refused, Undelivered
from lms.messages.sms import gateway as of_settings
from tests.lms.messages.servers import SILENCE, Gateway, accepted, http

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ARABIC = "مرحبا، شهادتكِ جاهزة."


def send(text: str = ARABIC, *, neutral: bool = True) -> Receipt:
    return of_settings().send(to="+212612345678", text=text, at=AT, reference="r-1", neutral=neutral)


def test_a_message_is_one_post_with_our_name_for_it(gateway: Gateway) -> None:
    gateway.answers = [accepted("abc"), accepted("7")]
    assert send("م" * 71) == Receipt("abc", 2)
    assert send("hello", neutral=False) == Receipt("7", 1)
    assert gateway.received == [
        {"to": "+212612345678", "text": "م" * 71, "from": "INFO", "reference": "r-1"},
        {"to": "+212612345678", "text": "hello", "from": "JISR", "reference": "r-1"},
    ]
    assert gateway.headers[0]["authorization"] == "Bearer a-token"
    assert gateway.headers[0]["idempotency-key"] == "r-1"


def test_a_gateway_that_has_it_already_has_it(gateway: Gateway) -> None:
    gateway.answers = [http("409 Conflict")]
    assert send() == Receipt(parts=1)


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (http("500 Oops"), Away, "http 500"),
        (http("503 Later", b"{}"), Away, "http 503"),
        (http("429 Slower"), Away, "http 429"),
        (http("401 Who"), Away, "http 401"),
        (http("400 Number", b'{"id": "x"}'), Refused, "http 400"),
        (http("404 Nothing"), Refused, "http 404"),
        (http("302 There", b"", "Location: http://127.0.0.1:1/"), Refused, "http 302"),
        (http("200 OK"), Doubtful, "no receipt"),
        (http("200 OK", b"{}"), Doubtful, "no receipt"),
        (http("200 OK", b"null"), Doubtful, "no receipt"),
        (http("200 OK", b'{"id": ""}'), Doubtful, "no receipt"),
        (http("200 OK", b'{"id": true}'), Doubtful, "no receipt"),
        (http("200 OK", b"<html>thank you</html>"), Doubtful, "no receipt"),
        (http("200 OK", b'{"id": "1"}{"id": "2"}'), Doubtful, "no receipt"),
        (SILENCE, Doubtful, "no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", Doubtful, "no receipt"),
        (b"220 I am a mail server\r\n", Doubtful, "no answer"),
    ],
)
def test_each_answer_says_whether_it_went(
    gateway: Gateway, answer: bytes, outcome: type[Undelivered], reason: str
) -> None:
    gateway.answers = [answer]
    with pytest.raises(outcome) as failed:
        send()
    assert failed.value.reason == reason
    assert len(gateway.received) == 1


def test_a_gateway_that_answers_twice_has_answered_once(gateway: Gateway) -> None:
    gateway.answers = [accepted("first") + accepted("second"), accepted("third")]
    assert send().reference == "first"
    assert send().reference == "third"


def test_a_gateway_that_is_not_there_certainly_got_nothing(settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        settings.SMS_GATEWAY = "http"
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(Away, match="unreachable"):
            send()


@pytest.mark.parametrize(
    "drip", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]
)
def test_a_gateway_that_takes_for_ever_is_left(settings: Any, drip: bytes) -> None:
    """Silent, or with one byte now and then, which would keep a time limit of the socket from ever passing."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(drip)
                while drip and not done.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return
                done.wait(20)

        thread = threading.Thread(target=answer)
        thread.start()
        settings.SMS_GATEWAY, settings.SMS_TIMEOUT = "http", 0.4
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(Doubtful):
            send()
        waited = time.monotonic() - started
        done.set()
        thread.join(30)
    assert waited < 15  # not for the drip's ever: generous, since the machine may be busy


def test_a_token_is_not_printed(gateway: Gateway) -> None:
    assert "a-token" not in repr(of_settings())
