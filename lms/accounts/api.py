from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.accounts.services import REVEALED_AT_ONCE, reveal_by_uuid
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class RevealSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=REVEALED_AT_ONCE, help_text="people"
    )
    reason = serializers.CharField(min_length=3, max_length=300, help_text="kept with the record of the look")


class RevealedSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField()
    name = serializers.CharField()


class RevealedPeopleSerializer(serializers.Serializer[Any]):
    results = RevealedSerializer(many=True)


PERSON = "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10"


class PeopleReveal(Endpoint):
    ability = "person.reveal"
    refusals = (NotFound, InvalidInput)

    @extend_schema(
        summary="Names of people below her, with the reason; who looked is recorded",
        request=RevealSerializer,
        responses=RevealedPeopleSerializer,
        examples=[
            OpenApiExample(
                "طلب", request_only=True, value={"ids": [PERSON], "reason": "الاتصال بمن انقطعن عن التكوين"}
            ),
            OpenApiExample(
                "أسماء",
                response_only=True,
                value={"results": [{"person": PERSON, "name": "فاطمة العمراني"}]},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        asked = RevealSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        names = reveal_by_uuid(
            viewer=request.user,
            uuids=asked.validated_data["ids"],
            reason=asked.validated_data["reason"],
            at=timezone.now(),
        )
        return Response({"results": [{"person": uuid, "name": name} for uuid, name in names]})
