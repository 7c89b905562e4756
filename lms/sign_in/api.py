from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response

from lms.accounts.phones import NotAMobile
from lms.accounts.presenting import EXAMPLE_PERSON, MeSerializer, present_me
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.sign_in.addresses import address_of
from lms.sign_in.cards import CardWrong, sign_in_with_card
from lms.sign_in.codes import CodeSpent, CodeWrong, request_code
from lms.sign_in.cookies import CLEARED
from lms.sign_in.limits import TooManyTries
from lms.sign_in.models import Session
from lms.sign_in.passkeys import PasskeyWrong, sign_in_with_passkey
from lms.sign_in.services import (
    AccountClosed,
    CredentialsWrong,
    PinNeeded,
    PinWrong,
    sign_in_with_code,
    sign_in_with_password,
)
from lms.sign_in.sessions import Device, Opened, devices_of, end_sessions


class CodeRequestSerializer(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=40, help_text="a Moroccan mobile number, as people type it")


class CodeAnswerSerializer(serializers.Serializer[Any]):
    request = serializers.UUIDField()
    expires_at = serializers.DateTimeField()


class SignInSerializer(serializers.Serializer[Any]):
    """One way in: `request` and `code` (and `pin` where a number is shared), `card` and `pin`, `challenge` and
    `credential` (a passkey), or `email` and `password`."""

    request = serializers.UUIDField(required=False)
    code = serializers.CharField(required=False, max_length=20)
    pin = serializers.CharField(required=False, max_length=20, allow_blank=True, default="")
    card = serializers.CharField(
        required=False,
        max_length=60,
        help_text="the twelve digits of her card, or what its square says after `#`",
    )
    email = serializers.EmailField(required=False, max_length=200)
    password = serializers.CharField(required=False, max_length=200, trim_whitespace=False)
    challenge = serializers.UUIDField(required=False)
    credential = serializers.DictField(
        required=False, help_text="what her passkey answered, in WebAuthn's JSON"
    )
    device_name = serializers.CharField(required=False, max_length=80, allow_blank=True, default="")
    shared_device = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ways = ({"request", "code"}, {"email", "password"}, {"card", "pin"}, {"challenge", "credential"})
        if not any(way <= attrs.keys() for way in ways):
            way = ways[1] if ways[1] & attrs.keys() else ways[0]
            raise serializers.ValidationError(
                {
                    name: serializers.ErrorDetail(str(self.error_messages["required"]), "required")
                    for name in sorted(way - attrs.keys())
                }
            )
        return attrs


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="sent as `Authorization: Bearer`; told once")
    expires_at = serializers.DateTimeField(
        help_text="unless it is used before: each use begins the time anew"
    )
    person = MeSerializer(allow_null=True, help_text="null: the number is proven and may only register")


class DeviceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["browser", "app", "demo"])
    device_name = serializers.CharField()
    shared_device = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    current = serializers.BooleanField(help_text="the device that asks")


class DevicePageSerializer(serializers.Serializer[Any]):
    results = DeviceSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


REQUEST = "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a01"
EXAMPLE_CODE = OpenApiExample(
    "رمز", response_only=True, value={"request": REQUEST, "expires_at": "2026-11-22T10:10:00Z"}
)
EXAMPLES_OF_SIGN_IN = [
    OpenApiExample("برمز من الهاتف", request_only=True, value={"request": REQUEST, "code": "482913"}),
    OpenApiExample("ببطاقة المركز", request_only=True, value={"card": "407 155 289 013", "pin": "2468"}),
    OpenApiExample(
        "بالبريد الإلكتروني",
        request_only=True,
        value={"email": "admin@example.ma", "password": "عبارة سر طويلة"},
    ),
    OpenApiExample(
        "دخلت",
        response_only=True,
        value={
            "token": "pX0y3u7…",
            "expires_at": "2026-12-22T10:00:00Z",
            "person": dict(EXAMPLE_PERSON),
        },
    ),
]
EXAMPLE_DEVICES = OpenApiExample(
    "هواتفي",
    response_only=True,
    value={
        "results": [
            {
                "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a02",
                "kind": "app",
                "device_name": "هاتف المنزل",
                "shared_device": True,
                "created_at": "2026-11-22T10:00:00Z",
                "last_seen": "2026-11-22T10:00:00Z",
                "expires_at": "2026-11-22T22:00:00Z",
                "current": True,
            }
        ],
        "next": None,
        "previous": None,
    },
)


def present_opened(opened: Opened) -> dict[str, Any]:
    session = opened.session
    return {
        "token": opened.token,
        "expires_at": session.expires_at,
        "person": present_me(session.person, at=session.created_at) if session.person else None,
    }


