from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.publishing.problems import Problem
from courses.studio.queries import MESSAGES, problems_of, warnings_of
from lms.api.views import Endpoint, Request


class FindingSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="into the draft as `GET /authoring/courses/{slug}` answers it")
    code = serializers.CharField()
    detail = serializers.CharField()
    lesson = serializers.UUIDField(allow_null=True)


class ReadinessSerializer(serializers.Serializer[Any]):
    problems = FindingSerializer(many=True, help_text="these keep the draft from being published")
    warnings = FindingSerializer(many=True, help_text="these make it harder to learn from")


def _present(finding: Problem) -> dict[str, Any]:
    pointer, code, lesson = finding
    return {
        "pointer": pointer,
        "code": code,
        "detail": str(MESSAGES[code]),
        "lesson": lesson and lesson.uuid,
    }


class Readiness(Endpoint):
    ability = "course.author"

    @extend_schema(
        summary="What keeps a draft from being published, and what is worth a look before",
        responses=ReadinessSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        found = {"problems": problems_of(course), "warnings": warnings_of(course)}
        return Response({name: [_present(one) for one in findings] for name, findings in found.items()})
