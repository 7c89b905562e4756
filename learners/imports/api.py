from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from learners.imports import lists
from learners.imports.columns import FIELDS, ColumnsMissing, ColumnUnknown, chosen
from learners.imports.lists import unseal_sample
from learners.imports.models import Import, ImportState
from learners.imports.presenting import present_import, present_with_preview
from learners.imports.queries import cohorts_of, imports_of, places_of
from learners.imports.refused import refused_file
from learners.imports.services import ImportUnderWay, NewList, RowsForgotten, send_list, start_import
from lms.accounts.presenting import OrganisationNameSerializer
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.parsers import JSONParser
from lms.api.problems import TooLarge
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.files.receiving import is_too_large
from lms.files.storage import StorageUnavailable


class ColumnsField(serializers.JSONField):
    """`{"first_name": "الاسم الشخصي", …}`; in a form, as a text."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        value = super().to_internal_value(data)
        if not isinstance(value, dict) or not all(map(is_title, [*value, *value.values()])):
            self.fail("invalid")
        return value


def is_title(text: object) -> bool:
    return isinstance(text, str) and len(text) <= lists.TITLE_LETTERS


class ListSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=200, help_text="CSV or XLSX, at most 50 MiB and 100,000 rows")
    kind = serializers.ChoiceField(choices=["learners"], default="learners")
    organisation = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        default="",
        help_text="a code; default the cohort's centre",
    )
    cohort = serializers.UUIDField(required=False, allow_null=True, default=None)
    consent = serializers.BooleanField(
        default=False,
        help_text="true: she assures that each woman agreed to be kept; its version is recorded",
    )
    dry_run = serializers.BooleanField(
        default=False, help_text="true: only say what would become of each row"
    )
    hold = serializers.BooleanField(default=False, help_text="true: only read it; begin with /start")
    columns = ColumnsField(
        required=False,
        allow_null=True,
        default=None,
        help_text=f"field → title of its column; guessed by default. Fields: {', '.join(FIELDS)}",
    )


class StartSerializer(serializers.Serializer[Any]):
    columns = ColumnsField(required=False, allow_null=True, default=None, help_text="default: as they are")
    dry_run = serializers.BooleanField(default=False)


class CohortNameSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    course = serializers.SlugField()


class ImportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["learners"])
    state = serializers.ChoiceField(choices=ImportState.choices)
    code = serializers.CharField(allow_null=True, help_text="why it was stopped")
    detail = serializers.CharField(allow_null=True)
    dry_run = serializers.BooleanField()
    organisation = OrganisationNameSerializer()
    cohort = CohortNameSerializer(allow_null=True)
    name = serializers.CharField(help_text="of the file")
    columns = serializers.DictField(child=serializers.CharField(), help_text="field → title of its column")
    rows = serializers.IntegerField(min_value=0)
    processed = serializers.IntegerField(min_value=0, help_text="rows worked off so far")
    accepted = serializers.IntegerField(min_value=0, help_text="created and known")
    created = serializers.IntegerField(min_value=0)
    known = serializers.IntegerField(min_value=0, help_text="with us already: nothing of hers was changed")
    enrolled = serializers.IntegerField(min_value=0, help_text="who took a seat in the cohort")
    refused = serializers.IntegerField(min_value=0)
    shared_numbers = serializers.IntegerField(
        min_value=0, help_text="accepted, but her number is already someone's: she cannot sign in by it alone"
    )
    errors = serializers.CharField(  # type: ignore[assignment]  # the contract's word
        allow_null=True, help_text="where the refused rows are"
    )
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    header = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class ImportWithPreviewSerializer(ImportSerializer):
    preview = PreviewSerializer(help_text="the titles and first rows; empty once the list was forgotten")


class ImportPageSerializer(serializers.Serializer[Any]):
    results = ImportSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


VALUE = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a30",
    "kind": "learners",
    "state": "done",
    "code": None,
    "detail": None,
    "dry_run": False,
    "organisation": {"code": "c-larache-01", "name": "مركز التربية والتكوين العرائش"},
    "cohort": {
        "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a31",
        "title": "فوج نونبر",
        "course": "asasiyat-riyadat-al-aamal",
    },
    "name": "المتدربات.xlsx",
    "columns": {"first_name": "الاسم الشخصي", "family_name": "الاسم العائلي", "phone": "الهاتف"},
    "rows": 50,
    "processed": 50,
    "accepted": 48,
    "created": 47,
    "known": 1,
    "enrolled": 48,
    "refused": 2,
    "shared_numbers": 1,
    "errors": "/api/v1/imports/01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a30/errors",
    "created_at": "2026-11-23T10:00:00Z",
    "finished_at": "2026-11-23T10:00:01Z",
}
PREVIEW = {
    "header": ["الاسم الشخصي", "الاسم العائلي", "الهاتف"],
    "rows": [["فاطمة", "العمراني", "0612345678"]],
}
EXAMPLE = OpenApiExample("استيراد", response_only=True, value=VALUE)
EXAMPLE_WITH_PREVIEW = OpenApiExample("استيراد", response_only=True, value={**VALUE, "preview": PREVIEW})
EXAMPLE_PAGE = OpenApiExample(
    "عمليات الاستيراد", response_only=True, value={"results": [VALUE], "next": None, "previous": None}
)
EXAMPLE_START = OpenApiExample(
    "بدء الاستيراد", request_only=True, value={"columns": VALUE["columns"], "dry_run": False}
)


def list_in(request: Request) -> NewList:
    """What is sent, with its place: hers, or it does not exist."""
    asked = ListSerializer(data=request.data)
    if is_too_large(request._request):
        raise TooLarge
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    code, cohort_id = given.pop("organisation"), given.pop("cohort")
    cohort = get_object_or_404(cohorts_of(request.user), uuid=cohort_id) if cohort_id else None
    if not code and not cohort:
        raise InvalidInput.at("/organisation", "required", _("Say for which centre this list is."))
    place = get_object_or_404(places_of(request.user), code=code) if code else None
    file, _kind = given.pop("file"), given.pop("kind")
    organisation = place or cohort.organisation  # type: ignore[union-attr]  # one of the two is there
    return NewList(name=file.name, file=file, organisation=organisation, cohort=cohort, **given)


class Imports(Endpoint):
    ability = "learner.import"
    parser_classes = [MultiPartParser, JSONParser]
    refusals = {
        "GET": (NotFound,),
        "POST": (
            *lists.REFUSALS,
            ColumnsMissing,
            ColumnUnknown,
            NotFound,
            StorageUnavailable,
            InvalidInput,
            KeyReused,
            StillUnderWay,
        ),
    }

    @extend_schema(
        summary="The lists that she sent, the newest first",
        responses=ImportPageSerializer,
        examples=[EXAMPLE_PAGE],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        return Response(
            pages.answer([present_import(job) for job in pages.of(imports_of(request.user), request)])
        )

    @extend_schema(
        summary="Send a list of learners; the same list twice at once is one import",
        description="UTF-8 with or without its mark, UTF-16 or Windows-1256; `,` `;` or tab; the first row holds the "
        "titles. A woman who is known by number and name (without a number: by centre, name and year of birth) stays "
        "as she is, so the same list again changes nothing. A confidential centre is filled by its own staff alone.",
        request={"multipart/form-data": ListSerializer},
        responses={202: ImportWithPreviewSerializer},
        examples=[EXAMPLE_WITH_PREVIEW],
    )
    @once
    def post(self, request: Request) -> Response:
        job = send_list(sent=list_in(request), by=request.user, at=timezone.now())
        return Response(present_with_preview(job), status=202)


def own(request: Request, import_id: UUID) -> Import:
    return get_object_or_404(imports_of(request.user), uuid=import_id)


class ImportDetail(Endpoint):
    ability = "learner.import"

    @extend_schema(
        summary="How far a list is, and what became of its rows",
        responses=ImportWithPreviewSerializer,
        examples=[EXAMPLE_WITH_PREVIEW],
    )
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(present_with_preview(own(request, import_id)))


class ImportStart(Endpoint):
    ability = "learner.import"
    refusals = (
        ImportUnderWay,
        RowsForgotten,
        ColumnsMissing,
        ColumnUnknown,
        InvalidInput,
        KeyReused,
        StillUnderWay,
    )

    @extend_schema(
        summary="Work off a list that was held, or one that was only tried out",
        request=StartSerializer,
        responses={202: ImportWithPreviewSerializer},
        examples=[EXAMPLE_START, EXAMPLE_WITH_PREVIEW],
    )
    @once
    def post(self, request: Request, import_id: UUID) -> Response:
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job, given = own(request, import_id), asked.validated_data
        header = unseal_sample(job.sample, job.uuid)["header"]
        columns = chosen(header, given["columns"]) if given["columns"] is not None else None
        job = start_import(job=job, columns=columns, dry_run=given["dry_run"], at=timezone.now())
        return Response(present_with_preview(job), status=202)


class ImportErrors(Endpoint):
    ability = "learner.import"
    refusals = (RowsForgotten, StorageUnavailable)

    @extend_schema(
        summary="The refused rows as CSV: the row's number, why, and its cells, to correct and send again",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        examples=[
            OpenApiExample(
                "أسطر مرفوضة",
                response_only=True,
                media_type="text/csv",
                value="السطر,السبب,الاسم الشخصي,الهاتف\r\n7,رقم الهاتف المحمول: …,فاطمة,0512\r\n",
            )
        ],
    )
    def get(self, request: Request, import_id: UUID) -> HttpResponse:
        return as_download(refused_file(own(request, import_id)))


def as_download(text: str) -> HttpResponse:
    """A CSV file, named neutrally."""
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="rows.csv"'},
    )
