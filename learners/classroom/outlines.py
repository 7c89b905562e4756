"""What is taught, as a learner reads it: outlines sent as they were stored, lessons, films and sheets."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.languages import HEARD
from courses.authoring.models import LessonKind, NextStepKind, Opening
from courses.publishing.outlines import present_lesson
from courses.publishing.queries import Encoding, StoredOutline, published_lesson, stored_outline
from courses.publishing.snapshots import SnapshotLesson
from learners.classroom.reading import Reading, outline_read_by, reading_of_number
from lms.api.compression import accepted_encoding
from lms.api.views import Endpoint, Request
from lms.errors import NotFound
from lms.files.models import RenditionKind
from lms.files.queries import rendered
from lms.files.storage import DOCUMENT_SECONDS, MEDIA_SECONDS, signed_link

FOR_EVER = "max-age=31536000, immutable"
LANGUAGE = OpenApiParameter("language", str, description="BCP 47; what is missing in it falls back")
RENDITION = OpenApiParameter("rendition", str, enum=RenditionKind.values, description="default the original")


class FileSerializer(serializers.Serializer[Any]):
    language = serializers.CharField(help_text="the language heard or read in it")
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    content_type = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)


class OutlineLessonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="the same in every publication and language")
    kind = serializers.ChoiceField(choices=LessonKind.choices)
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    bytes = serializers.IntegerField(help_text="its words and its first file")
    required = serializers.BooleanField()  # type: ignore[assignment]  # also the name of a Field's attribute
    pass_percent = serializers.IntegerField(allow_null=True, help_text="of a quiz: the score that passes")
    files = FileSerializer(many=True)


class OutlineModuleSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    opens = serializers.ChoiceField(
        choices=Opening.choices,
        required=False,
        help_text="whether it is open to her says her progress; missing where it was published before there were rules",
    )
    opens_after_days = serializers.IntegerField(
        required=False, help_text="of `on_cohort_date`: days after her cohort begins"
    )
    lessons = OutlineLessonSerializer(many=True)


class OutlineNextStepSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=NextStepKind.choices)
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    link = serializers.CharField(allow_blank=True, help_text="an https address to show, or nothing")


class PublicationNameSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    content_hash = serializers.CharField()


class CourseTitleSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()


class OutlineSerializer(serializers.Serializer[Any]):
    publication = PublicationNameSerializer()
    course = CourseTitleSerializer()
    language = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    hours = serializers.IntegerField(allow_null=True)
    modules = OutlineModuleSerializer(many=True)
    next_steps = OutlineNextStepSerializer(
        many=True,
        required=False,
        help_text="what she may do after the course; missing where nothing was written",
    )


class PublishedLessonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=LessonKind.choices)
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # also the name of a Field's attribute
    language = serializers.CharField(help_text="of the words; may be another than was asked for")
    html = serializers.CharField(allow_blank=True, help_text="clean: no scripts, styles or pictures")
    captions = serializers.CharField(allow_blank=True, help_text="WebVTT")
    files = FileSerializer(many=True)


OUTLINE_EXAMPLE = OpenApiExample(
    "برنامج الدورة",
    response_only=True,
    value={
        "publication": {"number": 1, "content_hash": "6a5a8b4668c4a60d"},
        "course": {"slug": "asasiyat-riyadat-al-aamal", "title": "أساسيات ريادة الأعمال"},
        "language": "ar",
        "languages": ["ar", "fr"],
        "hours": 12,
        "modules": [
            {
                "title": "من الفكرة إلى المشروع",
                "opens": "at_once",
                "opens_after_days": 0,
                "lessons": [
                    {
                        "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
                        "kind": "text",
                        "title": "اختاري فكرتك",
                        "minutes": 10,
                        "bytes": 5120,
                        "required": True,
                        "pass_percent": None,
                        "files": [],
                    }
                ],
            }
        ],
    },
)


class Outline(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="The outline of the publication she is pinned to, else of the newest",
        description="Bytes as they were stored: ask again with `If-None-Match`. `Content-Location` names the address "
        "of the same bytes that never changes.",
        parameters=[LANGUAGE],
        responses=OutlineSerializer,
        examples=[OUTLINE_EXAMPLE],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        outline, reading = outline_read_by(
            request.user, slug, language_wanted(request), _encoding_for(request)
        )
        response = _send(outline, _cache_control(reading, "no-cache"))
        patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie", "Accept-Encoding"))
        response["Content-Location"] = (
            f"/api/v1/courses/{outline.slug}/publications/{outline.number}/outline/{outline.language}"
        )
        return response


class PublishedOutlineDetail(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="The outline of one publication in one language: never changes",
        responses=OutlineSerializer,
        examples=[OUTLINE_EXAMPLE],
    )
    def get(self, request: Request, slug: str, number: int, language: str) -> HttpResponse:
        reading = reading_of_number(request.user, slug, number)
        outline = stored_outline(reading.publication_id, language, _encoding_for(request))
        if outline is None:
            raise NotFound
        response = _send(outline, _cache_control(reading, FOR_EVER))
        patch_vary_headers(response, ("Authorization", "Cookie", "Accept-Encoding"))
        return response


def language_wanted(request: Request) -> str:
    return request.query_params.get("language", "") or get_language() or "ar"


def _encoding_for(request: Request) -> Encoding:
    return cast("Encoding", accepted_encoding(request._request) or "identity")


def _send(outline: StoredOutline, cache_control: str) -> HttpResponse:
    response = HttpResponse(outline.content, content_type="application/json")
    response["ETag"] = outline.etag
    response["Content-Language"] = outline.language
    response["Cache-Control"] = cache_control
    for suffix, encoding in (("-gzip", "gzip"), ("-br", "br")):
        if outline.etag.endswith(f'{suffix}"'):
            response["Content-Encoding"] = encoding
    return response


def _cache_control(reading: Reading, rule: str) -> str:
    """What only the enrolled may read stays out of shared caches."""
    return rule if reading.open else f"private, {rule}"


def lasting(request: Request, reading: Reading) -> str:
    """What a publication says in a language never changes; what it says in nobody's named language may."""
    return _cache_control(reading, FOR_EVER if "language" in request.query_params else "no-cache")


