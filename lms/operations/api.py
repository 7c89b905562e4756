from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.events.models import EventDelivery
from lms.operations.queries import STATES, deliveries
from lms.operations.services import replay


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    topic = serializers.CharField()
    key = serializers.CharField()
    handler = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    last_error = serializers.CharField()
    done_at = serializers.DateTimeField(allow_null=True)
    dead_at = serializers.DateTimeField(allow_null=True)


class DeliveryPageSerializer(serializers.Serializer[Any]):
    results = DeliverySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def present_delivery(delivery: EventDelivery) -> dict[str, Any]:
    return {
        "id": delivery.uuid,
        "topic": delivery.event.topic,
        "key": delivery.event.key,
        "handler": delivery.handler,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
        "last_error": delivery.last_error,
        "done_at": delivery.done_at,
        "dead_at": delivery.dead_at,
    }


class Deliveries(Endpoint):
    ability = "operations.read"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="The outbox: one result per delivery",
        parameters=[OpenApiParameter("state", str, enum=list(STATES), default="dead")],
        responses=DeliveryPageSerializer,
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "dead")
        if state not in STATES:
            raise InvalidInput.at("/state", "state_unknown", _("No such state."))
        pages = KeysetPages("-id")
        return Response(pages.answer([present_delivery(row) for row in pages.of(deliveries(state), request)]))


class DeliveryReplay(Endpoint):
    ability = "operations.replay"
    refusals = (KeyReused, StillUnderWay)

    @extend_schema(summary="Give a dead delivery a new life", request=None, responses=DeliverySerializer)
    @once
    def post(self, request: Request, delivery_id: UUID) -> Response:
        delivery = get_object_or_404(EventDelivery, uuid=delivery_id)
        return Response(present_delivery(replay(delivery=delivery, by=request.user, at=timezone.now())))
