"""To show again that it is she, and what may follow within five minutes: another number."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.accounts.phones import NotAMobile
from lms.accounts.services import CurrentPinWrong, OwnPinFirst, PinNeededToShare, PinNotFree
from lms.api.problems import NotSignedIn
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.sign_in.addresses import address_of
from lms.sign_in.api import EXAMPLE_CODE, REQUEST, CodeAnswerSerializer, CodeRequestSerializer
from lms.sign_in.codes import CodeSpent, CodeWrong
from lms.sign_in.limits import TooManyTries
from lms.sign_in.models import Challenge, Session
from lms.sign_in.proofs import (
    FreshProofNeeded,
    NoNumber,
    ask_new_number,
    ask_proof_code,
    change_number,
    prove_by_code,
    prove_by_secret,
)
from lms.sign_in.services import CredentialsWrong, PinWrong


class ProofSerializer(serializers.Serializer[Any]):
    """`request` and `code`, or `pin`, or `password`."""

    request = serializers.UUIDField(required=False)
    code = serializers.CharField(required=False, max_length=20)
    pin = serializers.CharField(required=False, max_length=20)
    password = serializers.CharField(required=False, max_length=200, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(way <= attrs.keys() for way in ({"request", "code"}, {"pin"}, {"password"})):
            detail = serializers.ErrorDetail(str(self.error_messages["required"]), "required")
            raise serializers.ValidationError({"code": detail})
        return attrs


class NumberSerializer(serializers.Serializer[Any]):
    request = serializers.UUIDField()
    code = serializers.CharField(max_length=20)
    pin = serializers.CharField(
        required=False, max_length=20, default="", help_text="her own, where others use the number too"
    )


def asked_for(challenge: Challenge) -> Response:
    return Response({"request": challenge.uuid, "expires_at": challenge.expires_at}, status=202)


def here(request: Request) -> Session:
    """Her session; the demands of these addresses are about one."""
    if not request.sign_in:
        raise NotSignedIn
    return request.sign_in


class ProofCodes(Endpoint):
    ability = "session.own"
    refusals = (NoNumber, TooManyTries)

    @extend_schema(
        summary="A code to the number she has, to show again that it is she",
        request=None,
        responses={202: CodeAnswerSerializer},
        examples=[EXAMPLE_CODE],
    )
    def post(self, request: Request) -> Response:
        at, address = timezone.now(), address_of(request._request)
        return asked_for(ask_proof_code(person=request.user, address=address, at=at))


class Proof(Endpoint):
    ability = "session.own"
    refusals = (CodeWrong, CodeSpent, PinWrong, CredentialsWrong, TooManyTries, InvalidInput)

    @extend_schema(
        summary="Show again that it is she; good for five minutes on this device",
        request=ProofSerializer,
        responses={204: None},
        examples=[OpenApiExample("بالرقم السري", request_only=True, value={"pin": "2468"})],
    )
    def post(self, request: Request) -> Response:
        asked = ProofSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, at = asked.validated_data, timezone.now()
        who: dict[str, Any] = {"session": here(request), "person": request.user, "at": at}
        if "code" in given and "request" in given:
            prove_by_code(**who, request=given["request"], code=given["code"])
        else:
            prove_by_secret(**who, pin=given.get("pin", ""), password=given.get("password", ""))
        return Response(status=204)


class MyNumber(Endpoint):
    ability = "self.change"
    refusals = {
        "POST": (FreshProofNeeded, NotAMobile, TooManyTries, InvalidInput),
        "PUT": (
            FreshProofNeeded,
            CodeWrong,
            CodeSpent,
            PinNeededToShare,
            OwnPinFirst,
            PinNotFree,
            CurrentPinWrong,
            InvalidInput,
        ),
    }

    @extend_schema(
        summary="A code to the number she wants to have",
        request=CodeRequestSerializer,
        responses={202: CodeAnswerSerializer},
        examples=[
            OpenApiExample("رقم جديد", request_only=True, value={"phone": "06 12 34 56 78"}),
            EXAMPLE_CODE,
        ],
    )
    def post(self, request: Request) -> Response:
        asked = CodeRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        challenge = ask_new_number(
            session=request.sign_in,
            person=request.user,
            phone=asked.validated_data["phone"],
            address=address_of(request._request),
            at=timezone.now(),
        )
        return asked_for(challenge)

    @extend_schema(
        summary="The code came to the new number: it is hers; her other devices are signed out",
        request=NumberSerializer,
        responses={204: None},
        examples=[OpenApiExample("رمز", request_only=True, value={"request": REQUEST, "code": "482913"})],
    )
    def put(self, request: Request) -> Response:
        asked = NumberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        change_number(session=request.sign_in, person=request.user, at=timezone.now(), **asked.validated_data)
        return Response(status=204)
