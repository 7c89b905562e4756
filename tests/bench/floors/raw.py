"""The limit of the machine: bare WSGI, a psycopg pool, orjson, one statement a request."""

import os
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from psycopg_pool import ConnectionPool

from tests.bench.floors.answers import ANSWERS
from tests.bench.floors.tokens import verify

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@cache
def pool() -> ConnectionPool:
    options = {"autocommit": True, "prepare_threshold": 1}
    return ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=8, kwargs=options, open=True)


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    learner = verify(environ.get("HTTP_X_AUTH", ""))
    if learner is None:
        start_response("401 Unauthorized", [])
        return [b""]
    answer = ANSWERS[environ["PATH_INFO"].strip("/")]
    asked = {"learner": learner, "lang": environ.get("HTTP_ACCEPT_LANGUAGE", "fr")[:2]}
    with pool().connection() as connection:
        rows = connection.execute(answer.sql, asked | answer.bind(_sent(environ))).fetchall()
    body = orjson.dumps(answer.present(rows))
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def _sent(environ: Environ) -> dict[str, Any]:
    if environ["REQUEST_METHOD"] == "POST":
        body: dict[str, Any] = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        return body
    return dict(parse_qsl(environ["QUERY_STRING"]))
