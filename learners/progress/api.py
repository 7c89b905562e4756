from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.texts import in_language
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.progress.batch import RELEASE_AT_MOST, WAITING_AT_MOST, Item, TooManyEvents, read_batch
from learners.progress.models import LessonProgress, LessonState, Verb
from learners.progress.openings import Gate
from learners.progress.queries import Rule, completion_rules, opened, progress_of
from learners.progress.services import record_events
from lms.api.problems import TooLarge
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class ProgressEventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="made on the device; the same id is counted once")
    enrolment = serializers.UUIDField()
    lesson = serializers.UUIDField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    occurred_at = serializers.DateTimeField(help_text="by the device's clock, RFC 3339")
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=86_400)
    position = serializers.IntegerField(
        required=False, min_value=0, help_text="second of a film, or place in a text"
    )
    percent = serializers.IntegerField(required=False, min_value=0, max_value=100)
    score = serializers.IntegerField(required=False, min_value=0, max_value=100)


class BatchSerializer(serializers.Serializer[Any]):
    device = serializers.CharField(min_length=1, max_length=64)
    events = ProgressEventSerializer(
        many=True, help_text="1–500 events, in any order; none where `waiting` is said"
    )
    waiting = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=WAITING_AT_MOST,
        help_text="what it still owes after this batch",
    )
    release = serializers.CharField(required=False, max_length=RELEASE_AT_MOST, help_text="of the app")


class ResultSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=["accepted", "duplicate", "refused"])
    code = serializers.CharField(required=False)


class StateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=EnrolmentState.choices)
    percent = serializers.IntegerField()
    completed_at = serializers.DateTimeField(allow_null=True)


class OutcomeSerializer(serializers.Serializer[Any]):
    results = ResultSerializer(many=True)
    enrolments = StateSerializer(many=True)


class LessonProgressSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    state = serializers.ChoiceField(choices=LessonState.choices)
    percent = serializers.IntegerField()
    score = serializers.IntegerField(allow_null=True)
    seconds = serializers.IntegerField()
    position = serializers.IntegerField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    attested = serializers.BooleanField(help_text="whether some of it was recorded at her centre")


class ModuleGateSerializer(serializers.Serializer[Any]):
    open = serializers.BooleanField()
    opens_on = serializers.DateField(allow_null=True, help_text="the day it opens, in Morocco")
    opens_after = serializers.IntegerField(
        allow_null=True, help_text="the module whose required lessons she finishes first, counted from 1"
    )


class ProgressSerializer(StateSerializer):
    modules = ModuleGateSerializer(many=True, help_text="in the order of the outline")
    lessons = LessonProgressSerializer(many=True)


class RuleSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    module = serializers.CharField()
    met = serializers.BooleanField()
    met_at = serializers.DateTimeField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)


class EligibilitySerializer(serializers.Serializer[Any]):
    complete = serializers.BooleanField()
    completed_at = serializers.DateTimeField(allow_null=True)
    met = serializers.IntegerField()
    needed = serializers.IntegerField()
    rules = RuleSerializer(many=True)


def present_state(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "id": enrolment.uuid,
        "state": enrolment.state,
        "percent": enrolment.percent,
        "completed_at": enrolment.completed_at,
    }


def present_progress(
    enrolment: Enrolment, done: Mapping[UUID, LessonProgress], modules: Sequence[Gate]
) -> dict[str, Any]:
    return {
        **present_state(enrolment),
        "modules": [{"open": gate.open, "opens_on": gate.on, "opens_after": gate.after} for gate in modules],
        "lessons": [_present_lesson(row) for row in done.values()],
    }


def _present_lesson(row: LessonProgress) -> dict[str, Any]:
    return {
        "lesson": row.lesson,
        "state": row.state,
        "percent": row.percent,
        "score": row.score,
        "seconds": row.seconds,
        "position": row.position,
        "finished_at": row.finished_at,
        "attested": row.attested,
    }


def _present_result(item: Item) -> dict[str, Any]:
    result = {"id": item.id, "status": item.status}
    return result | {"code": item.code} if item.code else result


class ProgressEvents(Endpoint):
    ability = "lesson.complete"
    refusals = (TooManyEvents, InvalidInput, TooLarge)

    @extend_schema(
        summary="Send what she did, also what she did offline",
        description="Events may come late, twice and in any order. One result per event, in the order sent.",
        request=BatchSerializer,
        responses=OutcomeSerializer,
        examples=[
            OpenApiExample(
                "هاتف فاطمة",
                request_only=True,
                value={
                    "device": "هاتف فاطمة",
                    "events": [
                        {
                            "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01",
                            "enrolment": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
                            "lesson": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
                            "verb": "finished",
                            "occurred_at": "2026-11-22T10:15:00Z",
                            "seconds": 240,
                        }
                    ],
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        device, items = read_batch(request.data)
        outcome = record_events(person=request.user, device=device, items=items, received_at=timezone.now())
        return Response(
            {
                "results": [_present_result(item) for item in outcome.items],
                "enrolments": [present_state(enrolment) for enrolment in outcome.enrolments],
            }
        )


class EnrolmentProgress(Endpoint):
    ability = "enrolment.read"

    @extend_schema(
        summary="Her progress, lesson by lesson, and which modules are open to her",
        description="A closed module paces her; what she did in it all the same is recorded like anything else.",
        responses=ProgressSerializer,
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        rows = Enrolment.objects.visible_to(request.user).select_related("cohort")
        enrolment = get_object_or_404(rows, uuid=enrolment_id)
        done = progress_of(enrolment)
        return Response(present_progress(enrolment, done, opened(enrolment, done, at=timezone.now())))


class EnrolmentEligibility(Endpoint):
    ability = "enrolment.read"

    @extend_schema(
        summary="Why complete, or why not yet: every rule, met or not, and by what",
        responses=EligibilitySerializer,
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        rows = Enrolment.objects.visible_to(request.user).select_related("course")
        enrolment = get_object_or_404(rows, uuid=enrolment_id)
        rules = completion_rules(enrolment)
        return Response(
            {
                "complete": enrolment.completed_at is not None,
                "completed_at": enrolment.completed_at,
                "met": sum(rule.met for rule in rules),
                "needed": len(rules),
                "rules": [_present_rule(rule, enrolment.course.languages) for rule in rules],
            }
        )


def _present_rule(rule: Rule, languages: list[str]) -> dict[str, Any]:
    return {
        "lesson": rule.lesson,
        "kind": rule.kind,
        "title": in_language(rule.title, languages, get_language()),
        "module": in_language(rule.module_title, languages, get_language()),
        "met": rule.met,
        "met_at": rule.met_at,
        "score": rule.score,
    }
