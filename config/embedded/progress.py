"""What the person at the terminal sees: one line per step, with its seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints lines; a quiet one prints nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def say(self, line: str) -> None:
        if not self.quiet:
            print(f"  {line}", file=sys.stderr, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print `✓ name` and the seconds it took, once it is done."""
        started = time.monotonic()
        yield
        self.say(f"✓ {name:<26} {time.monotonic() - started:5.1f} s")
