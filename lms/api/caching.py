"""What may be kept, and what has not changed since it was last asked for."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from lms.api.problems import is_api


class PrivateAnswersMiddleware:
    """Answers to signed-in people stay out of every cache; every API read has an ETag (RFC 9110, 8.8.3).

    An ETag on a `no-store` answer serves apps that keep their own copy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store" if _carries_sign_in(request) else "no-cache"
        if request.method in {"GET", "HEAD"} and is_api(request) and isinstance(response, HttpResponse):
            return _conditional(request, response)
        return response


def _carries_sign_in(request: HttpRequest) -> bool:
    return "Authorization" in request.headers or settings.SESSION_COOKIE in request.COOKIES


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    if response.status_code != 200:
        return response
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
