"""The line between a phone of the tests and the platform, and what can go wrong on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import httpx
import psycopg
from django.db import connection
from rest_framework.test import APIClient

from tests.sync.client import Answer, NoAnswer

# What becomes of one request: it arrives; it is lost on the way; its answer is; the database's connection is cut at
# the statement of that number, counted from 1.
Fate = str | int
WELL = "well"
LOST = "lost"
UNHEARD = "unheard"


class OurLine:
    """A signed-in woman's line. `fates` are drawn one for each request; where there is none left all goes well."""

    def __init__(self, client: APIClient, fates: Iterable[Fate] = ()) -> None:
        self.client = client
        client.raise_request_exception = False  # a phone sees the answer, 503 too
        self.fates = iter(fates)
        self.asked: list[tuple[str, str, Any]] = []
        self.spoil: Callable[[str, Answer], Answer] = lambda _url, answer: answer

    def ask(
        self, method: str, url: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        fate = next(self.fates, WELL)
        self.asked.append((method, url, body))
        if fate == LOST:
            raise NoAnswer
        with cut_at(fate) if isinstance(fate, int) else nullcontext():
            answer = self._answer(method, url, body, headers or {})
        if fate == UNHEARD:
            raise NoAnswer
        return self.spoil(url, answer)

    def _answer(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        if url.startswith("http"):
            far = httpx.request(method, url, headers=dict(headers), timeout=30)
            return Answer(far.status_code, far.headers, far.content)
        asked: dict[str, Any] = {"headers": dict(headers)}
        if body is not None:
            asked |= {"data": body, "format": "json"}
        near = getattr(self.client, method.lower())(url, **asked)
        return Answer(near.status_code, near.headers, bytes(near.content))


@contextmanager
def cut_at(number: int) -> Iterator[None]:
    """PostgreSQL ends our connection just before a statement: what was not committed is undone."""
    told = 0

    def tell(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal told
        told += 1
        if told == number:
            _cut()
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(tell):
            yield
    finally:
        connection.close_if_unusable_or_obsolete()


def _cut() -> None:
    ours = connection.connection.info.backend_pid
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in {"host", "port", "user", "password", "dbname"}
    }
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
