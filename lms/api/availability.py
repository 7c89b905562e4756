"""The database does not answer, or a disk is full: 503 or 507, when to come back, never a success without its row."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lms.api.problems import is_api, our_failure, problem_headers, problem_response


class AvailabilityMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_unavailable(request, error)


def answer_unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """503 if it was the database that did not answer, 507 without room; None for any other error.

    Also asked by the 500 page, because a middleware that looks up who she is fails outside any view.
    """
    refusal = our_failure(error)
    if refusal is None:
        return None
    if is_api(request):
        return problem_response(refusal)
    return HttpResponse(
        refusal.detail,
        status=refusal.status,
        content_type="text/plain; charset=utf-8",
        headers=problem_headers(refusal),
    )
