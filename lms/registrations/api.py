from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request as RestRequest
from rest_framework.response import Response

from lms.accounts.models import Person
from lms.accounts.names import Names
from lms.accounts.phones import NotAMobile, normalise_phone
from lms.accounts.pins import NotAPin
from lms.accounts.presenting import OrganisationNameSerializer, present_organisation
from lms.accounts.queries import names_of
from lms.accounts.services import OwnPinFirst, PinNeededToShare, PinNotFree, show_names
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.parsers import read_object
from lms.api.problems import NotSignedIn
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.languages import LANGUAGES
from lms.organisations.models import Organisation
from lms.organisations.queries import joinable
from lms.registrations.models import Registration, State
from lms.registrations.queries import centre_of, sent_to
from lms.registrations.services import (
    CONSENT_VERSION,
    AlreadyDecided,
    Application,
    ConsentNeeded,
    GuardianNeeded,
    PhoneNotProven,
    ProofSpent,
    confirm_registration,
    decline_registration,
    register_herself,
    register_with_her,
)
from lms.sign_in import limits
from lms.sign_in.sessions import Opened


class OrganisationUnknown(InvalidInput):
    code = "organisation_unknown"
    message = _("We do not know this centre. Choose one from the list.")


class RegistrationRequestSerializer(serializers.Serializer[Any]):
    first_name = serializers.CharField(max_length=60)
    family_name = serializers.CharField(max_length=60)
    birth_year = serializers.IntegerField(required=False, allow_null=True, default=None)
    phone = serializers.CharField(
        required=False, allow_blank=True, max_length=40, default="", help_text="may be empty only for staff"
    )
    organisation = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=40,
        default="",
        help_text="the code of her centre, or of her province when she does not know it",
    )
    language = serializers.ChoiceField(choices=LANGUAGES, default="ar")
    consent = serializers.BooleanField(default=False)
    consent_version = serializers.CharField(required=False, max_length=20, default=CONSENT_VERSION)
    pin = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20,
        default="",
        help_text="4 to 8 digits; to share a number",
    )


class RegistrationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=State.choices)
    person = serializers.UUIDField()
    pseudonym = serializers.CharField()
    first_name = serializers.CharField()
    family_name = serializers.CharField()
    organisation = OrganisationNameSerializer(allow_null=True)
    home_organisation = OrganisationNameSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class RegisteredSerializer(RegistrationSerializer):
    token = serializers.CharField(
        allow_null=True, help_text="her new session; null when staff registered her"
    )
    expires_at = serializers.DateTimeField(allow_null=True)


class RegistrationPageSerializer(serializers.Serializer[Any]):
    results = RegistrationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class StateSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=State.choices, default=State.WAITING)


class ConfirmSerializer(serializers.Serializer[Any]):
    organisation = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=40,
        default="",
        help_text="another centre below",
    )


class DeclineSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=3, max_length=300)


VALUE = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a20",
    "state": "waiting",
    "person": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10",
    "pseudonym": "4T7K-9QXB",
    "first_name": "فاطمة",
    "family_name": "العمراني",
    "organisation": {"code": "c-larache-01", "name": "مركز التربية والتكوين العرائش"},
    "home_organisation": None,
    "created_at": "2026-11-22T10:00:00Z",
    "decided_at": None,
    "reason": "",
}
EXAMPLE_REQUEST = OpenApiExample(
    "طلب",
    request_only=True,
    value={
        "first_name": "فاطمة",
        "family_name": "العمراني",
        "birth_year": 1994,
        "phone": "06 12 34 56 78",
        "organisation": "c-larache-01",
        "language": "ar",
        "consent": True,
    },
)
EXAMPLE = OpenApiExample("تسجيل", response_only=True, value=VALUE)
EXAMPLE_REGISTERED = OpenApiExample(
    "تسجيل جديد",
    response_only=True,
    value={**VALUE, "token": "pX0y3u7…", "expires_at": "2026-12-22T10:00:00Z"},
)
EXAMPLE_PAGE = OpenApiExample(
    "في الانتظار", response_only=True, value={"results": [VALUE], "next": None, "previous": None}
)


def present_registration(registration: Registration, names: Names) -> dict[str, Any]:
    person = registration.person
    return {
        "id": registration.uuid,
        "state": registration.state,
        "person": person.uuid,
        "pseudonym": person.pseudonym,
        "first_name": names.first,
        "family_name": names.family,
        "organisation": present_organisation(registration.organisation),
        "home_organisation": present_organisation(person.home_organisation),
        "created_at": registration.created_at,
        "decided_at": registration.decided_at,
        "reason": registration.reason,
    }


def present_registered(registration: Registration, opened: Opened | None) -> dict[str, Any]:
    return present_registration(registration, names_of(registration.person)) | {
        "token": opened.token if opened else None,
        "expires_at": opened.session.expires_at if opened else None,
    }


