"""A storage that fails: a proxy before the S3 server which refuses, dawdles and breaks off some of the answers."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

from config.embedded.ports import LOOPBACK

SLOWEST: Final = 7.0  # the platform waits for 5 s
# Between two neighbours only; each of them has its own.
HOP_BY_HOP: Final = frozenset({"connection", "expect", "keep-alive", "transfer-encoding", "content-length"})


@dataclass
class Trouble:
    """Decides which requests fail, and how; `share` of them, 0 for none."""

    chance: random.Random
    share: float
    counted: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> str:
        """ "refused", "slow", "cut", or nothing."""
        with self.lock:
            kind = ""
            if self.chance.random() < self.share:
                kind = self.chance.choice(("refused", "slow", "cut"))
            self.counted[kind] += 1
            return kind

    def seconds(self) -> float:
        with self.lock:
            return self.chance.uniform(0.5, SLOWEST)


@contextmanager
def failing_storage(endpoint: str, trouble: Trouble) -> Iterator[str]:
    """The address of a proxy before the storage at `endpoint`, until the block ends."""

    class Handler(_Handler):
        place = urlsplit(endpoint).netloc
        troubled_by = trouble

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, name="storage proxy", daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    place: str
    troubled_by: Trouble

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked has gone
            super().handle()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.troubled_by.next()
        if trouble == "refused":
            self._answer(
                500, [("Content-Type", "application/xml")], b"<Error><Code>InternalError</Code></Error>"
            )
            return
        status, headers, content = self._ask(body)
        if trouble == "slow":
            time.sleep(self.troubled_by.seconds())
        if trouble == "cut":
            self._break_off(status, headers, content)
        else:
            self._answer(status, headers, content)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        # The host stays as it was asked for: the signature covers it.
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        if body or self.command in {"PUT", "POST"}:
            headers["Content-Length"] = str(len(body))
        upstream = http.client.HTTPConnection(self.place, timeout=30)
        try:
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            answer = upstream.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return 503, [], b""
        finally:
            upstream.close()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        if self.command == "HEAD":
            kept.append(("Content-Length", answer.getheader("Content-Length") or "0"))
        return answer.status, kept, content

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self._head(status, headers, len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _break_off(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        """What was asked is done; of the answer half arrives, or nothing where it is short."""
        self.close_connection = True
        if self.command != "HEAD" and len(content) > 1:
            self._head(status, headers, len(content))
            self.wfile.write(content[: len(content) // 2])

    def _head(self, status: int, headers: list[tuple[str, str]], length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nothing: 15 % of them fail on purpose."""

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815  # http.server's names
