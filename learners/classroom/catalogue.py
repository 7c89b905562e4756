"""The catalogue, and where she stands in each of its courses."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.queries import catalogue
from learners.classroom.offers import offer_of, offers, present_offer
from learners.enrolments.models import EnrolmentState
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request


class CatalogueEnrolmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=EnrolmentState.choices)
    percent = serializers.IntegerField(min_value=0, max_value=100)


class PrerequisiteSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    language = serializers.CharField(help_text="of the title")


class CatalogueCourseSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    language = serializers.CharField(help_text="of the title; may be another than was asked for")
    languages = serializers.ListField(child=serializers.CharField())
    topic = serializers.CharField(allow_blank=True)
    open = serializers.BooleanField()
    modules = serializers.IntegerField()
    lessons = serializers.IntegerField()
    minutes = serializers.IntegerField()
    hours = serializers.IntegerField(allow_null=True)
    bytes = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="`full` with every file, `text` alone; small: `audio` with sounds, `video` with films",
    )
    publication = serializers.IntegerField(help_text="the newest number")
    prerequisite = PrerequisiteSerializer(allow_null=True, help_text="the course to complete before this one")
    enrolment = CatalogueEnrolmentSerializer(
        allow_null=True, help_text="hers, if she is signed in and has one"
    )


class CataloguePageSerializer(serializers.Serializer[Any]):
    results = CatalogueCourseSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE = OpenApiExample(
    "دورة",
    response_only=True,
    value={
        "slug": "asasiyat-riyadat-al-aamal",
        "title": "أساسيات ريادة الأعمال",
        "summary": "من الفكرة إلى المشروع المدر للدخل.",
        "language": "ar",
        "languages": ["ar", "fr"],
        "topic": "enterprise",
        "open": True,
        "modules": 4,
        "lessons": 14,
        "minutes": 180,
        "hours": 12,
        "bytes": {"full": 48200110, "text": 90412, "audio": 4100220, "video": 17300410},
        "publication": 1,
        "prerequisite": None,
        "enrolment": None,
    },
)


class Courses(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="The catalogue",
        parameters=[
            OpenApiParameter("language", str, description="courses that exist in this language"),
            OpenApiParameter("topic", str),
            OpenApiParameter(
                "q", str, description="words of the title or summary; marks and spelling do not matter"
            ),
        ],
        responses=CataloguePageSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages(("position", "id"))
        asked = request.query_params
        found = catalogue(
            language=asked.get("language", ""), topic=asked.get("topic", ""), words=asked.get("q", "")
        )
        courses = [row["id"] for row in pages.of(found.values("id", "position"), request)]
        return Response(pages.answer([present_offer(offer) for offer in offers(courses, request.user)]))


class CourseDetail(Endpoint):
    ability = "catalogue.read"

    @extend_schema(summary="One course", responses=CatalogueCourseSerializer, examples=[EXAMPLE])
    def get(self, request: Request, slug: str) -> Response:
        return Response(present_offer(offer_of(slug, request.user)))
