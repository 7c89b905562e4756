from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from learners.notifications.models import Channel, Notification, NotificationKind
from learners.notifications.preferences import DEFAULTS, choose, preferences_of
from learners.notifications.queries import messages_of
from learners.notifications.quiet import NEVER, Quiet, be_quiet, quiet_of
from learners.notifications.services import mark_read
from learners.notifications.texts import words_for
from lms.accounts.models import Person
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class AboutSerializer(serializers.Serializer[Any]):
    """Where to go from here; empty in discreet mode."""

    course = serializers.SlugField(required=False)
    enrolment = serializers.UUIDField(required=False)
    certificate = serializers.UUIDField(required=False)
    list = serializers.UUIDField(required=False)


class NotificationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    about = AboutSerializer()


class NotificationPageSerializer(serializers.Serializer[Any]):
    results = NotificationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class ChannelsSerializer(serializers.Serializer[Any]):
    """At least one of them; those that are not named stay as they are."""

    in_app = serializers.BooleanField(required=False, help_text="false: not in the app")
    email = serializers.BooleanField(required=False, help_text="by e-mail, where we have her address")
    sms = serializers.BooleanField(required=False, help_text="by SMS")

    def validate(self, attrs: dict[str, bool]) -> dict[str, bool]:
        if not attrs:
            raise serializers.ValidationError({"in_app": _("Say by which way.")}, code="required")
        return attrs


# Not the format `time` of OpenAPI, which has seconds and a zone.
@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "21:00"})
class MinuteField(serializers.TimeField):
    """Hours and minutes: 21:00."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)


class QuietHoursSerializer(serializers.Serializer[Any]):
    """By the clock of Africa/Casablanca, over midnight where they end before they start."""

    starts = MinuteField()
    ends = MinuteField()


class PreferencesSerializer(serializers.Serializer[Any]):
    """One entry for each kind of message, and when no e-mail or SMS may come."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        kinds = {kind.value: ChannelsSerializer(required=False) for kind in NotificationKind}
        return {**kinds, "quiet_hours": QuietHoursSerializer(required=False, allow_null=True)}


NOTIFICATION_EXAMPLE = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a13",
    "kind": "certificate_ready",
    "title": "شهادتك جاهزة",
    "body": "افتحي شهادتك عن «أساسيات ريادة الأعمال» واحتفظي بها وأظهريها.",
    "created_at": "2026-11-22T10:15:00Z",
    "read_at": None,
    "about": {
        "course": "asasiyat-riyadat-al-aamal",
        "enrolment": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
        "certificate": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
    },
}


def present_notification(notification: Notification, *, discreet: bool) -> dict[str, Any]:
    title, body = words_for(notification, discreet=discreet)
    return {
        "id": notification.uuid,
        "kind": notification.kind,
        "title": title,
        "body": body,
        "created_at": notification.created_at,
        "read_at": notification.read_at,
        "about": {} if discreet else present_about(notification),
    }


def present_about(notification: Notification) -> dict[str, Any]:
    enrolment = notification.enrolment
    what, _colon, which = notification.about.partition(":")
    return {
        **({"course": enrolment.course.slug, "enrolment": enrolment.uuid} if enrolment else {}),
        **({"certificate": which} if what == "certificate" else {}),
        **({"list": which} if what == "import" else {}),
    }


def present_preferences(person: Person) -> dict[str, Any]:
    quiet = quiet_of(person)
    kinds = {
        kind.value: {channel.value: channel in channels for channel in Channel}
        for kind, channels in preferences_of(person).items()
    }
    hours = {"starts": f"{quiet.starts:%H:%M}", "ends": f"{quiet.ends:%H:%M}"}
    return {**kinds, "quiet_hours": None if quiet.starts == quiet.ends else hours}


class Notifications(Endpoint):
    ability = "notification.read"

    @extend_schema(
        summary="What she was told, the newest first",
        responses=NotificationPageSerializer,
        examples=[
            OpenApiExample(
                "رسائل",
                response_only=True,
                value={"results": [NOTIFICATION_EXAMPLE], "next": None, "previous": None},
            )
        ],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(messages_of(request.user), request)
        return Response(
            pages.answer([present_notification(row, discreet=request.user.discreet) for row in rows])
        )


class NotificationRead(Endpoint):
    ability = "notification.read"

    @extend_schema(
        summary="She has read it; again, and it answers the same",
        request=None,
        responses=NotificationSerializer,
        examples=[OpenApiExample("رسالة", response_only=True, value=NOTIFICATION_EXAMPLE)],
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        notification = get_object_or_404(messages_of(request.user), uuid=notification_id)
        notification = mark_read(notification=notification, at=timezone.now())
        return Response(present_notification(notification, discreet=request.user.discreet))


PREFERENCES_EXAMPLE = {
    **{
        kind.value: {channel.value: channel in channels for channel in Channel}
        for kind, channels in DEFAULTS.items()
    },
    "quiet_hours": {"starts": "21:00", "ends": "08:00"},
}


class NotificationPreferences(Endpoint):
    ability = {"GET": "notification.read", "PUT": "self.change"}
    refusals = {"PUT": (InvalidInput,)}

    @extend_schema(
        summary="Which kinds of message she wants, where, and when not",
        responses=PreferencesSerializer,
        examples=[OpenApiExample("اختياراتها", response_only=True, value=PREFERENCES_EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        return Response(present_preferences(request.user))

    @extend_schema(
        summary="Choose; what is not named stays as it is",
        description="`quiet_hours: null` is never quiet. At a confidential centre nothing leaves the platform "
        "by e-mail or SMS until she asks for it there.",
        request=PreferencesSerializer,
        responses=PreferencesSerializer,
        examples=[
            OpenApiExample("بدون تذكير", request_only=True, value={"nudge": {"in_app": False}}),
            OpenApiExample(
                "رسالة قصيرة عند جاهزية الشهادة",
                request_only=True,
                value={
                    "certificate_ready": {"sms": True},
                    "quiet_hours": {"starts": "20:00", "ends": "09:00"},
                },
            ),
        ],
    )
    def put(self, request: Request) -> Response:
        chosen = _chosen(request)
        with transaction.atomic():
            if "quiet_hours" in chosen:
                be_quiet(person=request.user, quiet=Quiet(**(chosen.pop("quiet_hours") or vars(NEVER))))
            choose(person=request.user, wishes=_wishes(chosen))
        return Response(present_preferences(request.user))


def _chosen(request: Request) -> dict[str, Any]:
    sent = PreferencesSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    unknown = [
        {"pointer": f"/{name}", "code": "unknown_kind", "detail": _("We send no messages of this kind.")}
        for name in request.data
        if name not in sent.fields
    ]
    if unknown:
        raise InvalidInput(errors=unknown)
    return dict(sent.validated_data)


def _wishes(chosen: dict[str, Any]) -> dict[NotificationKind, dict[Channel, bool]]:
    return {
        NotificationKind(kind): {Channel(name): wanted for name, wanted in channels.items()}
        for kind, channels in chosen.items()
    }
