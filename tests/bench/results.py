"""The figures of a run: rows for `var/bench.json`, and a table to read."""

import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.bench.plan import EVENTS_PER_BATCH
from tests.bench.requests import OURS

DIGITS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Row:
    """One workload on one server over so many connections.

    rps            answers a second (certificates, imported rows)
    p50_ms, p99_ms of one request; None where nothing is asked over HTTP
    cpu_ms         CPU milliseconds an answer, server and PostgreSQL together
    statements     SQL statements an answer, transaction control and SET left out
    ratio_…        `cpu_ms` as a multiple of that floor's, in rows of `ours`
    replay_cpu_ms  of a batch: sent one after the other, and sent again
    """

    workload: str
    server: str
    connections: int
    rps: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_ms: float
    statements: float | None = None
    ratio_django_sql: float | None = None
    ratio_drf: float | None = None
    fresh_cpu_ms: float | None = None
    replay_cpu_ms: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded; the two of a replay only where they were measured."""
        values = {
            name: round(value, DIGITS) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        return {
            name: value
            for name, value in values.items()
            if value is not None or name not in {"fresh_cpu_ms", "replay_cpu_ms"}
        } | ({"events_per_s": round(self.events_per_s, DIGITS)} if self.events_per_s else {})

    @property
    def events_per_s(self) -> float | None:
        """Progress events accepted a second, where batches of them are sent."""
        return self.rps * EVENTS_PER_BATCH if self.workload == "batch" else None


def median(rows: Sequence[Row]) -> Row:
    """The rounds of one row as one: the median of each figure."""
    figures = ("rps", "p50_ms", "p99_ms", "cpu_ms")
    return replace(
        rows[0], **{name: statistics.median(getattr(row, name) for row in rows) for name in figures}
    )


def with_ratios(rows: Sequence[Row]) -> list[Row]:
    """The same rows, ours compared with the two floors of Django."""
    cost = {(row.workload, row.connections, row.server): row.cpu_ms for row in rows}

    def ratio(row: Row, floor: str) -> float | None:
        against = cost.get((row.workload, row.connections, floor))
        return row.cpu_ms / against if against else None

    return [
        replace(row, ratio_django_sql=ratio(row, "django_sql"), ratio_drf=ratio(row, "drf"))
        if row.server == OURS
        else row
        for row in rows
    ]


def write(rows: Iterable[Row], path: Path) -> None:
    """Write `var/bench.json`, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps([row.to_json() for row in rows], indent=1) + "\n")
    part.replace(path)


HEADINGS: Final = (
    "workload",
    "server",
    "conn.",
    "CPU ms",
    "p50 ms",
    "p99 ms",
    "per s",
    "SQL",
    "× Django+SQL",
    "× DRF",
)


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Lines of text, the CPU time first: it is the figure to trust on a shared machine."""
    yield "{:<12} {:<10} {:>5} {:>9} {:>9} {:>9} {:>9} {:>5} {:>13} {:>7}".format(*HEADINGS)
    for row in rows:
        figures = (row.cpu_ms, row.p50_ms, row.p99_ms, row.rps)
        cpu, p50, p99, rps = (_text(figure, ".2f") for figure in figures)
        sql = _text(row.statements, "g")
        django_sql, drf = _text(row.ratio_django_sql, ".2f"), _text(row.ratio_drf, ".2f")
        yield (
            f"{row.workload:<12} {row.server:<10} {row.connections:>5} {cpu:>9} {p50:>9} {p99:>9} {rps:>9} {sql:>5} "
            f"{django_sql:>13} {drf:>7}"
        )
        if row.events_per_s is not None:
            yield f"{'':<12} {row.events_per_s:,.0f} events accepted a second"
        if row.replay_cpu_ms is not None:
            yield f"{'':<12} one by one: {row.fresh_cpu_ms:.2f} CPU ms fresh, {row.replay_cpu_ms:.2f} sent again"


def _text(figure: float | None, shape: str) -> str:
    return "" if figure is None else format(figure, shape)
