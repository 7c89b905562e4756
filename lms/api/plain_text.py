"""NUL stands in no address of ours and PostgreSQL stores none: refused before anything reads it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

from lms.api.problems import is_api

NUL = "\x00"
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class PlainTextMiddleware:
    """400 `malformed` for a path, a question or a form that holds NUL. JSON bodies are judged by their serializers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if NUL in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """The form of a page; what comes to /api/ is read by its parser alone."""
        if request.content_type not in FORMS or is_api(request):
            return
        if any(NUL in value for _name, values in request.POST.lists() for value in values):
            raise BadRequest
