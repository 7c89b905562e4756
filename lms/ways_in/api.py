from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.accounts.models import Person
from lms.accounts.names import Names
from lms.accounts.phones import NotAMobile
from lms.accounts.pins import NotAPin
from lms.accounts.services import (
    CurrentPinWrong,
    OwnPinFirst,
    PinNeededToShare,
    PinNotFree,
    reveal,
    show_names,
)
from lms.api.idempotency import once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.sign_in.addresses import address_of
from lms.sign_in.api import EXAMPLE_CODE, REQUEST, CodeAnswerSerializer, CodeRequestSerializer
from lms.sign_in.cards import NotALearner, Printed, free_card, issue_card, revoke_card
from lms.sign_in.codes import CodeSpent, CodeWrong
from lms.sign_in.limits import TooManyTries
from lms.sign_in.models import Recovery
from lms.sign_in.proof_api import NumberSerializer, asked_for
from lms.ways_in.queries import recoveries_for, ways_of, women_of
from lms.ways_in.services import (
    HasOwnWay,
    NotSigned,
    RecoveryClosed,
    RecoveryOpen,
    SamePerson,
    ask_number,
    give_number,
    give_pin,
    open_recovery,
    set_first_pin,
    sign_recovery,
)


class WaysSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField()
    name = serializers.CharField()
    number = serializers.BooleanField(help_text="whether she has one; never which")
    pin = serializers.BooleanField()
    passkey = serializers.BooleanField()
    card = serializers.ChoiceField(choices=["none", "live", "dead"])


class WaysPageSerializer(serializers.Serializer[Any]):
    results = WaysSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class CardSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="twelve digits; told once")
    address = serializers.CharField(help_text="what the square says; told once")


class FirstPinSerializer(serializers.Serializer[Any]):
    pin = serializers.CharField(max_length=20, help_text="4 to 8 digits, written by herself")


class RecoveryReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=3, max_length=300)


class NewPinSerializer(FirstPinSerializer):
    keeps_number = serializers.BooleanField(default=False, help_text="whether she still has her number")


class RecoverySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="her name, in the viewer's own centre; else empty")
    pseudonym = serializers.CharField()
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    signed_at = serializers.DateTimeField(allow_null=True)
    mine = serializers.BooleanField(help_text="she opened it herself: somebody else must sign")


class RecoveryPageSerializer(serializers.Serializer[Any]):
    results = RecoverySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE_WAYS = {
    "person": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10",
    "name": "فاطمة العمراني",
    "number": False,
    "pin": True,
    "passkey": False,
    "card": "live",
}
EXAMPLE_RECOVERY = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a55",
    "name": "فاطمة العمراني",
    "pseudonym": "4T7K-9QXB",
    "reason": "ضاع الهاتف والبطاقة، وهي حاضرة أمامي",
    "opened_at": "2026-11-22T10:00:00Z",
    "expires_at": "2026-11-23T10:00:00Z",
    "signed_at": None,
    "mine": True,
}
PIN = OpenApiExample("رقم سري", request_only=True, value={"pin": "2468"})
LOST = OpenApiExample("السبب", request_only=True, value={"reason": EXAMPLE_RECOVERY["reason"]})
ONE_RECOVERY = OpenApiExample("طلب", response_only=True, value=EXAMPLE_RECOVERY)


def page_of(*rows: dict[str, Any]) -> OpenApiExample:
    value = {"results": list(rows), "next": None, "previous": None}
    return OpenApiExample("صفحة", response_only=True, value=value)


def woman_of(request: Request, person_id: UUID) -> Person:
    return get_object_or_404(women_of(request.user), uuid=person_id)


def recovery_of(request: Request, recovery_id: UUID) -> Recovery:
    return get_object_or_404(recoveries_for(request.user, at=timezone.now()), uuid=recovery_id)


