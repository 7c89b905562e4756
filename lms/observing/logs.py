"""Logs as one JSON object a line (or readable text), each with the request or delivery it belongs to.

Lines of libraries pass the same processors as ours. Errors show their kind and where they rose, never their text:
PostgreSQL's and Python's messages quote the values they stumbled over.
"""

import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

from lms.events.tracing import current_trace
from lms.observing.redaction import hide_people

Line = MutableMapping[str, Any]
FRAMES: Final = 30


def frames(trace: TracebackType | None) -> str:
    """Where an error rose: the last frames, without the error's own text."""
    return "".join(traceback.format_tb(trace)[-FRAMES:])


def name_the_cause(_logger: object, _method: str, line: Line) -> Line:
    """Who asked: the id of the request, or of the event a worker acts on."""
    if trace := current_trace():
        line["request_id"] = trace
    return line


def describe_error(_logger: object, _method: str, line: Line) -> Line:
    """`exc_info` becomes the error's kind and its frames."""
    given = line.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if error is not None:
        line["error"] = type(error).__qualname__
        line["frames"] = frames(error.__traceback__)
    return line


def logging_settings(*, level: str, shape: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, `level` and above, as JSON or as text."""
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    read = structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.ExtraAdder(allow=["route", "method", "status", "milliseconds"]),
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                ],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    name_the_cause,
                    describe_error,
                    _hide_but_time,
                    render if shape == "json" else read,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django.request": {"level": "ERROR"}},
    }


def _hide_but_time(logger: object, method: str, line: Line) -> Line:
    """The moment and the request's id are ours and hold many digits."""
    kept = {name: line.pop(name) for name in ("timestamp", "request_id", "frames") if name in line}
    return {**hide_people(logger, method, line), **kept}
