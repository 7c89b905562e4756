from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.personal_data.services import export_person
from lms.api.views import Endpoint, Request


class LookSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    surface = serializers.CharField()
    reason = serializers.CharField()


class IdentitySerializer(serializers.Serializer[Any]):
    names = serializers.CharField(
        required=False, help_text="first, family and printed name, as they are sealed"
    )
    phone = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    birth_year = serializers.CharField(required=False)


class PersonalDataSerializer(serializers.Serializer[Any]):
    identity = IdentitySerializer()
    held = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()), help_text="rows by table"
    )
    looks = LookSerializer(many=True, help_text="who saw her name: when, where and why")


class PersonalData(Endpoint):
    ability = "self.read"

    @extend_schema(
        summary="All that is kept about her, table by table, and who looked at it",
        description="Law 09-08, article 7.",
        responses=PersonalDataSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(export_person(request.user))
