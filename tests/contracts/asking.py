"""Asking the world of tests/contracts/world.py something, and seeing what an answer says and what it changed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import unquote

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase

from tests.contracts.routes import Row, read_rule
from tests.contracts.world import ACTORS, NOBODY, World

# What a request may leave behind though it was refused: that it was made, counted and recorded.
MAY_CHANGE: Final = {"rate_bucket", "auth_event", "idempotency_key", "access_entry"}
# A session that was used is kept longer, once in ten minutes.
LOOKED_AT: Final = {"session": ("last_seen", "expires_at")}


def savepoint() -> transaction.Atomic:
    """A transaction inside the world's own, in which durable ones may begin, as in Django's own TestCase."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]  # how django.test.TestCase says the same
    return atomic


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside did not happen."""
    with savepoint():
        yield
        transaction.set_rollback(True)


def fingerprint() -> dict[str, str]:
    """A digest of every row of every table, but for what a refused request may leave behind."""
    names = sorted(
        {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - MAY_CHANGE
    )
    queries = [_digest_of(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries))
        return dict(cursor.fetchall())


def _digest_of(table: str) -> str:
    ignored = "".join(f" - '{column}'" for column in LOOKED_AT.get(table, ()))
    rows = f"SELECT (to_jsonb(t){ignored})::text AS row FROM {table} AS t"  # noqa: S608  # names of our own tables
    return f"SELECT '{table}', md5(coalesce(string_agg(row, '' ORDER BY row), '')) FROM ({rows}) AS rows"  # noqa: S608


def who_may(row: Row, among: Sequence[str] = ACTORS) -> str:
    """Someone whom the address serves; the woman whose things it is about, if she is one of them."""
    woman, rule = next(iter(row.rules.items()))
    answers = read_rule(rule, ACTORS)
    may = [actor for actor in among if answers[actor] not in {"401", "403", "404", "sign-in"}]
    return woman if woman in may else next(iter(may), NOBODY)


def ask(world: World, row: Row, actor: str, things: Mapping[str, str], **more: str) -> Any:
    """The answer to a row of the table; `more` are further headers."""
    path, body = row.path.format(**things), fill(row.body, things)
    client = world.browser(actor)
    headers = more | ({"If-Match": "*"} if row.method in {"PATCH", "PUT", "DELETE"} else {})
    if body and "file" in body:
        fields = {name: str(value) for name, value in body.items()}
        fields["file"] = SimpleUploadedFile("list.csv", fields["file"].encode())  # type: ignore[assignment]  # a form
        return client.post(path, fields, headers=headers)
    if path.startswith("/api/"):
        sent = json.dumps(body).encode() if body is not None else b""
        return client.generic(row.method, path, sent, "application/json", headers=headers)
    if row.method == "POST":
        return client.post(path, {name: str(value) for name, value in (body or {}).items()}, headers=headers)
    return client.get(path)


def fill(body: Any, things: Mapping[str, str]) -> Any:
    if isinstance(body, Mapping):
        return {name.format(**things): fill(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [fill(value, things) for value in body]
    return body.format(**things) if isinstance(body, str) else body


def everything_in(answer: HttpResponseBase) -> str:
    """All that an answer says: status line apart, its headers and its body, readable."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # streaming ones iterate
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    cookies = answer.cookies.output()
    return "\n".join((headers, unquote(headers), cookies, body.decode(errors="replace")))


def leaks(text: str, needles: dict[str, str]) -> list[str]:
    """Which secrets stand in a text. A bare number counts only where it is no part of a longer one or of an id."""
    found = []
    for name, needle in needles.items():
        short = needle.isdigit() and len(needle) < 6
        pattern = rf"(?<![\w-]){needle}(?![\w-])" if short else re.escape(needle)
        if re.search(pattern, text):
            found.append(name)
    return found
