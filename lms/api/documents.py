"""The API's own description: OpenAPI 3.1, and a page that renders it from files we serve."""

from typing import ClassVar

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView

# Redoc draws with styles it makes itself; only this page allows them.
_DRAWS_ITSELF: dict[str, list[str]] = {
    "style-src": ["'self'", "'unsafe-inline'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "worker-src": ["blob:"],
    "img-src": ["data:"],
}


class Schema(SpectacularAPIView):
    ability: ClassVar[str] = "service.probe"


@method_decorator(csp_update(_DRAWS_ITSELF), name="dispatch")
class Docs(SpectacularRedocView):
    ability: ClassVar[str] = "service.probe"
    url_name = "schema"
