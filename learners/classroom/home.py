"""Home for an app: the one place where she goes on, and what is still missing before each certificate."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.models import LessonKind
from learners.classroom.queries import Part, Standing, Step, standings_of
from learners.classroom.texts import count_missing, missing_words
from lms.api.views import Endpoint, Request


class HomeCourseSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    language = serializers.CharField(help_text="of this and the other titles")


class HomeLessonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=LessonKind.choices)
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    bytes = serializers.IntegerField()


class WaitingSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(help_text="of the module that opens next")
    opens_on = serializers.DateField(allow_null=True)
    after = serializers.CharField(allow_blank=True, help_text="the title of the module to finish first")


class MissingSerializer(serializers.Serializer[Any]):
    lessons = serializers.IntegerField(help_text="required, not finished, without the quizzes")
    quizzes = serializers.IntegerField()
    words = serializers.CharField(allow_blank=True, help_text="the same as a sentence")


class HomeStandingSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField()
    course = HomeCourseSerializer()
    completed = serializers.BooleanField()
    done = serializers.IntegerField(help_text="required lessons and quizzes that she has finished")
    total = serializers.IntegerField()
    lesson = HomeLessonSerializer(allow_null=True, help_text="where she goes on")
    waiting = WaitingSerializer(allow_null=True, help_text="where nothing is left to do but wait")
    missing = MissingSerializer(help_text="before her certificate; nothing once she has completed the course")


class HomeSerializer(serializers.Serializer[Any]):
    current = HomeStandingSerializer(allow_null=True, help_text="continue here")
    others = HomeStandingSerializer(many=True)


EXAMPLE = {
    "current": {
        "enrolment": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
        "course": {
            "slug": "asasiyat-riyadat-al-aamal",
            "title": "أساسيات ريادة الأعمال",
            "language": "ar",
        },
        "completed": False,
        "done": 11,
        "total": 14,
        "lesson": {
            "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
            "kind": "text",
            "title": "اختاري صفتكِ القانونية",
            "minutes": 15,
            "bytes": 5120,
        },
        "waiting": None,
        "missing": {
            "lessons": 2,
            "quizzes": 1,
            "words": "بقي قبل شهادتكِ: درسان والاختبار الأخير.",
        },
    },
    "others": [],
}


def current_of(standings: Sequence[Standing]) -> Standing | None:
    """The course in which she goes on: of those not completed the first with something to do, else the first."""
    active = [standing for standing in standings if not standing.completed]
    return next((standing for standing in active if standing.next), next(iter(active), None))


def present_home(standing: Standing) -> dict[str, Any]:
    lessons, quizzes = (0, 0) if standing.completed else count_missing(standing)
    return {
        "enrolment": standing.enrolment and standing.enrolment.uuid,
        "course": {"slug": standing.slug, "title": standing.title, "language": standing.language},
        "completed": standing.completed,
        "done": standing.done,
        "total": standing.total,
        "lesson": _lesson(standing.next),
        "waiting": _waiting(standing.waiting),
        "missing": {
            "lessons": lessons,
            "quizzes": quizzes,
            "words": "" if standing.completed else missing_words(standing),
        },
    }


def _lesson(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "id": step.id,
        "kind": step.kind,
        "title": step.title,
        "minutes": step.minutes,
        "bytes": step.bytes,
    }


def _waiting(part: Part | None) -> dict[str, Any] | None:
    return {"title": part.title, "opens_on": part.gate.on, "after": part.after} if part else None


class Home(Endpoint):
    ability = "lesson.read"

    @extend_schema(
        summary="Where she goes on, and what is still missing before each certificate",
        responses=HomeSerializer,
        examples=[OpenApiExample("الرئيسية", response_only=True, value=EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        standings = standings_of(request.user, at=timezone.now())
        current = current_of(standings)
        others = [present_home(standing) for standing in standings if standing is not current]
        return Response({"current": current and present_home(current), "others": others})
