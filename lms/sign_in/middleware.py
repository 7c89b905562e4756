"""`request.sign_in` (the session) and `request.user` (the person, or Nobody), looked up when first needed."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from lms.access.scoping import Nobody
from lms.accounts.models import Person
from lms.sign_in.models import Session
from lms.sign_in.queries import open_session
from lms.sign_in.sessions import mark_seen


class SignedInMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.session_key = key = presented_key(request)  # type: ignore[attr-defined]
        if key is None:
            request.sign_in, request.user = None, Nobody()  # type: ignore[attr-defined,assignment]
        else:
            request.sign_in = SimpleLazyObject(lambda: _session(key))  # type: ignore[attr-defined]
            request.user = SimpleLazyObject(lambda: _person(request.sign_in))  # type: ignore[attr-defined,assignment]
        return self.get_response(request)


def presented_key(request: HttpRequest) -> str | None:
    """The Bearer token, else the browser's cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return token.strip()
    return request.COOKIES.get(settings.SESSION_COOKIE)


def _session(key: str) -> Session | None:
    at = timezone.now()
    session = open_session(key, at=at)
    if session:
        mark_seen(session, at=at)
    return session


def _person(session: Session) -> Person | Nobody:
    return session.person if session and session.person else Nobody()