def present_device(session: Session, current: Session | None) -> dict[str, Any]:
    return {
        "id": session.uuid,
        "kind": session.kind,
        "device_name": session.device_name,
        "shared_device": session.shared_device,
        "created_at": session.created_at,
        "last_seen": session.last_seen,
        "expires_at": session.expires_at,
        "current": current is not None and session.pk == current.pk,
    }


class Codes(Endpoint):
    ability = "session.open"
    authentication_classes: Sequence[type[BaseAuthentication]] = ()  # an old token is no reason to refuse
    refusals = (NotAMobile, TooManyTries, InvalidInput)

    @extend_schema(
        summary="Ask for a code by phone; the same answer for every number",
        request=CodeRequestSerializer,
        responses={202: CodeAnswerSerializer},
        examples=[
            OpenApiExample("طلب", request_only=True, value={"phone": "06 12 34 56 78"}),
            EXAMPLE_CODE,
        ],
    )
    def post(self, request: Request) -> Response:
        asked = CodeRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        challenge = request_code(
            phone=asked.validated_data["phone"], address=address_of(request._request), at=timezone.now()
        )
        return Response({"request": challenge.uuid, "expires_at": challenge.expires_at}, status=202)


class Sessions(Endpoint):
    ability = {"GET": "session.own", "POST": "session.open"}
    refusals = {
        "POST": (
            CodeWrong,
            CodeSpent,
            PinNeeded,
            PinWrong,
            AccountClosed,
            CardWrong,
            PasskeyWrong,
            CredentialsWrong,
            TooManyTries,
            InvalidInput,
        )
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Signing in asks for no session: an old token is no reason to refuse."""
        return [] if self.request and self.request.method == "POST" else super().get_authenticators()

    @extend_schema(summary="Her devices", responses=DevicePageSerializer, examples=[EXAMPLE_DEVICES])
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(devices_of(request.user, at=timezone.now()), request)
        return Response(pages.answer([present_device(row, request.sign_in) for row in rows]))

    @extend_schema(
        summary="Sign in: by a code from her phone, by her card, a passkey, or e-mail and password",
        request=SignInSerializer,
        responses={201: SignedInSerializer},
        examples=EXAMPLES_OF_SIGN_IN,
    )
    def post(self, request: Request) -> Response:
        asked = SignInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        opened = sign_in(asked.validated_data, address=address_of(request._request))
        return Response(present_opened(opened), status=201)


def sign_in(given: dict[str, Any], *, address: str) -> Opened:
    device = Device(kind="app", name=given["device_name"], shared=given["shared_device"])
    if "request" in given and "code" in given:
        return sign_in_with_code(
            request=given["request"],
            code=given["code"],
            pin=given["pin"],
            device=device,
            address=address,
            at=timezone.now(),
        )
    if "card" in given:
        return sign_in_with_card(
            card=given["card"], pin=given["pin"], device=device, address=address, at=timezone.now()
        )
    if "challenge" in given and "credential" in given:
        return sign_in_with_passkey(
            challenge=given["challenge"],
            credential=given["credential"],
            device=device,
            address=address,
            at=timezone.now(),
        )
    return sign_in_with_password(
        email=given["email"],
        password=given["password"],
        device=device,
        address=address,
        at=timezone.now(),
    )


def signed_out() -> Response:
    return Response(status=204, headers={"Clear-Site-Data": CLEARED})


class SessionDetail(Endpoint):
    ability = "session.own"

    @extend_schema(summary="Sign out one of her devices", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        at = timezone.now()
        session = get_object_or_404(devices_of(request.user, at=at), uuid=session_id)
        end_sessions(Session.objects.filter(pk=session.pk), person=request.user, at=at)
        here = request.sign_in is not None and session.pk == request.sign_in.pk
        return signed_out() if here else Response(status=204)


class CurrentSession(Endpoint):
    ability = "session.own"

    @extend_schema(summary="Sign out here", responses={204: None})
    def delete(self, request: Request) -> Response:
        here = Session.objects.filter(pk=request.sign_in.pk) if request.sign_in else Session.objects.none()
        end_sessions(here, person=request.user, at=timezone.now())
        return signed_out()


class AllSessions(Endpoint):
    ability = "session.own"

    @extend_schema(summary="Sign out everywhere, here too", responses={204: None})
    def delete(self, request: Request) -> Response:
        end_sessions(Session.objects.filter(person=request.user), person=request.user, at=timezone.now())
        return signed_out()