def at_her_centre(request: Request, recovery_id: UUID) -> Recovery:
    """What is set anew is set where she sits; above her centre people only sign."""
    recovery = recovery_of(request, recovery_id)
    home = recovery.person.home_organisation
    if home is None or home.path not in request.user.scope.home_paths:
        raise NotFound
    return recovery


def present_ways(woman: Person, names: Names) -> dict[str, Any]:
    ways = ways_of(woman)
    return {
        "person": woman.uuid,
        "name": names.full,
        "number": ways.number,
        "pin": ways.pin,
        "passkey": ways.passkey,
        "card": "dead" if ways.dead_card else "live" if ways.card else "none",
    }


def present_card(printed: Printed) -> dict[str, str]:
    return {"number": printed.grouped, "address": printed.address}


def present_recovery(recovery: Recovery, name: str, viewer: Person) -> dict[str, Any]:
    return {
        "id": recovery.uuid,
        "name": name,
        "pseudonym": recovery.person.pseudonym,
        "reason": recovery.reason,
        "opened_at": recovery.opened_at,
        "expires_at": recovery.expires_at,
        "signed_at": recovery.signed_at,
        "mine": recovery.opened_by_id == viewer.pk,
    }


class WaysIn(Endpoint):
    ability = "way_in.read"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="How the women of her own centre get in; the look is recorded",
        responses=WaysPageSerializer,
        examples=[page_of(EXAMPLE_WAYS)],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(women_of(request.user), request)
        names = show_names(viewer=request.user, people=rows, surface="ways_in", at=timezone.now())
        return Response(pages.answer([present_ways(row, names[row.pk]) for row in rows]))


class PersonCard(Endpoint):
    ability = "card.issue"
    refusals = {"POST": (NotALearner, NotFound), "DELETE": (NotFound,)}

    @extend_schema(
        summary="Make her a card; the one before opens nothing any more",
        request=None,
        responses={201: CardSerializer},
        examples=[
            OpenApiExample(
                "بطاقة",
                response_only=True,
                value={"number": "407 155 289 013", "address": "https://example.ma/sign-in/card#k3Zt…"},
            )
        ],
    )
    @once
    def post(self, request: Request, person_id: UUID) -> Response:
        woman = woman_of(request, person_id)
        printed = issue_card(person=woman, by=request.user, at=timezone.now())
        return Response(present_card(printed), status=201)

    @extend_schema(summary="Her card is lost or copied: it opens nothing any more", responses={204: None})
    def delete(self, request: Request, person_id: UUID) -> Response:
        revoke_card(person=woman_of(request, person_id), by=request.user, at=timezone.now())
        return Response(status=204)


class CardRelease(Endpoint):
    ability = "card.issue"
    refusals = (NotFound,)

    @extend_schema(
        summary="Her card takes her PIN again after too many tries", request=None, responses={204: None}
    )
    def post(self, request: Request, person_id: UUID) -> Response:
        free_card(person=woman_of(request, person_id), by=request.user, at=timezone.now())
        return Response(status=204)


class FirstPin(Endpoint):
    ability = "card.issue"
    refusals = (HasOwnWay, NotALearner, NotAPin, PinNotFree, NotFound, InvalidInput)

    @extend_schema(
        summary="The first PIN of a woman without any way in, written by herself at her centre",
        request=FirstPinSerializer,
        responses={204: None},
        examples=[PIN],
    )
    def put(self, request: Request, person_id: UUID) -> Response:
        asked = FirstPinSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        woman, pin = woman_of(request, person_id), asked.validated_data["pin"]
        set_first_pin(person=woman, pin=pin, by=request.user, at=timezone.now())
        return Response(status=204)