def _lesson(
    request: Request, slug: str, number: int, lesson_id: UUID
) -> tuple[Reading, SnapshotLesson, list[str]]:
    reading = reading_of_number(request.user, slug, number)
    found = published_lesson(reading.publication_id, lesson_id)
    if found is None:
        raise NotFound
    lesson, languages = found
    return reading, lesson, list(languages)


class PublishedLessonDetail(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="What a lesson of a publication says: with `language` named it never changes",
        description="A quiz's questions come with an attempt, never from here.",
        parameters=[LANGUAGE],
        responses=PublishedLessonSerializer,
    )
    def get(self, request: Request, slug: str, number: int, lesson_id: UUID) -> Response:
        reading, lesson, languages = _lesson(request, slug, number, lesson_id)
        response = Response(present_lesson(lesson, languages, language_wanted(request)))
        response["Cache-Control"] = lasting(request, reading)
        patch_vary_headers(response, ("Authorization", "Cookie"))
        return response


class PublishedLessonFile(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="A lesson's film, sound or sheet: a redirect to a signed link",
        description="Films and sound for two hours, documents for five minutes. With `rendition` the same in fewer "
        "bytes, where the manifest names it.",
        parameters=[LANGUAGE, RENDITION],
        responses={302: OpenApiResponse(description="the signed link")},
    )
    def get(self, request: Request, slug: str, number: int, lesson_id: UUID) -> HttpResponseRedirect:
        _reading, lesson, languages = _lesson(request, slug, number, lesson_id)
        file = lesson.file_in(language_wanted(request), languages)[1].file
        served = file and rendered(file, request.query_params.get("rendition", ""))
        if served is None:
            raise NotFound
        response = HttpResponseRedirect(
            signed_link(
                served.key,
                seconds=MEDIA_SECONDS if lesson.kind in HEARD else DOCUMENT_SECONDS,
                content_type=served.content_type,
                filename=lesson.kind,
            )
        )
        response["Cache-Control"] = "no-store"
        return response


class PublishedLessonCaptions(Endpoint):
    ability = "catalogue.read"

    @extend_schema(
        summary="A film's captions in WebVTT, for a page's <track>",
        parameters=[LANGUAGE],
        responses={(200, "text/vtt"): str},
    )
    def get(self, request: Request, slug: str, number: int, lesson_id: UUID) -> HttpResponse:
        reading, lesson, languages = _lesson(request, slug, number, lesson_id)
        captions = lesson.file_in(language_wanted(request), languages)[1].captions
        if not captions:
            raise NotFound
        response = HttpResponse(captions, content_type="text/vtt; charset=utf-8")
        response["Cache-Control"] = lasting(request, reading)
        patch_vary_headers(response, ("Authorization", "Cookie"))
        return response
