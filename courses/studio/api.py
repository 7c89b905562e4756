from typing import Any, get_args

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.publishing.problems import Problem
from courses.studio.changes import Sign, changes_of
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


class DraftLineSerializer(serializers.Serializer[Any]):
    sign = serializers.CharField(allow_blank=True, help_text="`-` as it is, `+` as it would be, empty: both")
    text = serializers.CharField(allow_blank=True)


class DraftChangeSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    title = serializers.DictField(child=serializers.CharField())
    signs = serializers.ListField(
        child=serializers.ChoiceField(choices=get_args(Sign)), help_text="in what it differs"
    )
    words = serializers.DictField(child=DraftLineSerializer(many=True), help_text="by language, line by line")


class DraftChangesSerializer(serializers.Serializer[Any]):
    results = DraftChangeSerializer(many=True)


class DraftChanges(Endpoint):
    ability = "course.author"

    @extend_schema(
        summary="What a draft says otherwise than the newest publication, lesson by lesson",
        responses=DraftChangesSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        said = [
            {
                "lesson": change.lesson,
                "title": change.title,
                "signs": change.signs,
                "words": {
                    code: [{"sign": line.sign, "text": line.text} for line in lines]
                    for code, lines in change.words
                },
            }
            for change in changes_of(course_in_sight(request, slug))
        ]
        return Response({"results": said})


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
