"""Refusals as `application/problem+json` (RFC 9457): one place for every error the API gives."""

import errno
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DiskFull
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response

from lms.errors import InvalidInput, NotAllowed, NotFound, Refusal
from lms.events.tracing import current_trace

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class Malformed(Refusal):
    code = "malformed"
    status = 400
    message = _("We could not read what was sent.")


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    message = _("Sign in first.")


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    status = 405
    message = _("This address does not take that method.")


class UnsupportedType(Refusal):
    code = "unsupported_media_type"
    status = 415
    message = _("Send application/json.")


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("This is larger than we can take.")


class Unavailable(Refusal):
    code = "unavailable"
    status = 503
    message = _("The service is catching its breath. Try again in a moment.")


class NoRoom(Refusal):
    """A disk of ours is full."""

    code = "no_room"
    status = 507
    message = _("There is no room left for this just now. Nothing of it was kept; try again later.")


class ServerError(Refusal):
    code = "server_error"
    status = 500
    message = _("Something went wrong on our side. Nothing you did is lost.")


class CsrfFailed(Refusal):
    code = "csrf_failed"
    status = 403
    message = _("This page was open for too long. Load it again.")


_KNOWN: tuple[tuple[type[Exception], type[Refusal]], ...] = (
    (Http404, NotFound),
    (exceptions.NotFound, NotFound),
    (exceptions.NotAuthenticated, NotSignedIn),
    (exceptions.AuthenticationFailed, NotSignedIn),
    (PermissionDenied, NotAllowed),
    (exceptions.PermissionDenied, NotAllowed),
    (exceptions.MethodNotAllowed, MethodNotAllowed),
    (exceptions.UnsupportedMediaType, UnsupportedType),
    (RequestDataTooBig, TooLarge),
    (exceptions.ParseError, Malformed),
)


def answer_refusal(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. What is not a refusal stays unexpected and becomes a 500 with its reference."""
    refusal = as_refusal(error)
    if refusal is None:
        return None
    response = Response(problem(refusal), status=refusal.status, content_type=CONTENT_TYPE)
    for name, value in problem_headers(refusal).items():
        response[name] = value
    return response


def as_refusal(error: Exception) -> Refusal | None:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, exceptions.ValidationError):
        return InvalidInput(errors=list(pointers(error.get_full_details())))
    if ours := our_failure(error):
        return ours
    return next((refusal() for known, refusal in _KNOWN if isinstance(error, known)), None)


def our_failure(error: BaseException | None) -> Refusal | None:
    """507 where a disk is full, 503 where the database does not answer, None for any other error."""
    if is_full(error):
        log.error("a disk is full", exc_info=error)
        return NoRoom(retry_after=60)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        log.warning("the database did not answer", exc_info=error)
        return Unavailable(retry_after=2)
    return None


def is_full(error: BaseException | None) -> bool:
    """Whether it was PostgreSQL's disk (53100), or one that we write to ourselves."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OperationalError) and isinstance(error.__cause__, DiskFull)


def problem(refusal: Refusal) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": refusal.detail,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "request_id": current_trace(),
    }
    if refusal.errors:
        body["errors"] = refusal.errors
    return body


def problem_headers(refusal: Refusal) -> dict[str, str]:
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return headers


def problem_response(refusal: Refusal) -> HttpResponse:
    """The same answer outside DRF: unknown paths, middleware, Django's own errors."""
    return HttpResponse(
        orjson.dumps(problem(refusal)),
        status=refusal.status,
        content_type=CONTENT_TYPE,
        headers=problem_headers(refusal) | {"Content-Language": get_language() or "ar"},
    )


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def pointers(details: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested error details into RFC 6901 pointers."""
    if isinstance(details, Mapping) and {"message", "code"} == set(details):
        yield {"pointer": at or "/", "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            yield from pointers(inner, at if name == "non_field_errors" else f"{at}/{name}")
    elif isinstance(details, Sequence):
        nested = any(not (isinstance(item, Mapping) and "message" in item) for item in details)
        for index, inner in enumerate(details):
            yield from pointers(inner, f"{at}/{index}" if nested else at)
