"""Spans that join a request, the relay and the workers: the request's id is the trace's id.

An event keeps the id of the request that told it (`StoredEvent.trace_id`), so that a worker minutes later goes on
with the same trace. Only the API of OpenTelemetry is used here; without an exporter (config/tracing.py) it does
nothing.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, StatusCode, TraceFlags

from lms.events.tracing import current_trace

HEX: Final = re.compile(r"[0-9a-f]{32}")
tracer: Final = trace.get_tracer("jisr")


def trace_number(request_id: str) -> int:
    """The 128-bit id of the trace that a request's id stands for (W3C Trace Context, 3.2.2.3)."""
    if HEX.fullmatch(request_id) and int(request_id, 16):
        return int(request_id, 16)
    return int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:16])


@contextmanager
def span(name: str, *, started: int | None = None, **attributes: str) -> Iterator[Span]:
    """A span of the trace at hand. Attributes name routes, handlers and queues, never people.

    `started` is in nanoseconds since 1970, for what began before now.
    """
    request_id = current_trace()
    inside = trace.get_current_span().get_span_context().is_valid
    parent = None if inside or not request_id else trace.set_span_in_context(_root(request_id))
    with tracer.start_as_current_span(
        name,
        context=parent,
        attributes=attributes,
        start_time=started,
        # An error's text may hold a name: only that it failed is told.
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException:
            current.set_status(StatusCode.ERROR)
            raise


def _root(request_id: str) -> NonRecordingSpan:
    """The span that all spans of one request's id hang on, here and in every worker."""
    number = trace_number(request_id)
    context = SpanContext(number, number & (2**64 - 1) or 1, is_remote=True, trace_flags=TraceFlags(1))
    return NonRecordingSpan(context)
