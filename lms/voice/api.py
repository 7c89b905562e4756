from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from lms.api.parsers import drain
from lms.api.problems import UnsupportedType
from lms.api.views import Endpoint, Request
from lms.errors import NotFound
from lms.files.reasons import reason
from lms.files.storage import ObjectMissing, StorageUnavailable
from lms.voice.models import VoiceNote, VoiceState
from lms.voice.services import (
    LARGEST,
    LONGEST_SECONDS,
    NothingRecorded,
    TooManyVoices,
    VoiceIdTaken,
    VoiceTooLarge,
    open_voice,
    receive_voice,
)


class SoundParser(BaseParser):
    """A sound as it was recorded, whatever the phone calls it; one byte more than we take at most."""

    media_type = "audio/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        sound: bytes = stream.read(LARGEST + 1)
        drain(stream)
        return {"sound": sound}


class VoiceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=VoiceState.choices)
    seconds = serializers.FloatField(allow_null=True)
    code = serializers.CharField(allow_null=True, help_text="why it was refused")
    detail = serializers.CharField(allow_null=True)


class PlayableSerializer(VoiceSerializer):
    url = serializers.CharField(help_text="the sound, once `state` is `ready`")


VOICE = {
    "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c78",
    "state": "ready",
    "seconds": 12.4,
    "code": None,
    "detail": None,
}


def present_voice(note: VoiceNote) -> dict[str, Any]:
    return {
        "id": note.uuid,
        "state": note.state,
        "seconds": note.seconds,
        "code": note.code or None,
        "detail": reason(note.code) if note.code else None,
    }


def sound_response(note: VoiceNote) -> HttpResponse:
    """The opened sound under a neutral name; kept nowhere on the way. `not_found` where the storage has lost it."""
    try:
        response = HttpResponse(open_voice(note), content_type=note.content_type)
    except ObjectMissing as error:
        raise NotFound from error
    response["Content-Disposition"] = 'inline; filename="sound"'
    response["Cache-Control"] = "no-store"
    return response


class VoiceNotes(Endpoint):
    ability = "voice.record"
    parser_classes = (SoundParser,)
    refusals = {
        "PUT": (
            NothingRecorded,
            VoiceTooLarge,
            TooManyVoices,
            VoiceIdTaken,
            UnsupportedType,
            StorageUnavailable,
        ),
        "GET": (NotFound,),
    }

    @extend_schema(
        summary="Send a voice note under an id made on the phone; then name it where it belongs",
        description=f"At most {LONGEST_SECONDS} seconds and 2 MiB, of any kind that phones record. 201 where it is "
        "new, 200 where it is known. What nothing names within a week is forgotten.",
        request={"audio/*": OpenApiTypes.BINARY},
        responses={201: VoiceSerializer, 200: VoiceSerializer},
        examples=[OpenApiExample("تسجيل", response_only=True, value=VOICE)],
    )
    def put(self, request: Request, voice_id: UUID) -> Response:
        sound: bytes = request.data.get("sound", b"")  # without a body nothing is parsed
        note, new = receive_voice(owner=request.user, id_=voice_id, sound=sound, at=timezone.now())
        return Response(present_voice(note), status=201 if new else 200)

    @extend_schema(
        summary="What became of her voice note",
        responses=VoiceSerializer,
        examples=[OpenApiExample("تسجيل", response_only=True, value=VOICE)],
    )
    def get(self, request: Request, voice_id: UUID) -> Response:
        mine = VoiceNote.objects.filter(owner_id=request.user.scope.person_id)
        return Response(present_voice(get_object_or_404(mine, uuid=voice_id)))
