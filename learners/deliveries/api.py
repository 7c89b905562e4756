from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.deliveries.queries import messages_in
from learners.deliveries.services import replay
from learners.notifications.models import OUTWARD, DeliveryState, NotificationDelivery, NotificationKind
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class MessageSerializer(serializers.Serializer[Any]):
    """Neither to whom nor what it says: that is nobody's business here."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    channel = serializers.ChoiceField(choices=[(channel.value, channel.label) for channel in OUTWARD])
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    reason = serializers.CharField(help_text="why it failed, waits again, or was rightly not sent")
    attempts = serializers.IntegerField()
    doubts = serializers.IntegerField(help_text="above 0 it may have come as often again as this says")
    parts = serializers.IntegerField(help_text="of an SMS")
    due_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class MessagePageSerializer(serializers.Serializer[Any]):
    results = MessageSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def present_message(delivery: NotificationDelivery) -> dict[str, Any]:
    return {
        "id": delivery.uuid,
        "kind": delivery.notification.kind,
        "channel": delivery.channel,
        "state": delivery.state,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "doubts": delivery.doubts,
        "parts": delivery.parts,
        "due_at": delivery.due_at,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
    }


class Messages(Endpoint):
    ability = "operations.read"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="E-mails and SMS: one result for each message and channel",
        parameters=[OpenApiParameter("state", str, enum=DeliveryState.values, default="failed")],
        responses=MessagePageSerializer,
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "failed")
        if state not in DeliveryState.values:
            raise InvalidInput.at("/state", "state_unknown", _("No such state."))
        pages = KeysetPages("-id")
        rows = pages.of(messages_in(DeliveryState(state)), request)
        return Response(pages.answer([present_message(row) for row in rows]))


class MessageReplay(Endpoint):
    ability = "operations.replay"
    refusals = (KeyReused, StillUnderWay)

    @extend_schema(summary="Give a failed message a new life", request=None, responses=MessageSerializer)
    @once
    def post(self, request: Request, message_id: UUID) -> Response:
        delivery = get_object_or_404(NotificationDelivery, uuid=message_id)
        return Response(present_message(replay(delivery=delivery, by=request.user, at=timezone.now())))
