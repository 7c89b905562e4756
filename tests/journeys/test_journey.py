"""The executable journey, walked against a live platform; and that it does not close its eyes."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from config.embedded.places import PROJECT
from tests.browser.chromium import CHROMIUM
from tests.journeys.calls import Outbox, Untruth, connect, expect
from tests.journeys.journey import Journey, journey_of, walk
from tests.journeys.running import RunningSystem
from tests.journeys.tour import take_tour

NOWHERE = "http://127.0.0.1:9"


def test_the_tour_is_true_and_a_woman_walks_to_a_certificate_that_a_stranger_checks(
    running_system: RunningSystem, request: pytest.FixtureRequest
) -> None:
    """On one platform: starting it takes longer than either. The tour needs a browser."""
    said: list[str] = []
    if CHROMIUM:
        take_tour(running_system, request.getfixturevalue("chromium"))

    with journey_of(running_system.environment) as journey:
        walk(journey, say=said.append)

    assert all(line.startswith("✓") for line in said[:-1])


def test_without_a_running_platform_the_journey_says_how_to_start_one(tmp_path: Path) -> None:
    walked = subprocess.run(
        [sys.executable, "-m", "tests.journeys.journey"],
        cwd=PROJECT,
        env={**os.environ, "JISR_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert walked.returncode == 1
    assert "expected" in walked.stderr
    assert "make run" in walked.stderr


def test_the_first_untruth_ends_the_walk_and_names_its_step(tmp_path: Path) -> None:
    said: list[str] = []

    with connect(NOWHERE) as http, pytest.raises(httpx.ConnectError):
        walk(Journey(http, people=[], outbox=Outbox(tmp_path / "none")), say=said.append)

    assert len(said) == 1
    assert said[0].startswith("✗")
    assert said[0].endswith("the platform is ready")


def test_an_untruth_says_what_was_expected_and_what_was_seen() -> None:
    with pytest.raises(Untruth, match="expected 83 % after five lessons; saw 50"):
        expect(False, "83 % after five lessons", 50)
