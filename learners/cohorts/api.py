from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.inputs import TITLE_AT_MOST, WordsField
from courses.authoring.languages import TEXTS
from courses.authoring.refusals import ChangedMeanwhile, PreconditionRequired
from courses.authoring.versions import etag, expected_version
from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.cohorts.queries import cohorts_of, places_for
from learners.cohorts.services import SeatsTaken, change_cohort, create_cohort
from lms.access.scoping import HasScope
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound

SEATS_AT_MOST = 10_000


class CohortChangeSerializer(serializers.Serializer[Any]):
    title = WordsField(longest=TITLE_AT_MOST, allow_empty=False)
    seats = serializers.IntegerField(
        min_value=1, max_value=SEATS_AT_MOST, allow_null=True, required=False, help_text="null: not counted"
    )
    starts_on = serializers.DateField(
        allow_null=True, required=False, help_text="nothing opens before it; women join earlier"
    )
    ends_on = serializers.DateField(allow_null=True, required=False, help_text="nobody joins after it")
    facilitator = serializers.UUIDField(
        allow_null=True, required=False, help_text="a facilitator or administrator of this very centre"
    )

    def validate_title(self, title: dict[str, str]) -> dict[str, str]:
        words = {language: text.strip() for language, text in title.items() if text.strip()}
        if not words or not words.keys() <= set(TEXTS):
            raise serializers.ValidationError(
                _("Write the title in ar, fr, zgh or en."), code="language_unknown"
            )
        return words


class CohortRequestSerializer(CohortChangeSerializer):
    course = serializers.SlugField(max_length=80)
    organisation = serializers.SlugField(max_length=40, help_text="the code of a place that women belong to")


class CohortSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    course = serializers.SlugField()
    organisation = serializers.SlugField()
    title = WordsField(longest=TITLE_AT_MOST)
    seats = serializers.IntegerField(allow_null=True)
    taken = serializers.IntegerField(allow_null=True, help_text="told to the very centre's staff only")
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    facilitator = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(help_text="what If-Match compares: the ETag is this number in quotes")


class CohortPageSerializer(serializers.Serializer[Any]):
    results = CohortSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


ASKED = {
    "course": "asasiyat-riyadat-al-aamal",
    "organisation": "c-larache-01",
    "title": {"ar": "فوج مارس", "fr": "Groupe de mars"},
    "seats": 20,
    "starts_on": "2027-03-01",
    "ends_on": "2027-06-30",
    "facilitator": None,
}
REQUEST_EXAMPLE = OpenApiExample("فوج جديد", request_only=True, value=ASKED)
CHANGE_EXAMPLE = OpenApiExample("مقاعد أكثر", request_only=True, value={"seats": 25})
EXAMPLE = OpenApiExample(
    "فوج",
    response_only=True,
    value=ASKED | {"id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11", "taken": 12, "version": 1},
)


def present_cohort(cohort: Any, staff: HasScope) -> dict[str, Any]:
    """A group as `cohorts_of` read it; above the centre a count of few would point at the women behind it."""
    works_there = cohort.organisation.path in staff.scope.home_paths
    return {
        "id": cohort.uuid,
        "course": cohort.course.slug,
        "organisation": cohort.organisation.code,
        "title": cohort.title,
        "seats": cohort.seats,
        "taken": cohort.taken if works_there else None,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "facilitator": cohort.facilitator and cohort.facilitator.uuid,
        "version": cohort.version,
    }


def _answer(request: Request, cohort_id: UUID, *, status: int = 200) -> Response:
    cohort = get_object_or_404(cohorts_of(request.user), uuid=cohort_id)
    said = present_cohort(cohort, request.user)
    reading = "" if said["taken"] is None else f"{said['taken']:x}"
    return Response(said, status=status, headers={"ETag": etag(cohort.version, reading=reading)})


class Cohorts(Endpoint):
    ability = {"GET": "cohort.read", "POST": "cohort.manage"}
    refusals = {"POST": (NotFound, InvalidInput, KeyReused, StillUnderWay)}

    @extend_schema(
        summary="The groups of her part of the tree, the newest first",
        parameters=[OpenApiParameter("course", str, description="a course's slug")],
        responses=CohortPageSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        pages, rows = KeysetPages("-id"), cohorts_of(request.user)
        if course := request.query_params.get("course"):
            rows = rows.filter(course__slug=course)
        return Response(pages.answer([present_cohort(row, request.user) for row in pages.of(rows, request)]))

    @extend_schema(
        summary="Begin a group of a course at a centre of hers",
        request=CohortRequestSerializer,
        responses={201: CohortSerializer},
        examples=[REQUEST_EXAMPLE, EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = CohortRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        words = dict(asked.validated_data)
        course = get_object_or_404(Course.objects.offered(), slug=words.pop("course"))
        organisation = get_object_or_404(places_for(request.user), code=words.pop("organisation"))
        cohort = create_cohort(
            course=course, organisation=organisation, by=request.user, at=timezone.now(), **words
        )
        return _answer(request, cohort.uuid, status=201)


class CohortDetail(Endpoint):
    ability = {"GET": "cohort.read", "PATCH": "cohort.manage"}
    refusals = {"PATCH": (PreconditionRequired, ChangedMeanwhile, SeatsTaken, InvalidInput)}

    @extend_schema(summary="One group", responses=CohortSerializer, examples=[EXAMPLE])
    def get(self, request: Request, cohort_id: UUID) -> Response:
        return _answer(request, cohort_id)

    @extend_schema(
        summary="Change a group's title, seats, first or last day, or facilitator",
        description="`If-Match`: the group's ETag. Who sits in it stays, whatever changes.",
        request=CohortChangeSerializer(partial=True),
        responses=CohortSerializer,
        examples=[CHANGE_EXAMPLE, EXAMPLE],
    )
    def patch(self, request: Request, cohort_id: UUID) -> Response:
        cohort: Cohort = get_object_or_404(cohorts_of(request.user), uuid=cohort_id)
        asked = CohortChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        change_cohort(
            cohort=cohort,
            by=request.user,
            changes=asked.validated_data,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return _answer(request, cohort_id)
