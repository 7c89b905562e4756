import base64
from typing import Any

from django.middleware.csrf import get_token
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.app.keys import device_keys, owner_of
from lms.api.authentication import CookieAuthentication
from lms.api.views import Endpoint, Request


class DeviceKeySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    key = serializers.CharField(help_text="32 bytes, base64")


class OfflineSerializer(serializers.Serializer[Any]):
    owner = serializers.CharField(help_text="under which a phone files her things")
    keys = DeviceKeySerializer(many=True, help_text="to seal them with, the newest first")


class Offline(Endpoint):
    ability = "self.read"

    @extend_schema(
        summary="What her phone needs to keep her things sealed without network",
        description="A browser also finds in `X-CSRFToken` what its next requests must send under that name.",
        responses=OfflineSerializer,
        examples=[
            OpenApiExample(
                "هاتف مشترك",
                response_only=True,
                value={
                    "owner": "5f0c2a9be71d4c38",
                    "keys": [{"id": "k1", "key": "q0Xk3cJ1o0l0bq1m7c3vWm0pZ2Vx3l5sY8r9tQnUeXA="}],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        keys = [
            {"id": key.id, "key": base64.b64encode(key.secret).decode()} for key in device_keys(request.user)
        ]
        response = Response({"owner": owner_of(request.user), "keys": keys})
        if isinstance(request.successful_authenticator, CookieAuthentication):
            response["X-CSRFToken"] = get_token(request._request)
        return response
