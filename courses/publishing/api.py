from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.authoring.refusals import PublisherNeeded
from courses.publishing.models import Publication
from courses.publishing.problems import PROBLEMS, DraftNotReady
from courses.publishing.services import NothingChanged, publish_course
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class PublicationRequestSerializer(serializers.Serializer[Any]):
    notes = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class PublicationSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    content_hash = serializers.CharField(help_text="SHA-256 over everything a learner can meet")
    languages = serializers.ListField(child=serializers.CharField())
    modules = serializers.IntegerField()
    lessons = serializers.IntegerField()
    notes = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField()


class PublicationPageSerializer(serializers.Serializer[Any]):
    results = PublicationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def present_publication(publication: Publication) -> dict[str, Any]:
    return {
        "number": publication.number,
        "content_hash": publication.content_hash,
        "languages": publication.languages,
        "modules": publication.module_count,
        "lessons": publication.lesson_count,
        "notes": publication.notes,
        "published_at": publication.published_at,
    }


class Publications(Endpoint):
    ability = {"GET": "course.author", "POST": "course.publish"}
    refusals = {
        "POST": (
            PublisherNeeded,
            NothingChanged,
            DraftNotReady,
            *PROBLEMS,
            InvalidInput,
            KeyReused,
            StillUnderWay,
        )
    }

    @extend_schema(
        summary="The publications of a course, the newest first", responses=PublicationPageSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        pages = KeysetPages("-number")
        rows = pages.of(Publication.objects.filter(course=course_in_sight(request, slug)), request)
        return Response(pages.answer([present_publication(row) for row in rows]))

    @extend_schema(
        summary="Publish the draft",
        description="Whoever is on an earlier publication stays on it. A draft that is not ready is answered with "
        "every problem in `errors`; where all are of one kind, `code` is that kind, else `draft_not_ready`.",
        request=PublicationRequestSerializer,
        responses={201: PublicationSerializer},
        examples=[OpenApiExample("نشر", request_only=True, value={"notes": "أضفنا درسا عن البيع بالهاتف"})],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = PublicationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        publication = publish_course(
            course=course, by=request.user, notes=asked.validated_data["notes"], at=timezone.now()
        )
        return Response(present_publication(publication), status=201)
