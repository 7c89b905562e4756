from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import (
    DraftLessonSerializer,
    DraftModuleSerializer,
    DraftSerializer,
    course_in_sight,
    draft_response,
    lesson_in_sight,
    lesson_response,
    module_in_sight,
    module_response,
)
from courses.authoring.models import LessonRevision, Module
from courses.authoring.refusals import ChangedMeanwhile, PreconditionRequired, SlugTaken
from courses.authoring.reuse import (
    AnotherLanguage,
    NothingNewer,
    copy_course,
    copy_lesson,
    copy_module,
    renew_lesson,
    restore_lesson,
)
from courses.authoring.versions import expected_version
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput

COPYING = (InvalidInput, KeyReused, StillUnderWay)
REPLACING = (PreconditionRequired, ChangedMeanwhile)


class LessonRevisionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    replaced_at = serializers.DateTimeField(help_text="when somebody wrote something else")
    replaced_by = serializers.CharField(help_text="her pseudonym")
    content = serializers.DictField(help_text="the lesson's facts, and `variants` by language")


class LessonRevisionPageSerializer(serializers.Serializer[Any]):
    results = LessonRevisionSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class LessonCopySerializer(serializers.Serializer[Any]):
    module = serializers.UUIDField(required=False, help_text="where to; without it, where the lesson stands")


class CourseCopySerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField(max_length=80)


def _present(revision: LessonRevision) -> dict[str, Any]:
    return {
        "version": revision.version,
        "replaced_at": revision.replaced_at,
        "replaced_by": revision.replaced_by.pseudonym,
        "content": revision.content,
    }


class LessonRevisions(Endpoint):
    ability = "course.author"

    @extend_schema(
        summary="What a lesson said before, the newest first",
        description="What one person changed within ten minutes is kept as one.",
        responses=LessonRevisionPageSerializer,
    )
    def get(self, request: Request, lesson_id: UUID) -> Response:
        pages = KeysetPages("-version")
        kept = lesson_in_sight(request, lesson_id).revisions.select_related("replaced_by")
        return Response(pages.answer([_present(revision) for revision in pages.of(kept, request)]))


class LessonRestoring(Endpoint):
    ability = "course.author"
    refusals = REPLACING

    @extend_schema(
        summary="Let a lesson say again what it said at a version",
        description="`If-Match`: the lesson's ETag. What it says now is kept, so that this can be taken back too.",
        request=None,
        responses=DraftLessonSerializer,
    )
    def post(self, request: Request, lesson_id: UUID, version: int) -> Response:
        lesson = restore_lesson(
            lesson=lesson_in_sight(request, lesson_id),
            by=request.user,
            version=version,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return lesson_response(lesson)


class LessonCopies(Endpoint):
    ability = "course.author"
    refusals = (AnotherLanguage, *COPYING)

    @extend_schema(
        summary="Copy a lesson, also into another course of yours",
        description="The copy says where it comes from, and when there is something newer.",
        request=LessonCopySerializer,
        responses={201: DraftLessonSerializer},
        examples=[
            OpenApiExample(
                "إلى وحدة أخرى",
                request_only=True,
                value={"module": "0199d3a0-7c55-7a55-8d3e-1f2a3b4c5d6e"},
            )
        ],
    )
    @once
    def post(self, request: Request, lesson_id: UUID) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        asked = LessonCopySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named = asked.validated_data.get("module", lesson.module.uuid)
        hers = Module.objects.visible_to(request.user).select_related("course")
        made = copy_lesson(
            lesson=lesson, into=get_object_or_404(hers, uuid=named), by=request.user, at=timezone.now()
        )
        return lesson_response(made, status=201)


class LessonRenewal(Endpoint):
    ability = "course.author"
    refusals = (NothingNewer, *REPLACING)

    @extend_schema(
        summary="Let a copy say what the lesson says now that it comes from",
        description="`If-Match`: the lesson's ETag. What it said is kept.",
        request=None,
        responses=DraftLessonSerializer,
    )
    def post(self, request: Request, lesson_id: UUID) -> Response:
        lesson = renew_lesson(
            lesson=lesson_in_sight(request, lesson_id),
            by=request.user,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return lesson_response(lesson)


class ModuleCopies(Endpoint):
    ability = "course.author"
    refusals = (KeyReused, StillUnderWay)

    @extend_schema(
        summary="Copy a module with its lessons to the end of its course",
        request=None,
        responses={201: DraftModuleSerializer},
    )
    @once
    def post(self, request: Request, module_id: UUID) -> Response:
        made = copy_module(module=module_in_sight(request, module_id), by=request.user, at=timezone.now())
        return module_response(made, status=201)


class CourseCopies(Endpoint):
    ability = "course.author"
    refusals = (SlugTaken, *COPYING)

    @extend_schema(
        summary="Copy the whole draft of a course under another slug",
        request=CourseCopySerializer,
        responses={201: DraftSerializer},
        examples=[OpenApiExample("نسخة", request_only=True, value={"slug": "asasiyat-2027"})],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = CourseCopySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = copy_course(
            course=course, slug=asked.validated_data["slug"], by=request.user, at=timezone.now()
        )
        return draft_response(made, status=201)
