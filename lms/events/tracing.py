"""The request (or delivery) on whose behalf this thread works, carried into events and logs."""

from contextvars import ContextVar

_trace: ContextVar[str] = ContextVar("trace", default="")


def begin_trace(trace_id: str) -> None:
    _trace.set(trace_id)


def current_trace() -> str:
    return _trace.get()
