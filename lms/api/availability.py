"""When the database does not answer, say so and when to come back: 503, never a success without its row."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

from lms.api.problems import Unavailable, is_api, problem_response

log = logging.getLogger(__name__)


class AvailabilityMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_unavailable(request, error)


def answer_unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """503 if it was the database that did not answer; None for any other error.

    Also asked by the 500 page, because a middleware that looks up who she is fails outside any view.
    """
    if not isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return None
    log.warning("the database did not answer", exc_info=error)
    refusal = Unavailable(retry_after=2)
    if is_api(request):
        return problem_response(refusal)
    return HttpResponse(refusal.detail, status=503, content_type="text/plain", headers={"Retry-After": "2"})
