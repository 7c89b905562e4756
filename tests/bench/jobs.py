"""Certificates and imports: what relay and two workers do behind the requests, through the broker and the storage."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from config.embedded import commands
from config.embedded.errors import EmbeddedError
from config.embedded.places import PROJECT, Places
from config.embedded.process import Process
from tests.bench.cluster import Cluster
from tests.bench.plan import Plan
from tests.bench.requests import OURS
from tests.bench.results import Row
from tests.bench.serving import burnt

WORKERS: Final = 2
PATIENCE: Final = 300.0  # seconds
LOOK_EVERY: Final = 0.05
# How many are done, and the seconds from the first to the last of them: certificates are drawn one by one,
# an import runs from the moment it was sent.
DRAWN: Final = """
SELECT count(ready_at), coalesce(extract(epoch FROM max(ready_at) - min(ready_at)), 0)::float8
  FROM certificate WHERE issued_at >= %(since)s
"""
IMPORTED: Final = """
SELECT coalesce(sum("cursor"), 0)::int, coalesce(sum(extract(epoch FROM finished_at - created_at)), 0)::float8
  FROM import WHERE state = 'done' AND created_at >= %(since)s
"""


@dataclass(frozen=True)
class Job:
    """`warm` of them are ordered first, so that no worker meets its first one while it is measured."""

    name: str
    done: str
    warm: int
    count: int


class Jobs:
    """Everything that is not asked over HTTP; only ours does it."""

    def __init__(self, cluster: Cluster, environment: Mapping[str, str], places: Places, plan: Plan) -> None:
        self.cluster, self.places = cluster, places
        self.environment = {**environment, "DATABASE_URL": cluster.url(OURS)}
        self.jobs = (
            Job("certificates", DRAWN, 20, plan.certificates),
            Job("import", IMPORTED, 100, plan.imported_rows),
        )

    def rows(self, workloads: Sequence[str]) -> Iterator[Row]:
        wanted = [job for job in self.jobs if job.name in workloads]
        if not wanted:
            return
        with self._working() as processes:
            for job in wanted:
                self._order(job, 0, job.warm)
                yield self._measure(job, [process.pid for process in processes])

    def _measure(self, job: Job, pids: Sequence[int]) -> Row:
        before = burnt(*pids)
        seconds = self._order(job, job.warm, job.count)
        return Row(
            workload=job.name,
            server=OURS,
            connections=WORKERS,
            rps=job.count / seconds,
            cpu_ms=(burnt(*pids) - before) * 1000 / job.count,
        )

    def _order(self, job: Job, first: int, count: int) -> float:
        """Order so many, wait until they are done; returns the seconds that it took."""
        with psycopg.connect(self.cluster.url(OURS), autocommit=True) as connection:
            since = connection.execute("SELECT clock_timestamp()").fetchone()[0]  # type: ignore[index]  # one row
            self._tell(job.name, first, count)
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                done, seconds = connection.execute(job.done, {"since": since}).fetchone()  # type: ignore[misc]
                if done >= count:
                    return float(seconds)
                time.sleep(LOOK_EVERY)
        raise EmbeddedError(f"{job.name}: {done} of {count} were done after {PATIENCE:.0f} s")

    def _tell(self, *words: object) -> None:
        command = commands.in_our_python(["tests.bench.orders", *map(str, words)])
        told = subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False
        )
        if told.returncode:
            raise EmbeddedError(f"`{' '.join(map(str, words))}` could not be ordered: {told.stderr[-2000:]}")

    @contextmanager
    def _working(self) -> Iterator[list[Process]]:
        """The relay and a worker with two processes; with PostgreSQL, they are what is measured."""
        started: list[Process] = []
        with ExitStack() as stopping:
            for name, command in (
                ("worker", commands.worker(commands.QUICK_QUEUES, concurrency=WORKERS)),
                ("relay", commands.manage("relay")),
            ):
                process = Process(
                    name=name,
                    command=commands.in_our_python(command),
                    log=self.places.log / f"{name}.log",
                    environment=self.environment,
                )
                stopping.callback(process.stop)
                process.start()
                started.append(process)
            yield [*started, self.cluster.postgres.process]
