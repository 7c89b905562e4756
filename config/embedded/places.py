"""Where local state lives: the folders under `JISR_VAR`."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.embedded.errors import EmbeddedError

PROJECT: Final = Path(__file__).resolve().parent.parent.parent
MEBIBYTE: Final = 1024 * 1024
NEEDED_SPACE: Final = 1024 * MEBIBYTE


@dataclass(frozen=True)
class Places:
    """The folders of one running system. `var` is absolute."""

    var: Path
    keys: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Places":
        """The places that `JISR_VAR` and `JISR_KEYS` name, by default under the project's `var/`."""
        var = Path(environment.get("JISR_VAR") or PROJECT / "var").absolute()
        return cls(var=var, keys=Path(environment.get("JISR_KEYS") or var / "keys").absolute())

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def metrics(self) -> Path:
        """What the processes of the web have counted since the start."""
        return self.run / "metrics"

    @property
    def environment_file(self) -> Path:
        """The variables of the system that runs now, for commands that join it."""
        return self.run / "environment.json"

    @property
    def demonstration_file(self) -> Path:
        return self.var / "demo.json"

    def presented(self, name: str) -> Path:
        """What `load_demonstration --present` wrote for us to show."""
        return self.run / name

    def make(self) -> None:
        """Make the folders that are missing. Safe to repeat; refuses when the disk is (nearly) full.

        `var` can be crossed but not listed by others, so that PostgreSQL may run under a user of its own.
        """
        try:
            self.var.mkdir(mode=0o711, parents=True, exist_ok=True)
            for folder in (self.run, self.log, self.var / "outbox", self.keys):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(
                f"{self.var} cannot be written ({error.strerror}): free or choose JISR_VAR"
            ) from error
        free = shutil.disk_usage(self.var).free
        if free < NEEDED_SPACE:
            raise EmbeddedError(
                f"The disk is full: {self.var} has {free // MEBIBYTE} MB left "
                f"and Jisr needs {NEEDED_SPACE // MEBIBYTE}"
            )


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads; it appears whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    part.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object a file of ours holds; empty when there is no such file."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise EmbeddedError(f"{path} is damaged: `make reset` starts over") from error
    return dict(content)
