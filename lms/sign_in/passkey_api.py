from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response

from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.sign_in.addresses import address_of
from lms.sign_in.limits import TooManyTries
from lms.sign_in.models import Passkey
from lms.sign_in.passkeys import (
    Asked,
    DeviceIsShared,
    EnoughPasskeys,
    PasskeyRefused,
    add_passkey,
    ask_to_add,
    ask_to_sign_in,
    remove_passkey,
)
from lms.sign_in.proofs import FreshProofNeeded


class AskedSerializer(serializers.Serializer[Any]):
    challenge = serializers.UUIDField(
        help_text="sent back with what the device answers; good for five minutes"
    )
    options = serializers.DictField(help_text="for `navigator.credentials`, in WebAuthn's JSON form")


class PasskeySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)


class PasskeyPageSerializer(serializers.Serializer[Any]):
    results = PasskeySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class NewPasskeySerializer(serializers.Serializer[Any]):
    challenge = serializers.UUIDField()
    credential = serializers.DictField(help_text="what the device made, in WebAuthn's JSON form")
    name = serializers.CharField(required=False, max_length=80, allow_blank=True, default="")


CHALLENGE = "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a61"
EXAMPLE = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a62",
    "name": "هاتفي",
    "created_at": "2026-11-22T10:00:00Z",
    "used_at": None,
}
ASKED = OpenApiExample(
    "تحد",
    response_only=True,
    value={
        "challenge": CHALLENGE,
        "options": {
            "publicKey": {"challenge": "q1w2…", "rpId": "example.ma", "userVerification": "required"}
        },
    },
)
NEW = OpenApiExample(
    "مفتاح جديد",
    request_only=True,
    value={
        "challenge": CHALLENGE,
        "credential": {"id": "mZ3…", "rawId": "mZ3…", "type": "public-key", "response": {}},
        "name": "هاتفي",
    },
)


def present_asked(asked: Asked) -> dict[str, Any]:
    return {"challenge": asked.challenge.uuid, "options": asked.options}


def present_passkey(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.uuid,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "used_at": passkey.used_at,
    }


class Passkeys(Endpoint):
    ability = {"GET": "session.own", "POST": "self.change"}
    refusals = {
        "GET": (InvalidInput,),
        "POST": (FreshProofNeeded, DeviceIsShared, PasskeyRefused, InvalidInput),
    }

    @extend_schema(
        summary="Her passkeys",
        responses=PasskeyPageSerializer,
        examples=[
            OpenApiExample(
                "مفاتيحي", response_only=True, value={"results": [EXAMPLE], "next": None, "previous": None}
            )
        ],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(Passkey.objects.filter(person=request.user), request)
        return Response(pages.answer([present_passkey(row) for row in rows]))

    @extend_schema(
        summary="Keep the passkey that her device made, within five minutes of a proof",
        request=NewPasskeySerializer,
        responses={201: PasskeySerializer},
        examples=[NEW, OpenApiExample("مفتاح", response_only=True, value=EXAMPLE)],
    )
    def post(self, request: Request) -> Response:
        asked = NewPasskeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        passkey = add_passkey(
            session=request.sign_in, person=request.user, at=timezone.now(), **asked.validated_data
        )
        return Response(present_passkey(passkey), status=201)


class PasskeyDetail(Endpoint):
    ability = "session.own"
    refusals = (NotFound,)

    @extend_schema(summary="Remove one of her passkeys", responses={204: None})
    def delete(self, request: Request, passkey_id: UUID) -> Response:
        passkey = get_object_or_404(Passkey, person=request.user, uuid=passkey_id)
        remove_passkey(passkey=passkey, at=timezone.now())
        return Response(status=204)


class PasskeyOptions(Endpoint):
    ability = "self.change"
    refusals = (FreshProofNeeded, DeviceIsShared, EnoughPasskeys)

    @extend_schema(
        summary="What her device needs to make a passkey",
        request=None,
        responses=AskedSerializer,
        examples=[ASKED],
    )
    def post(self, request: Request) -> Response:
        asked = ask_to_add(session=request.sign_in, person=request.user, at=timezone.now())
        return Response(present_asked(asked))


class PasskeyChallenges(Endpoint):
    ability = "session.open"
    authentication_classes: Sequence[type[BaseAuthentication]] = ()  # an old token is no reason to refuse
    refusals = (TooManyTries,)

    @extend_schema(
        summary="What a device needs to sign in by a passkey; nobody is named",
        request=None,
        responses=AskedSerializer,
        examples=[ASKED],
    )
    def post(self, request: Request) -> Response:
        return Response(
            present_asked(ask_to_sign_in(address=address_of(request._request), at=timezone.now()))
        )
