"""The line that pages are measured on slows and counts what passes."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.bench.line import Line, Quality, line_to

BODY = b"x" * 5_000


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_words: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def line() -> Iterator[Line]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with (
            socket.create_server(("127.0.0.1", 0)) as listening,
            line_to(server.server_port, listening) as line,
        ):
            yield line
        server.shutdown()


def test_bytes_both_ways_and_requests_are_counted(line: Line) -> None:
    with httpx.Client(base_url=line.url, trust_env=False) as phone:
        assert phone.get("/").content == phone.get("/").content == BODY
    passed, requests = line.passed()
    assert requests == 2
    assert 2 * len(BODY) < passed < 2 * len(BODY) + 2_000


def test_nothing_passes_faster_than_the_line_allows(line: Line) -> None:
    line.become(Quality(bits=80_000, way=0.1))
    answer = httpx.get(line.url, trust_env=False)
    assert answer.elapsed.total_seconds() >= 0.1 + len(BODY) * 8 / 80_000
