"""How much is measured: the size of the country, and how long each server is asked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

REGIONS: Final = 12
PROVINCES: Final = 75
MODULES: Final = 10
LESSONS_PER_MODULE: Final = 5
LESSONS: Final = MODULES * LESSONS_PER_MODULE
QUESTIONS: Final = 20
EVENTS_PER_BATCH: Final = 100
# Everyone is enrolled on course 1, and on four more that depend on who she is.
OTHER_COURSES: Final = 4
STEP_BETWEEN_COURSES: Final = 37


@dataclass(frozen=True, kw_only=True)
class Size:
    """The shape of the data, the same for ours and for the floors."""

    centres: int = 2_755
    learners: int = 20_000
    courses: int = 200

    def courses_of(self, learner: int) -> list[int]:
        """The numbers of the courses she is on beside the first; seeded alike in SQL."""
        others = range(1, OTHER_COURSES + 1)
        return [2 + (learner + each * STEP_BETWEEN_COURSES) % (self.courses - 1) for each in others]

    def centre_of(self, learner: int) -> int:
        return 1 + learner * 7919 % self.centres


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. `seconds` and `rounds` are per server, workload and number of connections."""

    size: Size = Size()
    seconds: float = 2.0
    rounds: int = 3
    connections: tuple[int, ...] = (1, 16)
    counted_requests: int = 20
    replayed_batches: int = 60
    certificates: int = 240
    imported_rows: int = 10_000

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The plan that `BENCH_SECONDS` and `BENCH_ROUNDS` ask for."""
        return cls(
            seconds=float(environment.get("BENCH_SECONDS") or cls.seconds),
            rounds=int(environment.get("BENCH_ROUNDS") or cls.rounds),
        )
