from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from lms.api.problems import Malformed, TooLarge

DRAINED_AT_MOST = 160 * 1024 * 1024
CHUNK = 256 * 1024


class JSONParser(BaseParser):
    """A bounded JSON body: over `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes is 413, what is no JSON object 400."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            _drain(stream)
            raise TooLarge
        return read_object(body)


def read_object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed from error
    if not isinstance(data, dict):
        raise Malformed
    return data


def _drain(stream: IO[Any]) -> None:
    """Read the rest away: a client still sending would otherwise see a broken pipe and never our answer."""
    left = DRAINED_AT_MOST
    while left > 0 and (chunk := stream.read(CHUNK)):
        left -= len(chunk)
