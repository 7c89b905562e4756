"""Probes: what is down is said, what is frozen is not waited for."""

import socket
from collections.abc import Iterator
from threading import Event

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from lms.api import health


@pytest.fixture
def frozen_address() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def never() -> Iterator[Event]:
    """What a frozen part waits for; released after the test so that no thread stays behind."""
    event = Event()
    yield event
    event.set()


def test_the_process_answers_without_asking_anyone(client: APIClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_all_parts_answer(client: APIClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"database": "ok", "broker": "ok", "storage": "ok"},
    )


@pytest.mark.django_db
def test_a_frozen_broker_and_storage_are_down_and_requests_go_on(
    client: APIClient, frozen_address: str, settings: Settings
) -> None:
    settings.QUEUES_URL = f"redis://{frozen_address}/0"
    settings.STORAGE_ENDPOINT = f"http://{frozen_address}"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"database": "ok", "broker": "down", "storage": "down"},
    )


@pytest.mark.django_db
def test_a_broker_that_is_not_there_is_down(client: APIClient, settings: Settings) -> None:
    settings.QUEUES_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json()["broker"] == "down"


def test_without_the_database_it_is_not_ready(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError

    monkeypatch.setitem(health.LOOKS, "database", broken)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "down")
    assert answer.headers["Retry-After"]


def test_a_frozen_database_is_not_waited_for(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, never: Event
) -> None:
    monkeypatch.setitem(health.LOOKS, "database", lambda: never.wait() and None)
    # More often than there are threads for it: the others are still looked at (a busy machine may miss one second).
    answers = [client.get("/readyz") for _ in range(4)]
    assert {(answer.status_code, answer.json()["database"]) for answer in answers} == {(503, "down")}
    assert {"ok"} <= {answer.json()["broker"] for answer in answers}
    assert {"ok"} <= {answer.json()["storage"] for answer in answers}
