"""The port to phones. A gateway takes a number, a text and a time; the file adapter is the one we have."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson
from django.conf import settings


class Gateway(Protocol):
    def send(self, *, to: str, text: str, at: datetime) -> None:
        """Hand one message over, or raise: whoever calls tries again later."""


class FileGateway:
    """Messages as JSON lines `{to, text, at}`: for development, demonstration and tests."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, *, to: str, text: str, at: datetime) -> None:
        line = orjson.dumps({"to": to, "text": text, "at": at.astimezone(UTC)}, option=orjson.OPT_UTC_Z)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One write to a file opened for appending: several workers never mix their lines.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = os.write(descriptor, line + b"\n")
        finally:
            os.close(descriptor)
        if written != len(line) + 1:
            raise OSError("a message was written only in part")


def gateway() -> Gateway:
    return FileGateway(settings.SMS_OUTBOX)
