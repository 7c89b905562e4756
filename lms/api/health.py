"""Probes for whatever keeps the platform running. Three looks side by side: a frozen one costs one second."""

import http.client
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response

from lms.api.views import Endpoint, Request

SECONDS: Final = 1.0
OK: Final = "ok"
DOWN: Final = "down"


def look_at_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def look_at_broker() -> None:
    client = redis.Redis.from_url(settings.QUEUES_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        client.ping()
    finally:
        client.close()


def look_at_storage() -> None:
    """Any answer will do: without credentials an S3 server says 403."""
    place = urlsplit(settings.STORAGE_ENDPOINT)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    storage = kind(place.netloc, timeout=SECONDS)
    try:
        storage.request("HEAD", "/")
        if storage.getresponse().status >= 500:
            raise http.client.HTTPException("the storage fails")
    finally:
        storage.close()


LOOKS: Final[dict[str, Callable[[], None]]] = {
    "database": look_at_database,
    "broker": look_at_broker,
    "storage": look_at_storage,
}
# Each has threads of its own, so that looks stuck at one part never keep the others from being looked at.
_THREADS: Final = {name: ThreadPoolExecutor(max_workers=2, thread_name_prefix=name) for name in LOOKS}


def readiness(parts: Collection[str] = tuple(LOOKS)) -> dict[str, str]:
    """Each of these parts `ok` or, failing or silent for a second, `down`."""
    looks: dict[str, Future[None]] = {name: _THREADS[name].submit(LOOKS[name]) for name in parts}
    wait(looks.values(), timeout=SECONDS)
    return {name: _verdict(look) for name, look in looks.items()}


def _verdict(look: Future[None]) -> str:
    if not look.done():
        look.cancel()
        return DOWN
    return DOWN if look.exception() else OK


class AliveSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=[OK])


class ReadySerializer(serializers.Serializer[Any]):
    database = serializers.ChoiceField(choices=[OK, DOWN])
    broker = serializers.ChoiceField(choices=[OK, DOWN])
    storage = serializers.ChoiceField(choices=[OK, DOWN])


class Alive(Endpoint):
    ability = "service.probe"
    authentication_classes: Sequence[type[BaseAuthentication]] = ()

    @extend_schema(
        summary="The process answers",
        responses=AliveSerializer,
        examples=[OpenApiExample("حي", response_only=True, value={"status": OK})],
    )
    def get(self, request: Request) -> Response:
        return Response({"status": OK})


class Ready(Endpoint):
    ability = "service.probe"
    authentication_classes: Sequence[type[BaseAuthentication]] = ()

    @extend_schema(
        summary="What it stands on; 503 only without the database",
        responses={200: ReadySerializer, 503: ReadySerializer},
        examples=[
            OpenApiExample("جاهز", response_only=True, value={"database": OK, "broker": DOWN, "storage": OK})
        ],
    )
    def get(self, request: Request) -> Response:
        parts = readiness()
        if parts["database"] == OK:
            return Response(parts)
        return Response(parts, status=503, headers={"Retry-After": "2"})
