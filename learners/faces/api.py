from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from courses.publishing.models import Publication
from courses.publishing.rules import LessonRule, lesson_rules
from learners.enrolments.models import Enrolment
from learners.faces.models import SHOWN_BY, Face
from learners.faces.queries import NOTHING, Shown, shown_of, voice_in_course, voices_of
from learners.faces.services import ModuleNotFinished, VoiceIsOff, give_face
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.files.storage import StorageUnavailable
from lms.voice.api import PlayableSerializer, present_voice, sound_response
from lms.voice.models import VoiceNote
from lms.voice.services import VoiceUnknown, playable


class FaceSerializer(serializers.Serializer[Any]):
    face = serializers.ChoiceField(choices=Face.choices)
    voice = serializers.UUIDField(required=False, help_text="of a voice note that was sent before")


class ModuleFacesSerializer(serializers.Serializer[Any]):
    module = serializers.IntegerField(help_text="counted from 1")
    title = serializers.CharField()
    answers = serializers.IntegerField(help_text=f"0, or a multiple of {SHOWN_BY}")
    good = serializers.IntegerField()
    so_so = serializers.IntegerField()
    hard = serializers.IntegerField()
    voices = PlayableSerializer(many=True, help_text="what some said, in no order")


class CourseFacesSerializer(serializers.Serializer[Any]):
    publication = serializers.IntegerField()
    modules = ModuleFacesSerializer(many=True)


class ModuleFace(Endpoint):
    ability = "lesson.complete"
    refusals = (ModuleNotFinished, VoiceIsOff, VoiceUnknown, InvalidInput, NotFound)

    @extend_schema(
        summary="How a module was for her: good, so-so or hard; counted, and never kept beside her name",
        description="The first answer counts. Sent again, also with another face, it changes nothing.",
        request=FaceSerializer,
        responses={204: None},
        examples=[OpenApiExample("وجه", request_only=True, value={"face": "good"})],
    )
    def put(self, request: Request, enrolment_id: UUID, number: int) -> Response:
        asked = FaceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        enrolment = get_object_or_404(Enrolment.objects.visible_to(request.user).current(), uuid=enrolment_id)
        said = asked.validated_data
        give_face(
            enrolment=enrolment,
            module=number,
            face=Face(said["face"]),
            voice=said.get("voice"),
            at=timezone.now(),
        )
        return Response(status=204)


class CourseFaces(Endpoint):
    ability = "course.author"
    refusals = (InvalidInput, NotFound)

    @extend_schema(
        summary="How the modules of a course were for its learners",
        description=f"For those who write the course. Nothing before {SHOWN_BY} answers, and then in steps of "
        f"{SHOWN_BY}: no count moves by one woman's answer.",
        parameters=[OpenApiParameter("publication", int, description="its number; default the newest")],
        responses=CourseFacesSerializer,
        examples=[
            OpenApiExample(
                "وجوه",
                response_only=True,
                value={
                    "publication": 1,
                    "modules": [
                        {
                            "module": 1,
                            "title": "من الفكرة إلى المشروع",
                            "answers": 10,
                            "good": 7,
                            "so_so": 2,
                            "hard": 1,
                            "voices": [],
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        publications = Publication.objects.filter(course=course).order_by("-number")
        if asked := request.query_params.get("publication", ""):
            publications = publications.filter(number=_number(asked))
        publication = publications.first()
        if publication is None:
            raise NotFound
        shown = shown_of(publication)
        # Nothing is heard before the counts are shown.
        voices = voices_of(publication, [number for number, counts in shown.items() if counts.answers])
        modules = [
            _present(number, rule, publication, shown.get(number, NOTHING))
            | {"voices": _present_voices(course, voices.get(number, ()))}
            for number, rule in enumerate(_modules(publication), 1)
        ]
        return Response({"publication": publication.number, "modules": modules})


class CourseVoice(Endpoint):
    ability = "course.author"
    refusals = (NotFound, StorageUnavailable)

    @extend_schema(
        summary="What one learner said at a module's end; nothing says who",
        responses={(200, "audio/mp4"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, voice_id: UUID) -> HttpResponse:
        return sound_response(playable(voice_in_course(course_in_sight(request, slug), voice_id)))


def _present_voices(course: Course, voices: Sequence[VoiceNote]) -> list[dict[str, Any]]:
    return [
        present_voice(note) | {"url": reverse("api-course-voice", args=[course.slug, note.uuid])}
        for note in voices
    ]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput.at("/publication", "invalid", InvalidInput.message)
    return int(text)


def _modules(publication: Publication) -> list[LessonRule]:
    """One lesson of each module, in order: it carries its module's title."""
    return list({rule.module_position: rule for rule in lesson_rules(publication.pk).values()}.values())


def _present(number: int, rule: LessonRule, publication: Publication, shown: Shown) -> dict[str, Any]:
    return {
        "module": number,
        "title": in_language(rule.module_title, publication.languages, get_language()),
        "answers": shown.answers,
        "good": shown.good,
        "so_so": shown.so_so,
        "hard": shown.hard,
    }
