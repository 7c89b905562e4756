"""The catalogue, and where she stands in each of its courses."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.models import Course
from courses.catalogue.queries import catalogue
from courses.catalogue.texts import in_language, language_of
from learners.enrolments.models import Enrolment, EnrolmentState
from lms.access.scoping import HasScope
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
        child=serializers.IntegerField(), help_text="`full` with every file, `text` alone"
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
        "bytes": {"full": 48200110, "text": 90412},
        "publication": 1,
        "prerequisite": None,
        "enrolment": None,
    },
)


def enrolments_in(courses: Sequence[Course], person: HasScope) -> dict[int, Enrolment]:
    """Her enrolments in these courses, by course. One statement; none for who has not signed in."""
    if person.scope.person_id is None or not courses:
        return {}
    mine = Enrolment.objects.filter(learner_id=person.scope.person_id, course__in=courses).select_related(
        "cohort"
    )
    return {enrolment.course_id: enrolment for enrolment in mine}


def _present_prerequisite(course: Course) -> dict[str, str]:
    newest, language = course.newest, get_language()
    assert newest is not None  # noqa: S101  # nothing is published before its prerequisite is
    return {
        "slug": course.slug,
        "title": in_language(newest.title, newest.languages, language),
        "language": language_of(newest.title, newest.languages, language),
    }


def present_course(course: Course, enrolment: Enrolment | None) -> dict[str, Any]:
    """A published course in the language at hand."""
    newest, language = course.newest, get_language()
    assert newest is not None  # noqa: S101  # the catalogue holds published courses only
    return {
        "slug": course.slug,
        "title": in_language(newest.title, newest.languages, language),
        "summary": in_language(newest.summary, newest.languages, language),
        "language": language_of(newest.title, newest.languages, language),
        "languages": newest.languages,
        "topic": newest.topic,
        "open": course.open,
        "modules": newest.module_count,
        "lessons": newest.lesson_count,
        "minutes": newest.minutes,
        "hours": newest.hours,
        "bytes": newest.bytes,
        "publication": newest.number,
        "prerequisite": newest.prerequisite and _present_prerequisite(newest.prerequisite),
        "enrolment": enrolment
        and {"id": enrolment.uuid, "state": enrolment.state, "percent": enrolment.percent},
    }


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
        rows = pages.of(found, request)
        mine = enrolments_in(rows, request.user)
        return Response(pages.answer([present_course(row, mine.get(row.pk)) for row in rows]))


class CourseDetail(Endpoint):
    ability = "catalogue.read"

    @extend_schema(summary="One course", responses=CatalogueCourseSerializer, examples=[EXAMPLE])
    def get(self, request: Request, slug: str) -> Response:
        course = get_object_or_404(catalogue(), slug=slug)
        return Response(present_course(course, enrolments_in([course], request.user).get(course.pk)))
