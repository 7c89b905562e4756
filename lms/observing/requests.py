"""One line, one count and one span for each request. The route stands for the path, which may hold a code or an id."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from lms.observing.metrics import REQUEST_SECONDS, REQUESTS
from lms.observing.traces import span

log = logging.getLogger("jisr.requests")

UNKNOWN: Final = "(none)"
QUIET: Final = {"healthz", "readyz", "metrics"}
METHODS: Final = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        method = request.method if request.method in METHODS else "OTHER"
        with span("request", method=str(method)) as current:
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else UNKNOWN
            current.update_name(f"{method} {route}")
            current.set_attribute("http.response.status_code", response.status_code)
        took = time.perf_counter() - began
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(method, route).observe(took)
        if route not in QUIET:
            told = {
                "method": method,
                "route": route,
                "status": response.status_code,
                "milliseconds": round(took * 1000, 1),
            }
            log.info("answered", extra=told)
        return response
