"""The key rings: secrets that live outside the database, in one file per purpose.

A file holds lines `<key id>:<base64 of 32 bytes>`. The last line is the key in use, earlier ones are still
accepted for reading, so a key is rotated by adding a line.
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Purpose = Literal["encryption", "blind_index", "search", "pin_pepper", "signing"]


@dataclass(frozen=True)
class Key:
    id: str
    secret: bytes


@cache
def ring(purpose: Purpose) -> dict[str, Key]:
    """Every key of one purpose by its id, oldest first."""
    path = settings.KEYS_DIR / purpose
    try:
        lines = path.read_text().split()
    except FileNotFoundError as error:
        raise ImproperlyConfigured(f"the key file {path.name} is missing from {path.parent}") from error
    keys = [Key(id_, base64.b64decode(secret)) for id_, _, secret in (line.partition(":") for line in lines)]
    if not keys or any(len(key.secret) < 32 for key in keys):
        raise ImproperlyConfigured(f"the key file {path.name} needs lines of id:base64 of 32 bytes")
    return {key.id: key for key in keys}


def current(purpose: Purpose) -> Key:
    return next(reversed(ring(purpose).values()))


def mac(purpose: Purpose, *parts: str | bytes) -> bytes:
    """HMAC-SHA-256 under the current key; the parts are length-prefixed so that they cannot run together."""
    return _mac(current(purpose), parts)


def macs(purpose: Purpose, *parts: str | bytes) -> list[tuple[str, bytes]]:
    """The same under every key of the ring, the newest first, each beside its key's id."""
    return [(key.id, _mac(key, parts)) for key in reversed(ring(purpose).values())]


def _mac(key: Key, parts: Iterable[str | bytes]) -> bytes:
    message = b""
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        message += len(encoded).to_bytes(4, "big") + encoded
    return hmac.digest(key.secret, message, "sha256")
