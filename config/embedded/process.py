"""One child process: a session of its own, a log file, a stop that leaves nothing behind."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.embedded.errors import EmbeddedError
from config.embedded.places import PROJECT

LAUNCHER: Final = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py")))


@dataclass(frozen=True)
class Account:
    """The unprivileged user that PostgreSQL runs under when we are root."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> "Account | None":
        """`nobody` when we are root, else None: we are unprivileged already."""
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam("nobody")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid)

    def is_shut_out_of(self, path: Path) -> bool:
        """Whether a folder on the way to `path` (itself included) is closed to this user."""
        for folder in (path, *path.parents):
            about = folder.stat()
            bit = 0o100 if about.st_uid == self.uid else 0o001
            if not about.st_mode & bit:
                return True
        return False


@dataclass(kw_only=True)
class Process:
    """A child that may be started again after it ended.

    `stop_signal` is also what the system sends it when we die without stopping it (Linux), so that even a kill -9
    of the supervisor leaves nothing behind. `inherits` are file descriptors the child keeps open: the lock.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0
    folder: Path = PROJECT
    inherits: tuple[int, ...] = ()
    running: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; its output is added to the log."""
        with self.log.open("ab") as log:
            try:
                self.running = subprocess.Popen(
                    [*LAUNCHER, str(int(self.stop_signal)), str(os.getpid()), *self._user(), *self.command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self.environment,
                    cwd=self.folder,
                    start_new_session=True,  # the terminal's Ctrl-C is ours to pass on, in our order
                    pass_fds=self.inherits,
                )
            except OSError as error:
                raise EmbeddedError(
                    f"{self.name} cannot be started: {error.strerror} ({self.command[0]})"
                ) from error

    @property
    def pid(self) -> int:
        if self.running is None:
            raise EmbeddedError(f"{self.name} was not started")
        return self.running.pid

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self.alive:
            os.kill(self.pid, self.stop_signal)

    def stop(self) -> None:
        """Stop it and whatever it started in its session; by force after `grace` seconds. Safe to repeat."""
        self.ask_to_stop()
        self.wait_or_kill()

    def wait_or_kill(self) -> None:
        """Wait `grace` seconds for it to end, then end it, and what is left of its session, by force."""
        if self.running:
            with suppress(subprocess.TimeoutExpired):
                self.running.wait(self.grace)
            self.kill()

    def kill(self) -> None:
        """End it by force, with whatever it started in its session. Safe to repeat."""
        if self.running is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`; refuse, with the end of its log, when it dies or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise EmbeddedError(f"{self.name} stopped while starting. {self.last_words()}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} is not ready after {seconds:.0f} s. {self.last_words()}")
            time.sleep(0.03)

    def last_words(self, lines: int = 12) -> str:
        """The end of the log, introduced by its name."""
        return last_words(self.log, lines)

    def _user(self) -> tuple[str, str]:
        return (str(self.account.uid), str(self.account.gid)) if self.account else ("-", "-")


def last_words(log: Path, lines: int = 12) -> str:
    """The end of a log file, introduced by its name."""
    text = log.read_text(errors="replace").strip() if log.is_file() else ""
    end = "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
    if "No space left on device" in end:
        return f"The disk is full. The end of {log}:\n{end}"
    return f"The end of {log}:\n{end}" if end else f"{log} is empty."
