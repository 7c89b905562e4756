from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.refusals import PublisherNeeded
from courses.catalogue.models import Course
from learners.moving.models import Move
from learners.moving.queries import preview_of
from learners.moving.services import MoveUnderWay, NobodyToMove, begin_move
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class LeftLessonSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    title = serializers.DictField(child=serializers.CharField())
    kind = serializers.CharField()


class MovePreviewSerializer(serializers.Serializer[Any]):
    to = serializers.IntegerField(help_text="the newest publication's number")
    learners = serializers.IntegerField(help_text="on an older publication")
    completed = serializers.IntegerField(help_text="of them; they stay")
    moving = serializers.IntegerField(help_text="the others")
    with_new_required = serializers.IntegerField(help_text="of those who move: with a required lesson more")
    left = LeftLessonSerializer(many=True, help_text="lessons that the newest does not have")


class MoveRequestSerializer(serializers.Serializer[Any]):
    equivalents = serializers.DictField(
        child=serializers.UUIDField(),
        default=dict,
        help_text="an older publication's lesson → the newest's lesson that stands for it",
    )

    def validate_equivalents(self, said: dict[str, UUID]) -> dict[UUID, UUID]:
        try:
            return {UUID(old): new for old, new in said.items()}
        except ValueError as error:
            raise serializers.ValidationError("not a lesson", code="invalid") from error


class MoveSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    to = serializers.IntegerField()
    total = serializers.IntegerField()
    moved = serializers.IntegerField()
    begun_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class MovePageSerializer(serializers.Serializer[Any]):
    results = MoveSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def _present(move: Move) -> dict[str, Any]:
    return {
        "id": move.uuid,
        "to": move.to.number,
        "total": move.total,
        "moved": move.moved,
        "begun_at": move.begun_at,
        "done_at": move.done_at,
    }


def _in_sight(request: Request, slug: str) -> Course:
    hers = Course.objects.visible_to(request.user).select_related("organisation", "newest")
    course: Course = get_object_or_404(hers, slug=slug)
    return course


class MovePreview(Endpoint):
    ability = "course.author"
    refusals = (NotFound,)

    @extend_schema(
        summary="Whom moving the learners to the newest publication would touch",
        responses=MovePreviewSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        found = preview_of(_in_sight(request, slug), {})
        if found is None:
            raise NotFound
        left = [{"lesson": one.lesson, "title": one.title, "kind": one.kind} for one in found.left]
        return Response(
            {
                "to": found.to,
                "learners": found.learners,
                "completed": found.completed,
                "moving": found.moving,
                "with_new_required": found.with_new,
                "left": left,
            }
        )


class Moves(Endpoint):
    ability = {"GET": "course.author", "POST": "course.publish"}
    refusals = {"POST": (PublisherNeeded, NobodyToMove, MoveUnderWay, InvalidInput, KeyReused, StillUnderWay)}

    @extend_schema(summary="The moves of a course's learners, the newest first", responses=MovePageSerializer)
    def get(self, request: Request, slug: str) -> Response:
        pages = KeysetPages("-id")
        moves = Move.objects.visible_to(request.user).filter(course__slug=slug).select_related("to")
        _in_sight(request, slug)
        return Response(pages.answer([_present(move) for move in pages.of(moves, request)]))

    @extend_schema(
        summary="Move everyone who is under way to the newest publication",
        description="Only a publisher. Nobody is un-finished: who has completed stays on her publication.",
        request=MoveRequestSerializer,
        responses={202: MoveSerializer},
        examples=[
            OpenApiExample(
                "درس مكان درس",
                request_only=True,
                value={
                    "equivalents": {
                        "0199d3a0-7c55-7a55-8d3e-1f2a3b4c5d6e": "0199d3a0-7c55-7a55-8d3e-1f2a3b4c5d6f"
                    }
                },
            )
        ],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = _in_sight(request, slug)
        asked = MoveRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        move = begin_move(
            course=course,
            by=request.user,
            equivalents=asked.validated_data["equivalents"],
            at=timezone.now(),
        )
        return Response(_present(move), status=202)
