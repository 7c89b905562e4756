"""Brotli or gzip for text, whichever the client takes. What carries its own encoding is left alone."""

import gzip
import hashlib
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

SMALLEST = 500
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=4),  # type: ignore[no-untyped-call]  # no stubs
    "gzip": lambda content: gzip.compress(content, 5),
}
TEXT = ("text/", "application/json", "application/problem+json", "application/manifest+json", "image/svg+xml")


class CompressionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not _worth_it(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        encoding = accepted_encoding(request)
        if encoding:
            _encode(response, encoding)
        return response


def accepted_encoding(request: HttpRequest) -> str:
    """`br`, `gzip` or nothing: the better one that the client named and did not refuse (RFC 9110, 12.5.3)."""
    offered = {
        name.strip(): parameters.replace(" ", "")
        for name, _, parameters in (
            part.partition(";") for part in request.headers.get("Accept-Encoding", "").lower().split(",")
        )
    }
    return next((name for name in ("br", "gzip") if name in offered and offered[name] != "q=0"), "")


def _worth_it(response: HttpResponse) -> bool:
    return (
        not response.has_header("Content-Encoding")
        and response.get("Content-Type", "").startswith(TEXT)
        and len(response.content) >= SMALLEST
    )


def _encode(response: HttpResponse, encoding: str) -> None:
    content = response.content
    response.content = COMPRESS[encoding](content)
    response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(response.content))
    etag = response.get("ETag")
    if etag and not etag.startswith("W/"):
        response["ETag"] = f"W/{etag}"


def send_compressed(request: HttpRequest, content: bytes) -> HttpResponse:
    """JSON in the encoding that the client takes, with a strong ETag for each (RFC 9110, 8.8.3.3)."""
    encoding = accepted_encoding(request)
    response = HttpResponse(
        COMPRESS[encoding](content) if encoding else content, content_type="application/json"
    )
    suffix = f"-{encoding}" if encoding else ""
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"'
    if encoding:
        response["Content-Encoding"] = encoding
    return response
