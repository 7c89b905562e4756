import zlib
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from lms.api.problems import Malformed, TooLarge, UnsupportedType

DRAINED_AT_MOST = 160 * 1024 * 1024
CHUNK = 256 * 1024
GZIP = 16  # of zlib's `wbits`: a gzip header and trailer


class JSONParser(BaseParser):
    """A bounded JSON body: over `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes is 413, what is no JSON object 400.

    With `Content-Encoding: gzip` (RFC 9110, 8.4) the bound holds before and after it is unpacked; others are 415.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            drain(stream)
            raise TooLarge
        coding = parser_context["request"].headers.get("Content-Encoding", "") if parser_context else ""
        return read_object(unpacked(body, coding.lower()))


def unpacked(body: bytes, coding: str) -> bytes:
    """A body as it was before its coding; never more than we would have read."""
    if coding in {"", "identity"}:
        return body
    if coding != "gzip":
        raise UnsupportedType
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | GZIP)
    try:
        whole = unpacking.decompress(body, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    except zlib.error as error:
        raise Malformed from error
    if len(whole) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise Malformed
    return whole


def read_object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed from error
    if not isinstance(data, dict):
        raise Malformed
    return data


def drain(stream: IO[Any]) -> None:
    """Read the rest away: a client still sending would otherwise see a broken pipe and never our answer."""
    left = DRAINED_AT_MOST
    while left > 0 and (chunk := stream.read(CHUNK)):
        left -= len(chunk)
