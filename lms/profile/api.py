from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.accommodations import KNOWN
from lms.accounts.pins import NotAPin
from lms.accounts.presenting import EXAMPLE_PERSON, MeSerializer, present_me
from lms.accounts.services import CurrentPinNeeded, CurrentPinWrong, NotLatin, PinNotFree
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.languages import LANGUAGES
from lms.profile.services import Changes, change_me
from lms.sign_in.limits import TooManyTries


class MeChangeSerializer(serializers.Serializer[Any]):
    printed_name = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="empty: first and family name"
    )
    latin_name = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="the printed name in Latin letters"
    )
    language = serializers.ChoiceField(required=False, choices=LANGUAGES)
    discreet = serializers.BooleanField(required=False)
    accommodations = serializers.ListField(
        required=False, child=serializers.ChoiceField(choices=sorted(KNOWN)), max_length=len(KNOWN)
    )
    pin = serializers.CharField(required=False, max_length=20, help_text="4 to 8 digits")
    current_pin = serializers.CharField(required=False, max_length=20, help_text="to choose another PIN")


EXAMPLE_ME = OpenApiExample("أنا", response_only=True, value=dict(EXAMPLE_PERSON))
EXAMPLE_CHANGE = OpenApiExample(
    "الاسم في الشهادة", request_only=True, value={"printed_name": "فاطمة الزهراء العمراني"}
)


class Me(Endpoint):
    ability = {"GET": "self.read", "PATCH": "self.change"}
    refusals = {
        "PATCH": (
            NotAPin,
            CurrentPinNeeded,
            CurrentPinWrong,
            PinNotFree,
            NotLatin,
            TooManyTries,
            InvalidInput,
        )
    }

    @extend_schema(summary="What we know of her, for herself", responses=MeSerializer, examples=[EXAMPLE_ME])
    def get(self, request: Request) -> Response:
        return Response(present_me(request.user, at=timezone.now()))

    @extend_schema(
        summary="Change her printed name, language, discreet mode, what eases learning, or PIN",
        request=MeChangeSerializer,
        responses=MeSerializer,
        examples=[EXAMPLE_CHANGE, EXAMPLE_ME],
    )
    def patch(self, request: Request) -> Response:
        asked = MeChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        at = timezone.now()
        change_me(person=request.user, changes=Changes(**asked.validated_data), at=at)
        return Response(present_me(request.user, at=at))
