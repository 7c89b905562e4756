from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.enrolments.services import (
    CohortEnded,
    CohortFull,
    CohortOfAnotherCourse,
    PrerequisiteMissing,
    enrol,
)
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class EnrolmentRequestSerializer(serializers.Serializer[Any]):
    course = serializers.SlugField(max_length=80, help_text="the course's slug")
    cohort = serializers.UUIDField(required=False, allow_null=True)


class CourseNameSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()


class EnrolmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    course = CourseNameSerializer()
    state = serializers.ChoiceField(choices=EnrolmentState.choices)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    publication = serializers.IntegerField(help_text="the number of the publication she is pinned to")
    completed_at = serializers.DateTimeField(allow_null=True)


class EnrolmentPageSerializer(serializers.Serializer[Any]):
    results = EnrolmentSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE = OpenApiExample(
    "تسجيل",
    response_only=True,
    value={
        "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
        "course": {"slug": "asasiyat-riyadat-al-aamal", "title": "أساسيات ريادة الأعمال"},
        "state": "active",
        "percent": 60,
        "publication": 1,
        "completed_at": None,
    },
)


def present_enrolment(enrolment: Enrolment) -> dict[str, Any]:
    publication = enrolment.publication
    title = in_language(publication.title, publication.languages, get_language())
    return {
        "id": enrolment.uuid,
        "course": {"slug": enrolment.course.slug, "title": title},
        "state": enrolment.state,
        "percent": enrolment.percent,
        "publication": publication.number,
        "completed_at": enrolment.completed_at,
    }


class Enrolments(Endpoint):
    ability = {"GET": "enrolment.read", "POST": "enrolment.create"}
    refusals = {
        "POST": (
            NotFound,
            PrerequisiteMissing,
            CohortEnded,
            CohortFull,
            CohortOfAnotherCourse,
            InvalidInput,
            KeyReused,
            StillUnderWay,
        )
    }

    @extend_schema(
        summary="Her enrolments, or those of the learners she answers for",
        responses=EnrolmentPageSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(
            Enrolment.objects.visible_to(request.user).select_related("course", "publication"), request
        )
        return Response(pages.answer([present_enrolment(row) for row in rows]))

    @extend_schema(
        summary="Enrol on a course",
        description="`prerequisite_missing` names in `errors` the `course` to complete first. A cohort that has not "
        "begun takes her already: its lessons open on its first day.",
        request=EnrolmentRequestSerializer,
        responses={201: EnrolmentSerializer, 200: EnrolmentSerializer},
        examples=[EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = EnrolmentRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        courses = Course.objects.published().select_related("newest").defer("newest__search_text")
        course = get_object_or_404(courses, slug=asked.validated_data["course"])
        cohort_id = asked.validated_data.get("cohort")
        cohort = (
            get_object_or_404(Cohort.objects.open_to(request.user), uuid=cohort_id) if cohort_id else None
        )
        enrolment, created = enrol(learner=request.user, course=course, cohort=cohort, at=timezone.now())
        return Response(present_enrolment(enrolment), status=201 if created else 200)


class EnrolmentDetail(Endpoint):
    ability = "enrolment.read"

    @extend_schema(summary="One enrolment", responses=EnrolmentSerializer, examples=[EXAMPLE])
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        rows = Enrolment.objects.visible_to(request.user).select_related("course", "publication")
        return Response(present_enrolment(get_object_or_404(rows, uuid=enrolment_id)))
