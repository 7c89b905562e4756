"""Public identifiers: UUIDv7 (RFC 9562, 5.7), made here so that a row can be named before it is stored."""

import os
import time
import uuid
from typing import Any

from django.db import models


def uuid7() -> uuid.UUID:
    """A time-ordered UUID: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


class PublicIdField(models.UUIDField):  # type: ignore[type-arg]  # not generic at run time
    """The identifier the world sees; integer keys stay inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": uuid7, "unique": True, "editable": False, **options})
