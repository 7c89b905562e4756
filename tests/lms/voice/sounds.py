"""A voice note on its way, as a phone sends it."""

from typing import Any
from uuid import UUID, uuid4

from rest_framework.test import APIClient

from tests.lms.files.recordings import tone
from tests.outbox import work_off

WAV = "audio/wav"


def send_voice(client: APIClient, sound: bytes, *, id_: UUID | str | None = None, kind: str = WAV) -> Any:
    return client.generic("PUT", f"/api/v1/voice-notes/{id_ or uuid4()}", sound, content_type=kind)


def sent_voice(client: APIClient, *, seconds: float = 0.4, checked: bool = True) -> str:
    """The id of a note that arrived; worked off where it is to be checked."""
    answer = send_voice(client, tone(seconds))
    assert answer.status_code == 201, answer.content
    if checked:
        work_off()
    return str(answer.json()["id"])
