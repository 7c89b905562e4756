"""Versions in HTTP: an `ETag` out, an `If-Match` back (RFC 9110, 13.1.1), so that nobody overwrites unseen work."""

import re
from typing import Final

from rest_framework.request import Request

from courses.authoring.refusals import ChangedMeanwhile, PreconditionRequired

# `"7"`, or `"7.1f2e"` where what stands after the dot tells readers apart and writers do not care.
# A compressing proxy weakens an ETag to W/"7"; it names the same version.
_TAG: Final = re.compile(r'^(?:W/)?"(\d{1,9})(?:\.[0-9a-f]+)?"$')


def etag(version: int, *, reading: str = "") -> str:
    return f'"{version}.{reading}"' if reading else f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version that the writer saw; None for `*`. Refused without If-Match, or with one that is none of ours."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired
    if given == "*":
        return None
    match = _TAG.match(given)
    if match is None:
        raise ChangedMeanwhile
    return int(match.group(1))
