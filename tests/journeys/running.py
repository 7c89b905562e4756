"""A running platform with its demonstration, for tests that walk through it as people do.

from tests.journeys.running import running_system  # in the conftest of the folder that needs it
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.embedded.places import PROJECT
from tests.journeys.calls import Caller, Outbox, connect
from tests.servers import Platform

SHARE = 10  # per cent of the learners: enough for every report, quickly there
STEP_PATIENCE = 300


@dataclass(frozen=True)
class RunningSystem:
    """Web, workers and relay with the demonstration; `people` are those of demo.json."""

    platform: Platform
    people: list[dict[str, Any]]
    http: httpx.Client

    @property
    def base_url(self) -> str:
        return self.platform.base_url

    @property
    def environment(self) -> Mapping[str, str]:
        return self.platform.environment

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.platform.outbox)

    def person(self, role: str, place: str = "") -> dict[str, Any]:
        """The first with this role at a place whose code holds `place`."""
        return next(p for p in self.people if p["role"] == role and place in p["organisation"]["code"])

    def caller(self, role: str, place: str = "") -> Caller:
        return Caller(self.http, self.person(role, place)["token"])

    def learner(self, number: str) -> dict[str, Any]:
        return next(p for p in self.people if p["sign_in"].get("phone") == number)


@pytest.fixture
def running_system(platform: Platform) -> Iterator[RunningSystem]:
    """The platform with a tenth of the demonstration's learners, every certificate drawn."""
    environment = {**platform.environment, "JISR_ENV": "demo"}
    manage("load_demonstration", "--share", str(SHARE), environment=environment)
    manage("write_demo_file", environment=environment)
    written = Path(environment["JISR_VAR"]) / "demo.json"
    people = json.loads(written.read_text(encoding="utf-8"))["people"]
    with connect(platform.base_url) as http:
        yield RunningSystem(platform, people, http)
    written.unlink()


def manage(*words: str, environment: Mapping[str, str]) -> str:
    """Run a command of manage.py to its end; what it printed. A failure shows all of it."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=STEP_PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
