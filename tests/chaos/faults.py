"""Breaking one part of the running platform and mending it again."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import redis

from config.embedded.process import Process
from tests.faults.living import broker, whole_family
from tests.servers import BreakableServers, Platform


@dataclass
class Breaker:
    """Breaks by the names of plan.KINDS; `frozen` are the moments between which Valkey stood still."""

    platform: Platform
    servers: BreakableServers
    frozen: list[tuple[float, float]] = field(default_factory=list)

    def break_for(self, kind: str, wait: Callable[[], None]) -> None:
        """Break one thing, `wait`, and mend it."""
        match kind:
            case "worker's hands killed":
                self._kill_hands()
                wait()
            case "Valkey emptied":
                self._empty()
                wait()
            case "Valkey frozen":
                self._freeze(wait)
            case "Valkey killed" | "PostgreSQL killed":
                server = self.servers.valkey if kind.startswith("Valkey") else self.servers.postgres
                server.kill()
                wait()
                server.restart()
            case _:
                process = self._process(kind.partition(" ")[0])
                process.kill()
                wait()
                process.start()

    def mend(self) -> None:
        """Everything runs."""
        for server in (self.servers.postgres, self.servers.valkey, self.servers.storage):
            server.repair()
        for process in self.platform.processes.values():
            if not process.alive:
                process.kill()
                process.start()

    def died_by_themselves(self) -> list[Process]:
        """Processes that nobody killed and that ended all the same."""
        return [process for process in self.platform.processes.values() if not process.alive]

    def _process(self, name: str) -> Process:
        return self.platform.processes[name]

    def _kill_hands(self) -> None:
        with suppress(psutil.NoSuchProcess):
            for child in whole_family(self._process("worker"))[1:]:
                child.kill()

    def _empty(self) -> None:
        with suppress(redis.RedisError), broker() as queues:
            queues.flushall()

    def _freeze(self, wait: Callable[[], None]) -> None:
        self.servers.valkey.freeze()
        began = time.monotonic()
        try:
            wait()
        finally:
            self.frozen.append((began, time.monotonic()))
            self.servers.valkey.thaw()
