"""A line that breaks: every connection through it is cut after some bytes, in the middle of whatever it carries."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

AT_ONCE = 256 * 1024


@dataclass
class CuttingLine:
    url: str
    cuts: int = 0


@contextmanager
def cutting_line(port: int, *, between: tuple[int, int], seed: int = 1) -> Iterator[CuttingLine]:
    """A line to a port of this machine; each connection carries so many bytes upwards and is then cut."""
    listening = socket.create_server(("127.0.0.1", 0))
    line, lengths = CuttingLine(f"http://127.0.0.1:{listening.getsockname()[1]}"), random.Random(seed)
    threading.Thread(target=_accept, args=(listening, line, port, lengths, between), daemon=True).start()
    try:
        yield line
    finally:
        listening.close()


def _accept(
    listening: socket.socket, line: CuttingLine, port: int, lengths: random.Random, between: tuple[int, int]
) -> None:
    with suppress(OSError):
        while True:
            client, _address = listening.accept()
            server = socket.create_connection(("127.0.0.1", port))
            lasts = lengths.randint(*between)
            threading.Thread(target=_carry_up, args=(client, server, line, lasts), daemon=True).start()
            threading.Thread(target=_carry_down, args=(server, client), daemon=True).start()


def _carry_up(client: socket.socket, server: socket.socket, line: CuttingLine, lasts: int) -> None:
    with suppress(OSError):
        while part := client.recv(AT_ONCE):
            server.sendall(part[:lasts])
            lasts -= len(part)
            if lasts <= 0:
                line.cuts += 1
                break
    for end in (client, server):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _carry_down(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while part := server.recv(AT_ONCE):
            client.sendall(part)
