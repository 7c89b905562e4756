"""A mail server and an SMS gateway on this machine, which answer as the test tells them to. Real sockets, no mocks."""

import email
import json
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any


@dataclass
class Gateway:
    """Every POST that came, as its JSON; `answers` are used up one by one, the last one stays."""

    url: str = ""
    answers: list[bytes] = field(default_factory=lambda: [accepted()])
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self) -> bytes:
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def times(self) -> Counter[str]:
        """How often each message came, by our name for it."""
        return Counter(message["reference"] for message in self.received)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def accepted(name: str = "m-1") -> bytes:
    return http("202 Accepted", json.dumps({"id": name}).encode())


SILENCE = b""  # takes the message and hangs up without a word


class _Serving(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    playing: Any  # what the test sees of it


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler], playing: Any) -> Iterator[int]:
    server = _Serving(("127.0.0.1", 0), handler)
    server.playing = playing
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Posted(socketserver.StreamRequestHandler):
    server: _Serving

    def handle(self) -> None:
        gateway: Gateway = self.server.playing
        self.rfile.readline()
        headers = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        body = self.rfile.read(int(headers["content-length"]))
        with gateway.lock:
            gateway.received.append(json.loads(body))
            gateway.headers.append(headers)
        self.wfile.write(gateway.next_answer())


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    with _serving(_Posted, gateway) as port:
        gateway.url = f"http://127.0.0.1:{port}/send?v=1"
        yield gateway


@dataclass
class MailServer:
    """Every letter that it took. Per address (or for all, under `""`) it may answer otherwise.

    refuses   address → reply to RCPT, e.g. "550 5.1.1 no such user"
    after     replies to whole letters, used up one by one, the last one stays; "" hangs up without one
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    after: list[str] = field(default_factory=lambda: ["250 taken"])
    greeting: str = "220 here"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply_to(self, line: str) -> str:
        address = line.partition("<")[2].partition(">")[0]
        wanted = line.upper().startswith("RCPT") and (self.refuses.get(address) or self.refuses.get(""))
        return wanted or "250 ok"

    def take(self, source: bytes) -> str:
        """Keep the letter unless the reply refuses it."""
        with self.lock:
            reply = self.after.pop(0) if len(self.after) > 1 else self.after[0]
            if reply == "" or reply.startswith("2"):
                self.letters.append(email.message_from_bytes(source, policy=default))
        return reply


class _Talk(socketserver.StreamRequestHandler):
    server: _Serving

    def handle(self) -> None:
        mail: MailServer = self.server.playing
        self.say(mail.greeting)
        while (line := self.rfile.readline().decode().strip()) and line.upper() != "QUIT":
            if line.upper() != "DATA":
                self.say(mail.reply_to(line))
                continue
            self.say("354 go on")
            reply = mail.take(self.letter())
            if not reply:
                return
            self.say(reply)

    def letter(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line[1:] if line.startswith(b"..") else line for line in lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    mail = MailServer()
    with _serving(_Talk, mail) as mail.port:
        yield mail