class PersonRecoveries(Endpoint):
    ability = "recovery.open"
    refusals = (RecoveryOpen, NotALearner, NotFound, InvalidInput)

    @extend_schema(
        summary="She lost number and card: ask for a new way in, which a second person signs",
        request=RecoveryReasonSerializer,
        responses={201: RecoverySerializer},
        examples=[LOST, ONE_RECOVERY],
    )
    @once
    def post(self, request: Request, person_id: UUID) -> Response:
        asked = RecoveryReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        woman, at = woman_of(request, person_id), timezone.now()
        recovery = open_recovery(person=woman, reason=asked.validated_data["reason"], by=request.user, at=at)
        names = show_names(viewer=request.user, people=[woman], surface="recoveries", at=at)
        return Response(present_recovery(recovery, names[woman.pk].full, request.user), status=201)


class Recoveries(Endpoint):
    ability = "recovery.sign"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="What waits for a signature, or for her; names in the viewer's own centre only",
        responses=RecoveryPageSerializer,
        examples=[page_of(EXAMPLE_RECOVERY)],
    )
    def get(self, request: Request) -> Response:
        at, pages = timezone.now(), KeysetPages("-id")
        rows = pages.of(recoveries_for(request.user, at=at), request)
        people = [row.person_id for row in rows]
        names = reveal(viewer=request.user, people=people, surface="recoveries", at=at)
        return Response(
            pages.answer([present_recovery(row, names.get(row.person_id, ""), request.user) for row in rows])
        )


class RecoverySignature(Endpoint):
    ability = "recovery.sign"
    refusals = (SamePerson, RecoveryClosed, NotFound)

    @extend_schema(
        summary="Sign as the second person: her old devices, card and passkeys open nothing from now on",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, recovery_id: UUID) -> Response:
        recovery = recovery_of(request, recovery_id)
        sign_recovery(recovery=recovery, by=request.user, at=timezone.now())
        return Response(status=204)


class RecoveryNumber(Endpoint):
    ability = "recovery.open"
    refusals = {
        "POST": (NotSigned, RecoveryClosed, NotAMobile, TooManyTries, NotFound, InvalidInput),
        "PUT": (
            NotSigned,
            RecoveryClosed,
            CodeWrong,
            CodeSpent,
            NotAPin,
            PinNotFree,
            PinNeededToShare,
            OwnPinFirst,
            CurrentPinWrong,
            NotFound,
            InvalidInput,
        ),
    }

    @extend_schema(
        summary="A code to the number she has now",
        request=CodeRequestSerializer,
        responses={202: CodeAnswerSerializer},
        examples=[
            OpenApiExample("رقمها الآن", request_only=True, value={"phone": "06 12 34 56 78"}),
            EXAMPLE_CODE,
        ],
    )
    def post(self, request: Request, recovery_id: UUID) -> Response:
        asked = CodeRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        recovery = at_her_centre(request, recovery_id)
        phone, address = asked.validated_data["phone"], address_of(request._request)
        return asked_for(ask_number(recovery=recovery, phone=phone, address=address, at=timezone.now()))

    @extend_schema(
        summary="The code came: the number is hers, and so is the PIN if she writes one",
        request=NumberSerializer,
        responses={204: None},
        examples=[OpenApiExample("رمز", request_only=True, value={"request": REQUEST, "code": "482913"})],
    )
    def put(self, request: Request, recovery_id: UUID) -> Response:
        asked = NumberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        recovery = at_her_centre(request, recovery_id)
        give_number(recovery=recovery, by=request.user, at=timezone.now(), **asked.validated_data)
        return Response(status=204)


class RecoveryPin(Endpoint):
    ability = "recovery.open"
    refusals = (NotSigned, RecoveryClosed, NotAPin, PinNotFree, NotFound, InvalidInput)

    @extend_schema(
        summary="A new PIN for a card, written by herself; a number that she lost opens nothing any more",
        request=NewPinSerializer,
        responses={204: None},
        examples=[PIN],
    )
    def put(self, request: Request, recovery_id: UUID) -> Response:
        asked = NewPinSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        recovery = at_her_centre(request, recovery_id)
        give_pin(recovery=recovery, by=request.user, at=timezone.now(), **asked.validated_data)
        return Response(status=204)
