"""The port to phones. A gateway takes a number and a text; which one stands in the settings (`SMS_GATEWAY`)."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson
from django.conf import settings

from lms.messages.http_gateway import HttpGateway
from lms.messages.outcomes import Receipt
from lms.messages.parts import size_of


class Gateway(Protocol):
    def send(self, *, to: str, text: str, at: datetime, reference: str = "", neutral: bool = True) -> Receipt:
        """Hand one message over, or raise: whoever calls tries again later.

        `reference` is our name for it, under which a gateway can see that it has it already; `neutral` asks for the
        sender's name that gives nothing away. Raises what lms/messages/outcomes.py names, or `OSError` where it
        certainly did not go.
        """


class FileGateway:
    """Messages as JSON lines `{to, text, at}`: for development, demonstration and tests."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, *, to: str, text: str, at: datetime, reference: str = "", neutral: bool = True) -> Receipt:
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
        return Receipt(parts=size_of(text).parts)


def gateway() -> Gateway:
    """The gateway of the settings."""
    if settings.SMS_GATEWAY == "file":
        return FileGateway(settings.SMS_OUTBOX)
    return HttpGateway(
        url=settings.SMS_GATEWAY_URL,
        token=settings.SMS_GATEWAY_TOKEN,
        sender=settings.SMS_SENDER,
        neutral_sender=settings.SMS_SENDER_NEUTRAL,
        seconds=settings.SMS_TIMEOUT,
    )
