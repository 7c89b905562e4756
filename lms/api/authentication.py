"""Who asks: an app by `Authorization: Bearer`, a browser by its cookie and a CSRF token."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from lms.api.problems import CsrfFailed, NotSignedIn


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return None
        sign_in = request._request.sign_in  # type: ignore[attr-defined]  # set by SignedInMiddleware
        if not sign_in:
            raise NotSignedIn
        return request._request.user, sign_in

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CookieAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        sign_in = request._request.sign_in  # type: ignore[attr-defined]  # set by SignedInMiddleware
        if not sign_in:
            return None
        refused = _CsrfCheck(lambda _: HttpResponse()).refusal(request._request)
        if refused:
            raise CsrfFailed
        return request._request.user, sign_in


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason

    def refusal(self, request: HttpRequest) -> str | None:
        """Why a request made with a cookie may have come from another site, or None (as DRF itself asks)."""
        self.process_request(request)
        return self.process_view(request, None, (), {})  # type: ignore[arg-type,return-value]  # as DRF calls it
