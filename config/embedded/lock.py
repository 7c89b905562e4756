"""One system per `var/`: a lock that the kernel gives back when the last of its processes is gone."""

import fcntl
import os
import time
from contextlib import suppress
from typing import Final

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places

PATIENCE: Final = 15.0  # seconds for the processes of a system that was just stopped


class Lock:
    """Held by the supervisor and inherited by every child, so it also speaks for children left behind."""

    def __init__(self, places: Places) -> None:
        self.path = places.run / "lock"
        self.descriptor = -1

    def acquire(self) -> tuple[int, ...]:
        """Take the lock; return the descriptors that children must inherit. Refuses while a system runs."""
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PATIENCE
        while not self._try():
            if self._holder_is_alive() or time.monotonic() > deadline:
                holder = self._holder()
                self.release()
                raise EmbeddedError(
                    f"A Jisr is already running on {self.path.parent.parent} (process {holder}): stop it with "
                    f"Ctrl-C where it runs, or with `kill {holder}`"
                )
            time.sleep(0.1)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)
        return (self.descriptor,)

    def release(self) -> None:
        """Give our part of the lock back. Safe to repeat."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def is_held(self) -> bool:
        """Whether some system runs on these places now."""
        if not self.path.exists():
            return False
        self.descriptor = os.open(self.path, os.O_RDWR)
        held = not self._try()
        self.release()
        return held

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        with suppress(ValueError):
            return int(os.pread(self.descriptor, 32, 0))
        return 0

    def _holder_is_alive(self) -> bool:
        holder = self._holder()
        if not holder:
            return False
        try:
            os.kill(holder, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
