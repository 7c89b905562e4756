from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.certificates.models import NameConfirmation
from learners.certificates.naming import confirm_name, confirmation_of
from learners.enrolments.models import Enrolment
from lms.accounts.queries import herself, names_of
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class NameRightSerializer(serializers.Serializer[Any]):
    right = serializers.BooleanField()


class NameConfirmationSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="as it will be printed")
    latin = serializers.CharField(
        allow_blank=True, help_text="the same in Latin letters; PATCH /me changes it"
    )
    right = serializers.BooleanField(allow_null=True, help_text="what she said; null: nothing yet")
    at = serializers.DateTimeField(allow_null=True)


ANSWER = OpenApiExample(
    "الاسم",
    response_only=True,
    value={
        "name": "فاطمة العمراني",
        "latin": "Fatima El Amrani",
        "right": True,
        "at": "2026-11-22T10:00:00Z",
    },
)


class NameOnCertificate(Endpoint):
    ability = "help.ask"
    refusals = {"GET": (NotFound,), "PUT": (InvalidInput, NotFound)}

    @extend_schema(
        summary="Her name as it will be printed, and whether she confirmed it",
        responses=NameConfirmationSerializer,
        examples=[ANSWER],
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        enrolment = _own(request, enrolment_id)
        return Response(_present(request, confirmation_of(enrolment)))

    @extend_schema(
        summary="It is right; or it is wrong, and her centre hears of it",
        request=NameRightSerializer,
        responses=NameConfirmationSerializer,
        examples=[ANSWER],
    )
    def put(self, request: Request, enrolment_id: UUID) -> Response:
        sent = NameRightSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        enrolment, right = _own(request, enrolment_id), sent.validated_data["right"]
        return Response(_present(request, confirm_name(enrolment=enrolment, right=right, at=timezone.now())))


def _own(request: Request, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.current().filter(learner_id=request.user.scope.person_id)
    return get_object_or_404(rows, uuid=enrolment_id)


def _present(request: Request, said: NameConfirmation | None) -> dict[str, Any]:
    names = names_of(herself(request.user))
    return {
        "name": names.on_paper,
        "latin": names.in_latin,
        "right": said and said.right,
        "at": said and said.at,
    }
