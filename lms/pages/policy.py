"""`Content-Security-Policy` on every answer, put together once."""

from collections.abc import Callable
from typing import Final

from csp.constants import HEADER, HEADER_REPORT_ONLY
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

# How django-csp's decorators mark an answer that has a policy of its own.
OWN: Final = frozenset(
    f"_csp_{mark}{ending}" for mark in ("config", "update", "replace", "exempt") for ending in ("", "_ro")
)


class ContentPolicyMiddleware(CSPMiddleware):
    """The policy of the settings, as it is; django-csp works out only those of answers that change it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.headers = {
            HEADER: build_policy(),
            HEADER_REPORT_ONLY: build_policy(report_only=True),
        }

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not OWN.isdisjoint(vars(response)) or hasattr(request, "_csp_nonce"):
            return super().process_response(request, response)
        for name, policy in self.headers.items():
            if policy:
                response.headers.setdefault(name, policy)
        return response
