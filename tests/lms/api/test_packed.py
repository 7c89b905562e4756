"""A request's body packed with gzip (RFC 9110, 8.4): the same bounds hold before and after it is unpacked."""

import gzip
from typing import Any

import orjson
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from learners.progress.models import ProgressEvent
from tests.cast import Country
from tests.learners.learning import Learning, begin_learning


@pytest.fixture
def learning(country: Country) -> Learning:
    return begin_learning(country)


def send(client: APIClient, body: bytes, coding: str = "gzip") -> Any:
    return client.generic(
        "POST",
        "/api/v1/progress/events",
        body,
        content_type="application/json",
        headers={"Content-Encoding": coding},
    )


def batch(learning: Learning, number: int = 5) -> bytes:
    return orjson.dumps(
        {"device": "هاتف", "events": [learning.event(learning.texts[0]) for _ in range(number)]}
    )


def test_a_packed_batch_is_taken_as_it_is(learning: Learning) -> None:
    answer = send(learning.client, gzip.compress(batch(learning)))
    assert answer.status_code == 200, answer.content
    assert {result["status"] for result in answer.json()["results"]} == {"accepted"}
    assert ProgressEvent.objects.count() == 5


def test_what_swells_beyond_our_bound_is_refused_before_it_is_read(learning: Learning) -> None:
    bomb = gzip.compress(b" " * (200 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    assert len(bomb) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    refused = send(learning.client, bomb)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("cut", [slice(0, -4), slice(0, 20), slice(3, None)])
def test_what_is_cut_is_refused(learning: Learning, cut: slice) -> None:
    refused = send(learning.client, gzip.compress(batch(learning))[cut])
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    assert not ProgressEvent.objects.exists()


def test_what_hangs_on_behind_is_refused(learning: Learning) -> None:
    refused = send(learning.client, gzip.compress(batch(learning)) + b"more")
    assert refused.json()["code"] == "malformed"


def test_another_coding_is_refused(learning: Learning) -> None:
    refused = send(learning.client, batch(learning), coding="br")
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
