"""Which language an answer is in.

Pages: what she chose last on this device (cookie), else what her account says, else what her browser asks, else Arabic.
API: what the request asks, else what her account says, else Arabic (the app carries her choice itself).
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from lms.languages import ARABIC, supported

COOKIE: Final = "language"
API: Final = "/api/"


class LanguageMiddleware:
    """Activates the language of each request and says it in `Content-Language`.

    Stands after whatever signs her in. A view that names its own `Content-Language` keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if "immutable" not in response.get("Cache-Control", ""):
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


def language_of(request: HttpRequest) -> str:
    """The interface language (`ar`, `fr`, `en`, `zgh`) that this request is answered in."""
    if request.path.startswith(API):
        return asked(request) or hers(request) or ARABIC
    return chosen(request) or hers(request) or asked(request) or ARABIC


def chosen(request: HttpRequest) -> str | None:
    """What she chose on this device."""
    return supported(request.COOKIES.get(COOKIE))


def asked(request: HttpRequest) -> str | None:
    """The first language of `Accept-Language` that we have."""
    header = request.headers.get("Accept-Language", "")
    wanted = (supported(tag) for tag, _quality in parse_accept_lang_header(header))
    return next(filter(None, wanted), None)


def hers(request: HttpRequest) -> str | None:
    """What her account says, if she is signed in."""
    return supported(getattr(getattr(request, "user", None), "language", None))
