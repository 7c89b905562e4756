"""A poor line between a browser and the platform: so many bits a second, so long a way, every byte counted.

The browser's own throttling leaves out what its service worker fetches; here all that passes is slowed and counted.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

AT_ONCE: Final = 1_024
REQUEST: Final = re.compile(rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+ HTTP/1\.1\r\n", re.MULTILINE)


@dataclass(frozen=True)
class Quality:
    """`bits` a second in each direction, shared by all connections; `way` seconds there and back."""

    bits: int
    way: float


OPEN_LINE: Final = Quality(bits=10**9, way=0.0)
SLOW_4G: Final = Quality(bits=1_600_000, way=0.15)  # the line of Lighthouse's phone
VILLAGE: Final = Quality(bits=50_000, way=0.3)


class Pipe:
    """One direction. A sender waits until the line would have carried what it sends."""

    def __init__(self) -> None:
        self.quality, self.count, self.free_at = OPEN_LINE, 0, 0.0
        self.lock = threading.Lock()

    def carry(self, part: bytes) -> None:
        with self.lock:
            self.count += len(part)
            self.free_at = max(self.free_at, time.monotonic()) + len(part) * 8 / self.quality.bits
            wait = self.free_at - time.monotonic()
        if wait > 0:
            time.sleep(wait)


@dataclass
class Line:
    """The address that the browser asks, and what has passed."""

    port: int
    up: Pipe = field(default_factory=Pipe)
    down: Pipe = field(default_factory=Pipe)
    requests: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, quality: Quality) -> None:
        self.up.quality = self.down.quality = quality

    def passed(self) -> tuple[int, int]:
        """Bytes in both directions, and requests, since the beginning."""
        return self.up.count + self.down.count, self.requests


@contextmanager
def line_to(port: int, listening: socket.socket) -> Iterator[Line]:
    """A line from the socket that listens to a port of this machine, until the block ends."""
    line = Line(listening.getsockname()[1])
    threading.Thread(target=_accept, args=(listening, line, port), daemon=True).start()
    try:
        yield line
    finally:
        listening.close()


def _accept(listening: socket.socket, line: Line, port: int) -> None:
    with suppress(OSError):
        while True:
            browser, _address = listening.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for source, target, pipe in ((browser, server, line.up), (server, browser, line.down)):
                threading.Thread(target=_pass_on, args=(source, target, pipe, line), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, pipe: Pipe, line: Line) -> None:
    quiet = True
    with suppress(OSError):
        while part := source.recv(AT_ONCE):
            if pipe is line.up:
                line.requests += len(REQUEST.findall(part))
            if quiet:
                time.sleep(pipe.quality.way / 2)
            pipe.carry(part)
            target.sendall(part)
            quiet = len(part) < AT_ONCE
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
