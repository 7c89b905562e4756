"""A gateway behind HTTP: one POST of JSON for each message, one connection for each POST.

    → POST {url}   Authorization: Bearer {token}   Idempotency-Key: {reference}
      {"to": "+2126…", "text": "…", "from": "JISR", "reference": "0193…"}
    ← 2xx {"id": "…"}    it has it: `id` is a text or a number that names the message
      409                it had it already, under this reference
      401 403 408 425 429 and 5xx    not now (the key of the gateway counts as ours to repair)
      other answers      never: the number or the text is refused

A 2xx without an `id`, half an answer, or silence after the message went out is none of these: it may have been sent
(`Doubtful`). Nothing is sent to where a redirect points, since that is no address of ours.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import orjson

from lms.messages.outcomes import Away, Doubtful, Receipt, Refused
from lms.messages.parts import size_of

LARGEST_ANSWER: Final = 65_536
KNOWN_ALREADY: Final = 409
NOT_NOW: Final = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True)
class HttpGateway:
    """`seconds` bound the whole exchange, however slowly the gateway answers."""

    url: str
    seconds: float
    token: str = field(default="", repr=False)
    sender: str = ""
    neutral_sender: str = ""

    def send(self, *, to: str, text: str, at: datetime, reference: str = "", neutral: bool = True) -> Receipt:
        sender = self.neutral_sender if neutral else self.sender
        message = {"to": to, "text": text, "from": sender, "reference": reference}
        status, answer = self._post(orjson.dumps(message), reference)
        if status == KNOWN_ALREADY:
            return Receipt(parts=size_of(text).parts)
        if status in NOT_NOW or status >= 500:
            raise Away(f"http {status}")
        if not 200 <= status < 300:
            raise Refused(f"http {status}")
        return Receipt(_name_in(answer), size_of(text).parts)

    def _post(self, body: bytes, reference: str) -> tuple[int, bytes]:
        connection = self._connect()
        with self._watched(connection):
            try:
                connection.request("POST", self._path, body, self._headers(reference))
                answer = connection.getresponse()
                return answer.status, answer.read(LARGEST_ANSWER)
            except (OSError, HTTPException) as error:
                raise Doubtful("no answer") from error

    def _connect(self) -> HTTPConnection:
        place = urlsplit(self.url)
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        connection = kind(place.hostname or "", place.port, timeout=self.seconds)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Away("unreachable") from error
        return connection

    @contextmanager
    def _watched(self, connection: HTTPConnection) -> Iterator[None]:
        """A gateway that answers one byte at a time never keeps a socket's own time limit."""
        watch = threading.Timer(self.seconds, _hang_up, [connection])
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            connection.close()

    @property
    def _path(self) -> str:
        place = urlsplit(self.url)
        return f"{place.path or '/'}{'?' if place.query else ''}{place.query}"

    def _headers(self, reference: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Connection": "close",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **({"Idempotency-Key": reference} if reference else {}),
        }


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _name_in(answer: bytes) -> str:
    """What the gateway calls the message; an answer that names none proves nothing."""
    try:
        name = orjson.loads(answer)["id"]
    except (ValueError, TypeError, KeyError):
        raise Doubtful("no receipt") from None
    if not isinstance(name, str | int) or isinstance(name, bool) or not str(name):
        raise Doubtful("no receipt")
    return str(name)[:100]
