from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.models import NextStepKind
from courses.catalogue.texts import in_language
from learners.enrolments.api import CourseNameSerializer
from learners.enrolments.models import Enrolment
from learners.support.models import SupportRequest, SupportState
from learners.support.queries import asked_at_centre_of, latest_of
from learners.support.services import (
    WORDS_AT_MOST,
    CourseNotCompleted,
    NoCentreYet,
    SupportAskedAlready,
    SupportClosed,
    SupportTaken,
    ask_for_support,
    close_request,
    take_request,
)
from lms.accounts.services import show_names
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class NextStepWordsSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=NextStepKind.choices)
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    link = serializers.CharField(allow_blank=True, help_text="an https address to show, or nothing")


class SupportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=SupportState.choices)
    asked_at = serializers.DateTimeField()


class NextStepsAnswerSerializer(serializers.Serializer[Any]):
    completed = serializers.BooleanField(help_text="only then she can ask for support")
    steps = NextStepWordsSerializer(many=True)
    support = SupportSerializer(allow_null=True, help_text="what she asked last on this course")


class SupportWordsSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=WORDS_AT_MOST, allow_blank=True, default="")


class SupportRequestSerializer(SupportSerializer):
    name = serializers.CharField()
    pseudonym = serializers.CharField()
    course = CourseNameSerializer()
    words = serializers.CharField(allow_blank=True)
    mine = serializers.BooleanField(help_text="she who asks has taken it")
    taken_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class SupportRequestPageSerializer(serializers.Serializer[Any]):
    results = SupportRequestSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE_SUPPORT = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a77",
    "state": "new",
    "asked_at": "2026-11-22T10:00:00Z",
}
EXAMPLE_REQUEST = EXAMPLE_SUPPORT | {
    "name": "فاطمة العمراني",
    "pseudonym": "4T7K-9QXB",
    "course": {"slug": "asasiyat-riyadat-al-aamal", "title": "أساسيات ريادة الأعمال"},
    "words": "أريد أن أبيع الحلويات من البيت",
    "mine": False,
    "taken_at": None,
    "closed_at": None,
}
ONE = OpenApiExample("طلب", response_only=True, value=EXAMPLE_REQUEST)


def present_support(support: SupportRequest | None) -> dict[str, Any] | None:
    if support is None:
        return None
    return {"id": support.uuid, "state": support.state, "asked_at": support.asked_at}


def present_steps(enrolment: Enrolment) -> list[dict[str, str]]:
    """The next steps of the publication she is pinned to, in the language at hand."""
    publication = enrolment.publication
    return [
        {
            "kind": step["kind"],
            **{
                name: in_language(step[name], publication.languages, get_language())
                for name in ("title", "body")
            },
            "link": step["link"],
        }
        for step in publication.next_steps
    ]


def present_request(request: SupportRequest, name: str, viewer_id: int) -> dict[str, Any]:
    """For her own centre; opens what she wrote."""
    enrolment = request.enrolment
    publication = enrolment.publication
    title = in_language(publication.title, publication.languages, get_language())
    return {
        "id": request.uuid,
        "state": request.state,
        "asked_at": request.asked_at,
        "name": name,
        "pseudonym": enrolment.learner.pseudonym,
        "course": {"slug": enrolment.course.slug, "title": title},
        "words": request.read(),
        "mine": request.taken_by_id == viewer_id,
        "taken_at": request.taken_at,
        "closed_at": request.closed_at,
    }


def _enrolment(request: Request, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.user).current().select_related("publication")
    return get_object_or_404(rows, uuid=enrolment_id)


class NextSteps(Endpoint):
    ability = "lesson.read"
    refusals = (NotFound,)

    @extend_schema(
        summary="What she may do after her course, and what became of her wish for support",
        responses=NextStepsAnswerSerializer,
        examples=[
            OpenApiExample(
                "خطوتك التالية",
                response_only=True,
                value={
                    "completed": True,
                    "steps": [
                        {
                            "kind": "centre",
                            "title": "زوري مركزكِ",
                            "body": "خذي معكِ شهادتكِ.",
                            "link": "",
                        }
                    ],
                    "support": EXAMPLE_SUPPORT,
                },
            )
        ],
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        enrolment = _enrolment(request, enrolment_id)
        return Response(
            {
                "completed": enrolment.completed_at is not None,
                "steps": present_steps(enrolment),
                "support": present_support(latest_of(enrolment)),
            }
        )


class Support(Endpoint):
    ability = "support.ask"
    refusals = (
        CourseNotCompleted,
        NoCentreYet,
        SupportAskedAlready,
        InvalidInput,
        KeyReused,
        StillUnderWay,
        NotFound,
    )

    @extend_schema(
        summary="She wants support with her project: her centre hears of it, nobody else",
        description="201 where it is new, 200 where the same is still open.",
        request=SupportWordsSerializer,
        responses={201: SupportSerializer, 200: SupportSerializer},
        examples=[
            OpenApiExample("مشروعي", request_only=True, value={"words": "أريد أن أبيع الحلويات من البيت"}),
            OpenApiExample("طلب", response_only=True, value=EXAMPLE_SUPPORT),
        ],
    )
    @once
    def post(self, request: Request, enrolment_id: UUID) -> Response:
        asked = SupportWordsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        enrolment, words = _enrolment(request, enrolment_id), asked.validated_data["words"]
        support, new = ask_for_support(enrolment=enrolment, words=words, at=timezone.now())
        return Response(present_support(support), status=201 if new else 200)


class SupportRequests(Endpoint):
    ability = "support.answer"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="The women of her own centre who want support with a project; the look is recorded",
        description="The oldest first; without `state` all that are not closed.",
        parameters=[OpenApiParameter("state", str, enum=SupportState.values)],
        responses=SupportRequestPageSerializer,
        examples=[ONE],
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        if state and state not in SupportState.values:
            raise InvalidInput.at("/state", "invalid_choice", InvalidInput.message)
        pages = KeysetPages("id")
        rows = pages.of(asked_at_centre_of(request.user, state=state), request)
        return Response(pages.answer(_presented(request, rows)))


def _presented(request: Request, rows: list[SupportRequest]) -> list[dict[str, Any]]:
    women = [row.enrolment.learner for row in rows]
    names = show_names(viewer=request.user, people=women, surface="support", at=timezone.now())
    return [present_request(row, names[row.enrolment.learner_id].full, request.user.pk) for row in rows]


def _request(request: Request, support_id: UUID) -> SupportRequest:
    return get_object_or_404(SupportRequest.objects.visible_to(request.user), uuid=support_id)


class SupportTaking(Endpoint):
    ability = "support.answer"
    refusals = (SupportTaken, SupportClosed, NotFound)

    @extend_schema(summary="I speak with her", request=None, responses=SupportSerializer)
    def post(self, request: Request, support_id: UUID) -> Response:
        taken = take_request(request=_request(request, support_id), by=request.user, at=timezone.now())
        return Response(present_support(taken))


class SupportClosing(Endpoint):
    ability = "support.answer"
    refusals = (NotFound,)

    @extend_schema(summary="What could be done is done", request=None, responses=SupportSerializer)
    def post(self, request: Request, support_id: UUID) -> Response:
        closed = close_request(request=_request(request, support_id), by=request.user, at=timezone.now())
        return Response(present_support(closed))
