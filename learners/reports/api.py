from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.models import Course
from learners.reports.presenting import present_learners, present_report
from learners.reports.queries import (
    ReportState,
    completion_report,
    learners_behind,
)
from learners.reports.tree import Level
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class QuestionSerializer(serializers.Serializer[Any]):
    course = serializers.SlugField(
        max_length=80, required=False, help_text="a course's slug; default all courses"
    )
    organisation = serializers.SlugField(
        max_length=40, required=False, help_text="an organisation's code; default her highest"
    )


class CompletionQuestionSerializer(QuestionSerializer):
    level = serializers.ChoiceField(
        choices=Level.choices, required=False, help_text="default one level below the organisation"
    )


class LearnersQuestionSerializer(QuestionSerializer):
    state = serializers.ChoiceField(choices=ReportState.choices, required=False)


class CompletionLineSerializer(serializers.Serializer[Any]):
    organisation = serializers.SlugField(allow_null=True, help_text="a code; null for the folded centres")
    name = serializers.CharField()
    enrolled = serializers.IntegerField(min_value=0)
    active = serializers.IntegerField(min_value=0, help_text="an event or the enrolment within 14 days")
    silent = serializers.IntegerField(min_value=0)
    completed = serializers.IntegerField(min_value=0)
    certified = serializers.IntegerField(min_value=0, help_text="completed with a live certificate")


class FunnelSerializer(serializers.Serializer[Any]):
    """Everyone who came at least so far, in all of what was asked."""

    enrolled = serializers.IntegerField(min_value=0)
    started = serializers.IntegerField(min_value=0)
    halfway = serializers.IntegerField(min_value=0)
    completed = serializers.IntegerField(min_value=0)
    certified = serializers.IntegerField(min_value=0)


class CompletionSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=Level.choices)
    results = CompletionLineSerializer(many=True)
    funnel = FunnelSerializer(
        allow_null=True, help_text="null where fewer than five ordinary enrolments would show"
    )


class LearnerSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField()
    pseudonym = serializers.CharField()
    name = serializers.CharField(required=False, help_text="only in the centre where the reader works")
    organisation = serializers.SlugField(allow_null=True, help_text="a code; null where it is folded")
    state = serializers.ChoiceField(
        choices=[state for state in ReportState.choices if state[0] != "certified"]
    )
    percent = serializers.IntegerField(min_value=0, max_value=100)
    completed_at = serializers.DateTimeField(allow_null=True)


class LearnerPageSerializer(serializers.Serializer[Any]):
    results = LearnerSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


COMPLETION_EXAMPLE = OpenApiExample(
    "إقليم العرائش",
    response_only=True,
    value={
        "level": "centre",
        "results": [
            {
                "organisation": "c-larache-01",
                "name": "مركز التربية والتكوين العرائش",
                "enrolled": 120,
                "active": 64,
                "silent": 26,
                "completed": 30,
                "certified": 29,
            },
            {
                "organisation": None,
                "name": "مراكز أخرى",
                "enrolled": 41,
                "active": 20,
                "silent": 12,
                "completed": 9,
                "certified": 9,
            },
        ],
        "funnel": {"enrolled": 161, "started": 130, "halfway": 88, "completed": 39, "certified": 38},
    },
)

LEARNERS_EXAMPLE = OpenApiExample(
    "متدربات",
    response_only=True,
    value={
        "results": [
            {
                "person": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10",
                "pseudonym": "4T7K-9QXB",
                "name": "فاطمة العمراني",
                "organisation": "c-larache-01",
                "state": "silent",
                "percent": 40,
                "completed_at": None,
            }
        ],
        "next": None,
        "previous": None,
    },
)


def _asked(question: serializers.Serializer[Any]) -> dict[str, Any]:
    """The question, its course loaded."""
    question.is_valid(raise_exception=True)
    asked: dict[str, Any] = question.validated_data
    if "course" in asked:
        asked["course"] = get_object_or_404(Course.objects.published(), slug=asked["course"])
    return asked


class Completion(Endpoint):
    ability = "report.read"
    refusals = (NotFound, InvalidInput)

    @extend_schema(
        summary="Enrolments and completions of each region, province or centre of hers",
        parameters=[CompletionQuestionSerializer],
        responses=CompletionSerializer,
        examples=[COMPLETION_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        asked = _asked(CompletionQuestionSerializer(data=request.query_params))
        report = completion_report(scope=request.user.scope, at=timezone.now(), **asked)
        return Response(present_report(report))


class CompletionLearners(Endpoint):
    ability = "report.people"
    refusals = (NotFound, InvalidInput)

    @extend_schema(
        summary="The learners behind a number, by pseudonym; by name in her own centre, which is recorded",
        parameters=[LearnersQuestionSerializer],
        responses=LearnerPageSerializer,
        examples=[LEARNERS_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        at = timezone.now()
        asked = _asked(LearnersQuestionSerializer(data=request.query_params))
        behind = learners_behind(viewer=request.user, at=at, **asked)
        pages = KeysetPages("-id")
        rows = pages.of(behind.enrolments, request)
        return Response(pages.answer(present_learners(rows, behind, viewer=request.user, at=at)))
