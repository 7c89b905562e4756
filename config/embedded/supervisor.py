"""Keeps the processes of the platform alive, and stops them in the right order."""

import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, Protocol

from config.embedded.errors import EmbeddedError
from config.embedded.process import Process
from config.embedded.progress import Progress

MOST_RESTARTS: Final = 5
WITHIN: Final = 300.0  # seconds
STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, `kill`, or a closed terminal."""


class Clock(Protocol):
    def __call__(self) -> float: ...


@contextmanager
def until_stopped() -> Iterator[Callable[[], None]]:
    """Turn the first signal to stop into `Stopped`; later ones change nothing: stopping is never broken off.

    Yields a function after which even a first one changes nothing.
    """

    def stop_no_more() -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)

    def stop(_number: int, _frame: FrameType | None) -> None:
        stop_no_more()
        raise Stopped

    before = [(each, signal.signal(each, stop)) for each in STOPPING]
    try:
        yield stop_no_more
    finally:
        for each, handler in before:
            signal.signal(each, handler)


@dataclass
class Supervisor:
    """Watches children; `again` starts one that ended and waits until it is of use."""

    progress: Progress
    clock: Clock = time.monotonic
    children: list[tuple[Process, Callable[[], object]]] = field(default_factory=list)
    restarts: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def watch(self, process: Process, again: Callable[[], object]) -> None:
        """Keep `process`, which runs already, alive from now on."""
        self.children.append((process, again))

    def look(self) -> None:
        """Restart the children that ended; refuse one that ends more than five times in five minutes."""
        for process, again in self.children:
            if not process.alive:
                self._count(process)
                self.progress.say(f"! {process.name} ended and is started again (its log: {process.log})")
                process.kill()
                again()

    def run(self) -> None:
        """Look after the children until somebody asks us to stop."""
        while True:
            self.look()
            time.sleep(0.3)

    def _count(self, process: Process) -> None:
        times = self.restarts[process.name]
        now = self.clock()
        times.append(now)
        while times[0] < now - WITHIN:
            times.popleft()
        if len(times) > MOST_RESTARTS:
            raise EmbeddedError(
                f"{process.name} ended {len(times)} times in a few minutes. {process.last_words()}"
            )


def stop_all(processes: list[Process]) -> None:
    """Ask all to stop at once, in order, then see each one end."""
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.wait_or_kill()
