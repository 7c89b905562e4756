"""The API's own description: OpenAPI 3.1, and a page that renders it from files we serve."""

from functools import cache
from typing import ClassVar

from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView
from rest_framework.request import Request

# Redoc draws with styles it makes itself; only this page allows them.
_DRAWS_ITSELF: dict[str, list[str]] = {
    "style-src": ["'self'", "'unsafe-inline'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "worker-src": ["blob:"],
    "img-src": ["data:"],
}


class Schema(SpectacularAPIView):
    """As YAML or JSON, whichever is asked."""

    ability: ClassVar[str] = "service.probe"

    def _get_schema_response(self, request: Request) -> HttpResponse:
        media_type = request.accepted_renderer.media_type
        return HttpResponse(written(media_type, get_language() or "ar"), content_type=media_type)


@cache
def written(media_type: str, _language: str) -> bytes:
    """The document in one form: half a second's work for whoever asks, so each process does it once."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # untyped there
    renderer = next(known for known in Schema.renderer_classes if known.media_type == media_type)
    text: bytes = renderer().render(document, renderer_context={})
    return text


@method_decorator(csp_update(_DRAWS_ITSELF), name="dispatch")
class Docs(SpectacularRedocView):
    ability: ClassVar[str] = "service.probe"
    url_name = "schema"
