"""Asking a server: with wrk as fast as it answers, or one request after the other with a plain client."""

import json
import os
import re
import shutil
import statistics
import subprocess
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, Protocol

from config.embedded.errors import EmbeddedError
from config.embedded.ports import LOOPBACK
from tests.bench.requests import FRESH_ID, Asked

SCRIPT: Final = Path(__file__).with_name("wrk.lua")


class Refused(EmbeddedError):
    """A server answered something else than success: its figures would mean nothing."""


@dataclass(frozen=True)
class Load:
    """What came of asking one server for some time. Times of one request, in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


class Loader(Protocol):
    """Asks `asked` in a circle for some seconds over so many connections, beginning at a place of it."""

    def load(
        self, port: int, asked: Sequence[Asked], *, connections: int, seconds: float, first: int
    ) -> Load: ...


class Wrk:
    """wrk (https://github.com/wg/wrk), one thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the files of requests go. Refuses where wrk is missing."""
        if not shutil.which("wrk"):
            raise EmbeddedError("`make bench` needs wrk: sudo apt-get install wrk")
        self.folder = folder
        self.written: dict[int, tuple[Sequence[Asked], Path]] = {}

    def load(
        self, port: int, asked: Sequence[Asked], *, connections: int, seconds: float, first: int
    ) -> Load:
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(round(seconds), 1)}s",
            "--timeout",
            "30s",
            "-s",
            str(SCRIPT),
        ]
        environment = {
            **os.environ,
            "REQUESTS": str(self._file(asked)),
            "FIRST": str(first),
            "SEED": str(uuid.uuid4().int % 2**31),
        }
        done = subprocess.run(
            [*command, f"http://{LOOPBACK}:{port}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        told = re.search(r"^JSON (.*)$", done.stdout, re.MULTILINE)
        if told is None:
            raise EmbeddedError(f"wrk failed: {done.stdout[-500:]}{done.stderr[-500:]}")
        figures: dict[str, Any] = json.loads(told[1])
        if figures.pop("failed"):
            raise Refused(f"Not every request succeeded: {plainly(port, asked[:1])[:500]!r}")
        return Load(**figures)

    def _file(self, asked: Sequence[Asked]) -> Path:
        """The requests as wrk.lua reads them, written once."""
        if id(asked) not in self.written:
            path = self.folder / f"{len(self.written)}.requests"
            path.write_text("".join(map(_line, asked)))
            self.written[id(asked)] = asked, path
        return self.written[id(asked)][1]


def _line(asked: Asked) -> str:
    headers = "\x1f".join(f"{name}:{value}" for name, value in asked.headers.items())
    return f"{asked.method}\t{asked.path}\t{headers}\t{asked.body}\n"


class Plain:
    """Python's own client, a thread a connection: for tests, which need no wrk."""

    def load(
        self, port: int, asked: Sequence[Asked], *, connections: int, seconds: float, first: int
    ) -> Load:
        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as threads:
            parts = [islice(cycle(asked), first + place, None, connections) for place in range(connections)]
            took = [
                each
                for part in threads.map(lambda part: list(_timed(port, part, began + seconds)), parts)
                for each in part
            ]
        return Load(
            requests=len(took),
            seconds=time.perf_counter() - began,
            p50_ms=statistics.median(took) * 1000,
            p99_ms=sorted(took)[int(len(took) * 0.99)] * 1000,
        )


def _timed(port: int, asked: Iterable[Asked], until: float) -> Iterable[float]:
    connection = HTTPConnection(LOOPBACK, port, timeout=30)
    for one in asked:
        began = time.perf_counter()
        _ask(connection, one)
        yield time.perf_counter() - began
        if time.perf_counter() >= until:
            break
    connection.close()


def plainly(port: int, asked: Iterable[Asked]) -> bytes:
    """Ask one after the other over one connection; returns the last answer."""
    connection = HTTPConnection(LOOPBACK, port, timeout=30)
    answer = b""
    for one in asked:
        answer = _ask(connection, one)
    connection.close()
    return answer


def with_ids(asked: Asked) -> Asked:
    """The same request with ids of its own, so that it can be sent again."""
    body = re.sub(FRESH_ID, lambda _: str(uuid.uuid4()), asked.body)
    return Asked(asked.method, asked.path, asked.headers, body)


def _ask(connection: HTTPConnection, asked: Asked) -> bytes:
    one = with_ids(asked)
    connection.request(one.method, one.path, body=one.body.encode() or None, headers=dict(one.headers))
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise Refused(f"{one.method} {one.path} was answered {response.status}: {answer[:300]!r}")
    return answer
