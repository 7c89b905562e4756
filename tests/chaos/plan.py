"""How long, how many, and what is broken when: drawn from one seed, so that a bad run can be asked for again."""

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SHARE_OF_STORAGE_FAULTS: Final = 0.15
# Kind of fault → the shortest and the longest time for which it lasts, in seconds.
KINDS: Final[Mapping[str, tuple[float, float]]] = {
    "worker killed": (0.0, 2.0),
    "worker's hands killed": (0.0, 0.0),
    "relay killed": (0.0, 2.0),
    "web killed": (0.0, 1.0),
    "Valkey killed": (0.5, 3.0),
    "Valkey frozen": (2.0, 6.0),
    "Valkey emptied": (0.0, 0.0),
    "PostgreSQL killed": (0.0, 1.5),
}
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 4.0


@dataclass(frozen=True)
class Happening:
    """After `pause` seconds without a fault, one that lasts for some."""

    pause: float
    kind: str
    lasts: float


@dataclass(frozen=True)
class Plan:
    """`seconds` of faults; `drain` seconds within which the outbox must be worked off; `lease` of a delivery."""

    seconds: float = 120.0
    seed: int = 0
    phones: int = 6
    drain: float = 60.0
    lease: int = 10

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Plan":
        """What CHAOS_SECONDS, CHAOS_SEED, CHAOS_PHONES and CHAOS_DRAIN say."""
        return cls(
            seconds=float(environment.get("CHAOS_SECONDS") or cls.seconds),
            seed=int(environment.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6)),
            phones=int(environment.get("CHAOS_PHONES") or cls.phones),
            drain=float(environment.get("CHAOS_DRAIN") or cls.drain),
        )

    @property
    def women(self) -> int:
        """Who waits for a phone: more than can be served."""
        return 100 + int(self.seconds * 12)

    def random(self, name: str) -> random.Random:
        """A source of chance for one part, which no other part disturbs."""
        return random.Random(f"{self.seed} {name}")

    def happenings(self) -> Iterator[Happening]:
        """Faults without end; every kind once before any comes again."""
        chance = self.random("faults")
        while True:
            for kind in chance.sample(list(KINDS), len(KINDS)):
                pause = chance.uniform(SHORTEST_PAUSE, LONGEST_PAUSE)
                yield Happening(pause, kind, chance.uniform(*KINDS[kind]))
