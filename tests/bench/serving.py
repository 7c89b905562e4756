"""The four servers, each by the gunicorn settings of our own web, and what they and PostgreSQL burn."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psutil

from config.embedded import commands
from config.embedded.places import Places
from config.embedded.ports import LOOPBACK, free_run
from config.embedded.process import Process
from tests.bench.cluster import FLOORS, Cluster
from tests.bench.requests import OURS, SERVERS

OUR_APPLICATION: Final = "config.wsgi"
APPLICATIONS: Final = {
    OURS: OUR_APPLICATION,
    "raw": "tests.bench.floors.raw",
    "django_sql": "tests.bench.floors.wsgi",
    "drf": "tests.bench.floors.wsgi",
}


@dataclass(frozen=True)
class Served:
    """One server at work."""

    name: str
    port: int
    process: Process

    @property
    def database(self) -> str:
        return OURS if self.name == OURS else FLOORS


@contextmanager
def serving(cluster: Cluster, environment: Mapping[str, str], places: Places) -> Iterator[dict[str, Served]]:
    """All four, until the block ends. Ours is configured as `make run` configures it."""
    with ExitStack() as stopping:
        running = {}
        for name in SERVERS:
            port = free_run(1)
            process = Process(
                name=name,
                command=commands.in_our_python(_command(name, port)),
                log=places.log / f"{name}.log",
                environment={**environment, **_own(name, cluster, places)},
            )
            process.log.unlink(missing_ok=True)
            stopping.callback(process.stop)
            process.start()
            running[name] = Served(name, port, process)
        for served in running.values():
            served.process.wait_until(lambda served=served: _listens(served.port), seconds=60)
        yield running


def _command(name: str, port: int) -> list[str]:
    words = commands.web(f"{LOOPBACK}:{port}")
    words[words.index(OUR_APPLICATION)] = APPLICATIONS[name]
    return words


def _own(name: str, cluster: Cluster, places: Places) -> dict[str, str]:
    if name == OURS:
        return {
            "DATABASE_URL": cluster.url(OURS),
            "DATABASE_POOL": "true",
            "PROMETHEUS_MULTIPROC_DIR": str(places.metrics),
        }
    return {
        "DATABASE_URL": cluster.url(FLOORS),
        "DJANGO_SETTINGS_MODULE": "tests.bench.floors.settings",
        "FLOOR_URLS": f"tests.bench.floors.{name}",
    }


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def burnt(*pids: int) -> float:
    """CPU seconds of these processes, of all they started, and of those of them that ended."""
    return sum(map(_burnt_by, pids))


def _burnt_by(pid: int) -> float:
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def cores() -> int:
    return os.cpu_count() or 1
