from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.cohorts.models import Cohort
from learners.gradebook.files import CSV, XLSX, as_csv, as_xlsx, lines_of
from learners.gradebook.queries import Column, Grade, Row, cohorts_graded_by, columns_of, graded, members_of
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request


class GradeColumnSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment]  # also the name of a Field's attribute


class LessonGradeSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    state = serializers.CharField(help_text="`opened`, `finished`, or empty")
    percent = serializers.IntegerField()
    score = serializers.IntegerField(allow_null=True)


class GradeRowSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField()
    pseudonym = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    percent = serializers.IntegerField()
    completed_at = serializers.DateTimeField(allow_null=True)
    grades = LessonGradeSerializer(many=True)


class GradebookSerializer(serializers.Serializer[Any]):
    columns = GradeColumnSerializer(many=True, help_text="the lessons of the course's newest publication")
    results = GradeRowSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def _in_sight(request: Request, cohort_id: UUID) -> Cohort:
    cohort: Cohort = get_object_or_404(cohorts_graded_by(request.user), uuid=cohort_id)
    return cohort


def _present(row: Row, columns: list[Column]) -> dict[str, Any]:
    her = row.enrolment
    return {
        "enrolment": her.uuid,
        "pseudonym": her.learner.pseudonym,
        "name": row.name,
        "state": her.state,
        "percent": her.percent,
        "completed_at": her.completed_at,
        "grades": [_present_grade(column, grade) for column, grade in zip(columns, row.grades, strict=True)],
    }


def _present_grade(column: Column, grade: Grade) -> dict[str, Any]:
    return {
        "lesson": column.lesson,
        "state": grade.state,
        "percent": grade.percent,
        "score": grade.score,
    }


class Gradebook(Endpoint):
    ability = "gradebook.read"

    @extend_schema(
        summary="What each woman of a group has done, lesson by lesson",
        description="For staff of the group's own centre; that they saw the names is written down.",
        responses=GradebookSerializer,
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        cohort = _in_sight(request, cohort_id)
        columns, pages = columns_of(cohort), KeysetPages("id")
        members = pages.of(members_of(cohort), request)
        rows = graded(members, columns, staff=request.user, named=True, at=timezone.now())
        listed = [
            {
                "lesson": column.lesson,
                "kind": column.kind,
                "title": column.title,
                "required": column.required,
            }
            for column in columns
        ]
        return Response({"columns": listed, **pages.answer([_present(row, columns) for row in rows])})


class GradebookFile(Endpoint):
    ability = "gradebook.read"

    @extend_schema(
        summary="The same as a spreadsheet; of a confidential centre without names",
        parameters=[
            OpenApiParameter("kind", str, enum=["csv", "xlsx"], description="default csv"),
            OpenApiParameter("delimiter", str, enum=[",", ";"], description="of a CSV; default `,`"),
        ],
        responses={200: OpenApiResponse(description="the file")},
    )
    def get(self, request: Request, cohort_id: UUID) -> HttpResponse:
        return file_answer(
            _in_sight(request, cohort_id),
            staff=request.user,
            kind=request.query_params.get("kind", ""),
            delimiter=request.query_params.get("delimiter", ""),
        )


def file_answer(cohort: Cohort, *, staff: Any, kind: str, delimiter: str = "") -> HttpResponse:
    """The file, named neutrally."""
    lines = lines_of(cohort, staff=staff, at=timezone.now())
    if kind == "xlsx":
        content, content_type, ending = as_xlsx(lines), XLSX, "xlsx"
    else:
        content, content_type, ending = as_csv(lines, delimiter=";" if delimiter == ";" else ","), CSV, "csv"
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="table.{ending}"'
    answer["Cache-Control"] = "no-store"
    return answer
