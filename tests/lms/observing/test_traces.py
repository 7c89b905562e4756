"""One trace from a request to the worker that acts on what it told."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from rest_framework.test import APIClient

from lms.events.tracing import begin_trace
from lms.observing import traces
from lms.observing.traces import span, trace_number
from tests.outbox import work_off

ID = "0192f0c4a1b27c3d8e4f5a6b7c8d9e0f"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "tracer", provider.get_tracer("test"))
    yield exporter
    begin_trace("")


@pytest.mark.django_db
def test_a_requests_id_is_its_traces_id(seen: InMemorySpanExporter, client: APIClient) -> None:
    client.get("/api/v1/verify/SECRETCODE", headers={"X-Request-ID": ID})
    [request] = seen.get_finished_spans()
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == ID
    assert request.name == "GET api/v1/verify/<str:code>"
    assert "SECRETCODE" not in request.to_json()


def test_work_for_the_same_request_later_is_part_of_its_trace(seen: InMemorySpanExporter) -> None:
    for place in ("request", "worker"):
        begin_trace(ID)
        with span(place), span("inner"):
            pass
        begin_trace("")
    spans = seen.get_finished_spans()
    assert {f"{one.context.trace_id:032x}" for one in spans if one.context} == {ID}
    inner, outer = spans[:2]
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


@pytest.mark.django_db
def test_a_worker_goes_on_with_the_trace_of_the_request_that_told(
    seen: InMemorySpanExporter, client: APIClient
) -> None:
    client.post("/api/v1/auth/codes", {"phone": "0612131415"}, format="json", headers={"X-Request-ID": ID})
    work_off()
    spans = {one.name: one for one in seen.get_finished_spans()}
    assert spans.keys() == {"POST api/v1/auth/codes", "on its way", "send_code"}
    assert {f"{one.context.trace_id:032x}" for one in spans.values() if one.context} == {ID}
    way = spans["on its way"]
    assert way.start_time is not None
    assert way.end_time is not None
    assert way.start_time < way.end_time


def test_a_failed_span_says_that_it_failed_and_not_what_the_error_quotes(seen: InMemorySpanExporter) -> None:
    begin_trace(ID)
    with pytest.raises(ValueError, match="canary"), span("work"):
        raise ValueError("canary")
    [failed] = seen.get_finished_spans()
    assert failed.status.status_code is StatusCode.ERROR
    assert "canary" not in failed.to_json()


@pytest.mark.parametrize("given", ["short-id", "", "0" * 32])
def test_any_id_that_a_proxy_gives_stands_for_a_trace(given: str) -> None:
    assert 0 < trace_number(given) < 2**128
    assert trace_number(given) == trace_number(given)
