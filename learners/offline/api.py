"""Keeping a course on a phone: its manifest, and its quizzes without their answers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.publishing.queries import asked_quiz
from learners.attempts.api import QuestionSerializer
from learners.classroom.outlines import LANGUAGE, language_wanted, lasting
from learners.classroom.reading import other_publication, reading_of_number
from learners.offline.manifests import KEPT, Manifest, manifest_of, manifest_since
from learners.offline.published import (
    CAPTIONS,
    DOCUMENT,
    ORIGINAL,
    QUIZ,
    TEXT,
    Entry,
    language_kept,
    present_quiz,
)
from lms.api.compression import send_compressed
from lms.api.renderers import JSONRenderer
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound

RENDITIONS = [TEXT, DOCUMENT, ORIGINAL, *KEPT, CAPTIONS, QUIZ]
NUMBER_AT_MOST = 2**31 - 1
SINCE = OpenApiParameter(
    "since", int, description="a publication that is kept already: only what it lacks, and what is `gone`"
)


class ManifestFileSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="a path of ours; a film, sound or sheet leads on to a signed link")
    bytes = serializers.IntegerField(help_text="of what the address delivers, before compression on the way")
    sha256 = serializers.CharField(help_text="of the same bytes")
    media_type = serializers.CharField()
    lesson = serializers.UUIDField(allow_null=True)
    module = serializers.IntegerField(allow_null=True, help_text="counted from 1")
    rendition = serializers.ChoiceField(choices=RENDITIONS)


class TotalsSerializer(serializers.Serializer[Any]):
    text = serializers.IntegerField(help_text="everything but films and sounds")
    audio = serializers.IntegerField(help_text="and the sound of each, else its original")
    video = serializers.IntegerField(help_text="and each film at 240p, each sound, else its original")


class ManifestSerializer(serializers.Serializer[Any]):
    course = serializers.SlugField()
    publication = serializers.IntegerField()
    language = serializers.CharField(
        help_text="of the course, or a voice; what was asked for where it is one"
    )
    files = ManifestFileSerializer(many=True)
    totals = TotalsSerializer(help_text="bytes of the files listed, by what one keeps")
    gone = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="with `since`: SHA-256 no longer needed"
    )


class OfflineQuizSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="the lesson's")
    language = serializers.CharField()
    pass_percent = serializers.IntegerField()
    questions = QuestionSerializer(many=True)


EXAMPLE = OpenApiExample(
    "ما يُحفظ في الهاتف",
    response_only=True,
    value={
        "course": "asasiyat-riyadat-al-aamal",
        "publication": 1,
        "language": "ar",
        "files": [
            {
                "url": "/api/v1/courses/asasiyat-riyadat-al-aamal/publications/1/lessons/"
                "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11/file?language=ar&rendition=audio",
                "bytes": 412_331,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "media_type": "audio/mp4",
                "lesson": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
                "module": 1,
                "rendition": "audio",
            }
        ],
        "totals": {"text": 96_412, "audio": 508_743, "video": 3_120_554},
    },
)


class CourseManifest(Endpoint):
    ability = "catalogue.read"
    refusals = (InvalidInput, NotFound)

    @extend_schema(
        summary="Every file of a publication with its bytes and SHA-256, to be kept on a phone",
        description="What it lists stays as it is while it is fetched; renditions may be added later, and then the "
        "ETag is another. `language` may be a voice. See docs/sync.md.",
        parameters=[LANGUAGE, SINCE],
        responses=ManifestSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        reading = reading_of_number(request.user, slug, number)
        language = language_kept(reading.languages, language_wanted(request))
        if "since" in request.query_params:
            older = _kept_already(slug, request.query_params["since"])
            manifest = manifest_since(reading.publication_id, older, language)
        else:
            manifest = manifest_of(reading.publication_id, language)
        response = send_compressed(request._request, JSONRenderer().render(present_manifest(manifest)))
        response["Cache-Control"] = "no-cache" if reading.open else "private, no-cache"
        response["Content-Language"] = language
        patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie", "Accept-Encoding"))
        return response


def _kept_already(slug: str, number: str) -> int:
    """The publication named as kept; a manifest of it says nothing that its hashes do not."""
    known = number.isascii() and number.isdigit() and int(number) <= NUMBER_AT_MOST
    found = other_publication(slug, int(number)) if known else None
    if found is None:
        raise InvalidInput.at("/since", "publication_unknown", _("There is no such edition of this course."))
    return found


def present_manifest(manifest: Manifest) -> dict[str, Any]:
    said = {
        "course": manifest.slug,
        "publication": manifest.number,
        "language": manifest.language,
        "files": [_present_entry(entry) for entry in manifest.files],
        "totals": manifest.totals,
    }
    return said if manifest.gone is None else said | {"gone": manifest.gone}


def _present_entry(entry: Entry) -> dict[str, Any]:
    return {field: getattr(entry, field) for field in Entry.__slots__}


class OfflineQuiz(Endpoint):
    ability = "catalogue.read"
    refusals = (NotFound,)

    @extend_schema(
        summary="A quiz's questions, to be answered without a network and handed in later",
        description="Never what is right. With `language` named it never changes. Each go brings a UUID of its own: "
        "`POST /enrolments/{id}/lessons/{lesson}/attempts` with it and with `publication`, then "
        "`POST /attempts/{id}/submit` with the answers.",
        parameters=[LANGUAGE],
        responses=OfflineQuizSerializer,
    )
    def get(self, request: Request, slug: str, number: int, lesson_id: UUID) -> Response:
        reading = reading_of_number(request.user, slug, number)
        quiz = asked_quiz(reading.publication_id, lesson_id)
        if quiz is None:
            raise NotFound
        language = language_kept(reading.languages, language_wanted(request))
        response = Response(present_quiz(quiz, language))
        response["Cache-Control"] = lasting(request, reading)
        patch_vary_headers(response, ("Authorization", "Cookie"))
        return response
