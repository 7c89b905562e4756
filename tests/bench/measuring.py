"""Requests: the four servers in turn, workload by workload, so that a neighbour's noise meets all of them alike."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.bench.cluster import Cluster
from tests.bench.loading import Load, Loader, plainly, with_ids
from tests.bench.plan import Plan
from tests.bench.requests import OURS, SERVERS, Asked, questions
from tests.bench.results import Row, median
from tests.bench.serving import Served, burnt

UNITS: Final = {"batch": 1_000}
MOST_UNITS: Final = 8_000
QUIET_FOR: Final = 0.1
QUIET_BELOW: Final = 0.02  # CPU seconds in that time
PATIENCE: Final = 40
ALL_UNSUBMITTED: Final = """
UPDATE attempt SET submitted_at = NULL, score = NULL, passed = NULL, answers = '{}' WHERE submitted_at IS NOT NULL
"""

Say = Callable[[str], None]


@dataclass
class Questions:
    """What one server is asked of one workload; `asked` is begun where the last load ended."""

    asked: Sequence[Asked]
    per_unit: int
    place: int = 0


class Measurement:
    """Everything that is asked over HTTP."""

    def __init__(
        self, servers: Mapping[str, Served], cluster: Cluster, loader: Loader, plan: Plan, say: Say
    ) -> None:
        self.servers, self.cluster, self.loader, self.plan, self.say = servers, cluster, loader, plan, say

    def rows(self, workloads: Sequence[str]) -> Iterator[Row]:
        for workload in workloads:
            drawn = {server: self._draw(workload, server) for server in SERVERS}
            self._warm_up(workload, drawn)
            statements = {server: self._count(workload, server) for server in SERVERS}
            replay = {server: self._replay(server) for server in SERVERS} if workload == "batch" else {}
            for connections in self.plan.connections:
                self.say(f"{workload}, {connections} connection{'s' * (connections > 1)}")
                for row in self._interleaved(workload, drawn, connections):
                    fresh, again = replay.get(row.server, (None, None))
                    yield replace(
                        row,
                        statements=statements[row.server],
                        fresh_cpu_ms=fresh,
                        replay_cpu_ms=again,
                    )

    def _draw(self, workload: str, server: str) -> Questions:
        count = min(UNITS.get(workload, MOST_UNITS), self.plan.size.learners)
        units = list(questions(workload, server, self.plan.size, count=count))
        return Questions([asked for unit in units for asked in unit], len(units[0]))

    def _warm_up(self, workload: str, drawn: Mapping[str, Questions]) -> None:
        """Every worker meets every publication once before it is measured."""
        for server in SERVERS:
            self._load(workload, server, drawn[server], max(self.plan.connections), self.plan.seconds / 2)

    def _interleaved(self, workload: str, drawn: Mapping[str, Questions], connections: int) -> list[Row]:
        rounds: dict[str, list[Row]] = {server: [] for server in SERVERS}
        for _ in range(self.plan.rounds):
            for server in SERVERS:
                rounds[server].append(self._once(workload, server, drawn[server], connections))
        return [median(rows) for rows in rounds.values()]

    def _once(self, workload: str, server: str, drawn: Questions, connections: int) -> Row:
        processes = self._processes(server)
        before = burnt(*processes)
        load = self._load(workload, server, drawn, connections, self.plan.seconds)
        self._wait_until_quiet(processes)
        units = max(load.requests, 1) / drawn.per_unit  # none, where all took longer than the load
        return Row(
            workload=workload,
            server=server,
            connections=connections,
            rps=units / load.seconds,
            p50_ms=load.p50_ms,
            p99_ms=load.p99_ms,
            cpu_ms=(burnt(*processes) - before) * 1000 / units,
        )

    def _load(self, workload: str, server: str, drawn: Questions, connections: int, seconds: float) -> Load:
        if workload == "quiz" and server == OURS:
            self.cluster.execute(OURS, ALL_UNSUBMITTED)
        load = self.loader.load(
            self.servers[server].port,
            drawn.asked,
            connections=connections,
            seconds=seconds,
            first=drawn.place,
        )
        drawn.place += load.requests
        return load

    def _processes(self, server: str) -> tuple[int, int]:
        return self.servers[server].process.pid, self.cluster.postgres.process.pid

    def _wait_until_quiet(self, processes: tuple[int, int]) -> None:
        """Let requests that were given up end on their own account, not on the next server's."""
        for _ in range(PATIENCE):
            before = burnt(*processes)
            time.sleep(QUIET_FOR)
            if burnt(*processes) - before <= QUIET_BELOW:
                return

    def _count(self, workload: str, server: str) -> float:
        """SQL statements a unit, over some requests one after the other."""
        served, count = self.servers[server], self.plan.counted_requests
        if workload == "quiz" and server == OURS:
            self.cluster.execute(OURS, ALL_UNSUBMITTED)
        units = questions(workload, server, self.plan.size, count=count, seed=1)
        with self.cluster.counting():
            plainly(served.port, [asked for unit in units for asked in unit])
            return self.cluster.statements(served.database) / count

    def _replay(self, server: str) -> tuple[float, float]:
        """CPU milliseconds of a batch that is new, and of the same batch sent again."""
        served, count = self.servers[server], self.plan.replayed_batches
        units = questions("batch", server, self.plan.size, count=count, seed=2)
        batches = [with_ids(asked) for unit in units for asked in unit]
        costs = []
        for _ in range(2):
            self._wait_until_quiet(self._processes(server))
            before = burnt(*self._processes(server))
            plainly(served.port, batches)
            costs.append((burnt(*self._processes(server)) - before) * 1000 / count)
        return costs[0], costs[1]
