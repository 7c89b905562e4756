"""Whom a new publication would touch, said before it is made."""

from typing import Any

from django.db.models import Count, Q
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.catalogue.models import Course
from courses.publishing.comparison import changes_since_publication
from learners.enrolments.models import Enrolment, EnrolmentState
from lms.api.views import Endpoint, Request


class ChangesSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()


class ImpactSerializer(serializers.Serializer[Any]):
    publication = serializers.IntegerField(help_text="the number it would have")
    learners = serializers.IntegerField(help_text="on earlier publications, who stay on them")
    completed = serializers.IntegerField(help_text="of these, who have finished")
    changed_lessons = ChangesSerializer()


def learners_of(course: Course) -> dict[str, int]:
    """How many take the course, and how many of them have finished it. One statement."""
    current = Enrolment.objects.filter(course=course).exclude(state=EnrolmentState.WITHDRAWN)
    return current.aggregate(
        learners=Count("pk"), completed=Count("pk", filter=Q(state=EnrolmentState.COMPLETED))
    )


class PublicationImpact(Endpoint):
    ability = "course.author"

    @extend_schema(
        summary="Whom the next publication would touch",
        responses=ImpactSerializer,
        examples=[
            OpenApiExample(
                "أثر النشر",
                response_only=True,
                value={
                    "publication": 2,
                    "learners": 412,
                    "completed": 37,
                    "changed_lessons": {"added": 1, "removed": 0, "changed": 2},
                },
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        changes = changes_since_publication(course)
        return Response(
            {
                "publication": changes.number,
                **learners_of(course),
                "changed_lessons": {
                    "added": changes.added,
                    "removed": changes.removed,
                    "changed": changes.changed,
                },
            }
        )