def present_seen(registration: Registration, viewer: Person) -> dict[str, Any]:
    """One registration as staff read it, with the record that they did."""
    names = show_names(
        viewer=viewer, people=[registration.person], surface="registrations", at=timezone.now()
    )
    return present_registration(registration, names[registration.person_id])


def phone_in(request: RestRequest) -> str:
    """The number asked for. `@once` hashes the body as it was sent, so it must be read before it is parsed."""
    data = read_object(request._request.body) if "Idempotency-Key" in request.headers else request.data
    return str(data.get("phone") or "")


class Registrations(Endpoint):
    ability = {"GET": "registration.read", "POST": "registration.send"}
    refusals = {
        "GET": (InvalidInput,),
        "POST": (
            NotSignedIn,
            ConsentNeeded,
            GuardianNeeded,
            NotAMobile,
            PhoneNotProven,
            PinNeededToShare,
            OwnPinFirst,
            PinNotFree,
            NotAPin,
            ProofSpent,
            OrganisationUnknown,
            NotFound,
            limits.TooManyTries,
            InvalidInput,
            KeyReused,
            StillUnderWay,
        ),
    }

    def initial(self, request: RestRequest, *args: Any, **kwargs: Any) -> None:
        """Count by number before the work begins: inside `@once` a refusal would roll the count back."""
        super().initial(request, *args, **kwargs)
        phone = phone_in(request) if request.method == "POST" and request.auth else ""
        if phone:
            counted = limits.of_number(limits.REGISTRATIONS_OF_NUMBER, normalise_phone(phone))
            limits.begin(counted, at=timezone.now())

    @extend_schema(
        summary="Registrations sent to her own centre, the oldest first; the look is recorded",
        parameters=[StateSerializer],
        responses=RegistrationPageSerializer,
        examples=[EXAMPLE_PAGE],
    )
    def get(self, request: Request) -> Response:
        asked = StateSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        pages = KeysetPages("id")
        rows = pages.of(sent_to(request.user, state=asked.validated_data["state"]), request)
        names = show_names(
            viewer=request.user,
            people=[row.person for row in rows],
            surface="registrations",
            at=timezone.now(),
        )
        return Response(pages.answer([present_registration(row, names[row.person_id]) for row in rows]))

    @extend_schema(
        summary="Join: by herself with a proven number, or staff with her at their own centre",
        request=RegistrationRequestSerializer,
        responses={201: RegisteredSerializer},
        examples=[EXAMPLE_REQUEST, EXAMPLE_REGISTERED],
    )
    @once
    def post(self, request: Request) -> Response:
        if not request.sign_in:
            raise NotSignedIn
        asked = RegistrationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        code = given.pop("organisation") or ""
        at = timezone.now()
        if request.user.is_authenticated and request.user.scope.grants:
            application = Application(**given, organisation=centre_of(request.user, code))
            registration = register_with_her(application=application, staff=request.user, at=at)
            return Response(present_registered(registration, None), status=201)
        application = Application(**given, organisation=known_organisation(code) if code else None)
        registration, opened = register_herself(application=application, session=request.sign_in, at=at)
        return Response(present_registered(registration, opened), status=201)


def known_organisation(code: str) -> Organisation:
    organisation = joinable(code)
    if organisation is None:
        raise OrganisationUnknown
    return organisation


class RegistrationConfirmation(Endpoint):
    ability = "registration.decide"
    refusals = (AlreadyDecided, OrganisationUnknown, InvalidInput)

    @extend_schema(
        summary="Take her in; open courses start at once",
        request=ConfirmSerializer,
        responses=RegistrationSerializer,
        examples=[EXAMPLE],
    )
    def post(self, request: Request, registration_id: UUID) -> Response:
        asked = ConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        registration = get_object_or_404(Registration.objects.visible_to(request.user), uuid=registration_id)
        code = asked.validated_data["organisation"]
        confirmed = confirm_registration(
            registration=registration,
            by=request.user,
            organisation=known_organisation(code) if code else None,
            at=timezone.now(),
        )
        return Response(present_seen(confirmed, request.user))


class RegistrationRefusal(Endpoint):
    ability = "registration.decide"
    refusals = (AlreadyDecided, InvalidInput)

    @extend_schema(
        summary="Do not take her in, and say why",
        request=DeclineSerializer,
        responses=RegistrationSerializer,
        examples=[EXAMPLE],
    )
    def post(self, request: Request, registration_id: UUID) -> Response:
        asked = DeclineSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        registration = get_object_or_404(Registration.objects.visible_to(request.user), uuid=registration_id)
        declined = decline_registration(
            registration=registration,
            by=request.user,
            reason=asked.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(present_seen(declined, request.user))
