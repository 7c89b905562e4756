"""Every request has a name, told to the client and carried into events and logs."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lms.events.tracing import begin_trace
from lms.ids import uuid7

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Take the proxy's `X-Request-ID` when it is a plain one, else make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid7().hex
        begin_trace(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
