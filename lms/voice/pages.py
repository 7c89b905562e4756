"""A voice note that comes with a form of ours: recorded by the page, or by the phone's own recorder."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from lms.accounts.models import Person
from lms.files.receiving import is_too_large
from lms.voice.services import LARGEST, VoiceTooLarge, receive_voice


def voice_in(request: HttpRequest, id_: UUID) -> UUID | None:
    """The note that a form's `voice` made, under the id the form was given; None where nothing was recorded.

    Refusals: those of `receive_voice`.
    """
    sent = request.FILES.get("voice")
    if is_too_large(request):
        raise VoiceTooLarge
    if not sent:
        return None
    sound = sent.read(LARGEST + 1)
    note, _new = receive_voice(owner=cast("Person", request.user), id_=id_, sound=sound, at=timezone.now())
    return note.uuid
