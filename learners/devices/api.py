from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.devices.models import Device
from learners.devices.queries import devices_of
from lms.accounts.names import Names
from lms.accounts.services import show_names
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput

SURFACE = "devices"


class DevicesQuestionSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField(required=False, help_text="only this woman's")


class HeardDeviceSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField()
    name = serializers.CharField(required=False, help_text="hers, for the staff of her centre")
    device = serializers.CharField(required=False, help_text="what it calls itself, for herself")
    release = serializers.CharField(allow_blank=True, help_text="of the app, as it says")
    waiting = serializers.IntegerField(
        allow_null=True, min_value=0, help_text="what it still owed when it was last heard of, if it said"
    )
    first_heard_at = serializers.DateTimeField()
    last_heard_at = serializers.DateTimeField(help_text="by our clock")


class HeardDevicePageSerializer(serializers.Serializer[Any]):
    results = HeardDeviceSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE = OpenApiExample(
    "هواتف المتدربات",
    response_only=True,
    value={
        "results": [
            {
                "person": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10",
                "name": "فاطمة العمراني",
                "release": "2026.11",
                "waiting": 3,
                "first_heard_at": "2026-11-02T09:00:00Z",
                "last_heard_at": "2026-11-20T18:12:00Z",
            }
        ],
        "next": None,
        "previous": None,
    },
)


class Devices(Endpoint):
    ability = "device.read"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="When each device was last heard of and what it still owes: her own, and those of her centre's women",
        description="Names are shown in the reader's own centre only, and each look is recorded.",
        parameters=[DevicesQuestionSerializer],
        responses=HeardDevicePageSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        asked = DevicesQuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        pages = KeysetPages("-id")
        rows = pages.of(devices_of(request.user, **asked.validated_data), request)
        return Response(pages.answer(_present(rows, request)))


def _present(rows: Sequence[Device], request: Request) -> list[dict[str, Any]]:
    others = {row.person_id: row.person for row in rows if row.person_id != request.user.pk}
    names = (
        show_names(viewer=request.user, people=others.values(), surface=SURFACE, at=timezone.now())
        if others
        else {}
    )
    return [
        {
            "person": row.person.uuid,
            **_said_of(row, names),
            "release": row.release,
            "waiting": row.waiting,
            "first_heard_at": row.first_heard_at,
            "last_heard_at": row.last_heard_at,
        }
        for row in rows
    ]


def _said_of(row: Device, names: dict[int, Names]) -> dict[str, str]:
    """What a device calls itself may be anything she typed: it is hers alone."""
    return {"name": names[row.person_id].full} if row.person_id in names else {"device": row.name}
