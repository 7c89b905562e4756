"""Two at once: run the same moment in several threads, each with its own connection."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Outcome = TypeVar("Outcome")

TIMES = 15


def at_once(*moves: Callable[[], Outcome]) -> Sequence[Outcome]:
    """Start all moves at the same moment and return their outcomes in order; an exception of one is raised."""
    start = Barrier(len(moves))

    def run(move: Callable[[], Outcome]) -> Outcome:
        try:
            start.wait(timeout=30)
            return move()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(moves)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, move) for move in moves]]
