"""The three servers as one: those that the environment names are used as given, the others are started."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from config.embedded.places import Places
from config.embedded.postgres import Postgres
from config.embedded.process import Process
from config.embedded.progress import Progress
from config.embedded.storage import Storage, prepare_bucket
from config.embedded.valkey import Valkey

GIVEN_BY: Final = {"PostgreSQL": "DATABASE_URL", "Valkey": "BROKER_URL", "S3": "STORAGE_ENDPOINT"}


class Server(Protocol):
    """What Postgres, Valkey and Storage have in common."""

    @property
    def name(self) -> str: ...

    process: Process

    def start(self) -> dict[str, str]: ...

    def stop(self) -> None: ...


class Servers:
    """PostgreSQL, Valkey and S3 of one system."""

    def __init__(
        self,
        places: Places,
        given: Mapping[str, str],
        *,
        postgres_options: Mapping[str, str] | None = None,
        inherits: tuple[int, ...] = (),
    ) -> None:
        """`given` is the environment: a server that it names is not started."""
        self.given = dict(given)
        self.postgres = Postgres(places, options=postgres_options, inherits=inherits)
        self.valkey = Valkey(places, inherits=inherits)
        self.storage = Storage(places, inherits=inherits)
        every: tuple[Server, ...] = (self.postgres, self.valkey, self.storage)
        self.ours = [server for server in every if not self.given.get(GIVEN_BY[server.name])]

    def start(self, progress: Progress) -> dict[str, str]:
        """Start ours; return every variable by which all three are reached."""
        return self.start_database(progress) | self.start_others(progress)

    def start_database(self, progress: Progress) -> dict[str, str]:
        """Start PostgreSQL, if it is ours, so that its tables can be made while the others start."""
        for name, variable in GIVEN_BY.items():
            if self.given.get(variable):
                progress.say(f"{name}: as {variable} says")
        return self._start([server for server in self.ours if server is self.postgres], progress)

    def start_others(self, progress: Progress) -> dict[str, str]:
        environment = self._start([server for server in self.ours if server is not self.postgres], progress)
        if "BROKER_URL" not in environment:
            environment["CACHE_URL"] = self.given.get("CACHE_URL") or self.given["BROKER_URL"]
        return environment

    def _start(self, servers: Iterable[Server], progress: Progress) -> dict[str, str]:
        environment: dict[str, str] = {}
        for server in servers:
            with progress.step(server.name):
                environment |= server.start()
        return environment

    def prepare_bucket(self, environment: Mapping[str, str]) -> None:
        """Make the bucket, open to uploads from our own two origins."""
        prepare_bucket(environment, origins=[environment["PUBLIC_URL"], environment["CONTENT_ORIGIN"]])

    def stop(self) -> None:
        """Stop ours, the last started first. Safe to repeat."""
        for server in reversed(self.ours):
            server.stop()
