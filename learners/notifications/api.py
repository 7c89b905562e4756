from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.notifications.models import Notification, NotificationKind
from learners.notifications.queries import messages_of, preferences_of
from learners.notifications.services import choose, mark_read
from learners.notifications.texts import words_for
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class AboutSerializer(serializers.Serializer[Any]):
    """Where to go from here; empty in discreet mode."""

    course = serializers.SlugField(required=False)
    enrolment = serializers.UUIDField(required=False)
    certificate = serializers.UUIDField(required=False)


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
    in_app = serializers.BooleanField(help_text="false: she is not told")


class PreferencesSerializer(serializers.Serializer[Any]):
    """One entry for each kind of message."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {kind.value: ChannelsSerializer(required=False) for kind in NotificationKind}


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
    }


def present_preferences(chosen: dict[NotificationKind, bool]) -> dict[str, Any]:
    return {kind.value: {"in_app": wanted} for kind, wanted in chosen.items()}


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


class NotificationPreferences(Endpoint):
    ability = {"GET": "notification.read", "PUT": "self.change"}
    refusals = {"PUT": (InvalidInput,)}

    @extend_schema(
        summary="Which kinds of message she wants, and where",
        responses=PreferencesSerializer,
        examples=[
            OpenApiExample(
                "اختياراتها",
                response_only=True,
                value={kind: {"in_app": kind != "nudge"} for kind in NotificationKind.values},
            )
        ],
    )
    def get(self, request: Request) -> Response:
        return Response(present_preferences(preferences_of(request.user)))

    @extend_schema(
        summary="Choose; kinds that are not named stay as they are",
        request=PreferencesSerializer,
        responses=PreferencesSerializer,
        examples=[OpenApiExample("بدون تذكير", request_only=True, value={"nudge": {"in_app": False}})],
    )
    def put(self, request: Request) -> Response:
        choose(person=request.user, in_app=_chosen(request))
        return Response(present_preferences(preferences_of(request.user)))


def _chosen(request: Request) -> dict[NotificationKind, bool]:
    sent = PreferencesSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    unknown = [
        {"pointer": f"/{name}", "code": "unknown_kind", "detail": _("We send no messages of this kind.")}
        for name in request.data
        if name not in NotificationKind.values
    ]
    if unknown:
        raise InvalidInput(errors=unknown)
    return {NotificationKind(kind): channels["in_app"] for kind, channels in sent.validated_data.items()}
