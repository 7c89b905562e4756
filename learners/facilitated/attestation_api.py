from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from learners.facilitated.attesting import AT_ONCE, attest
from learners.facilitated.auditing import AlreadyJudged, OwnRecord, attestations_of, filtered, judge, names_in
from learners.facilitated.models import Attestation, AttestedKind, Verdict
from learners.facilitated.queries import sessions_of
from learners.facilitated.services import SessionCancelled, SessionNotBegun
from learners.progress.attesting import Attested
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound

WAITING = "waiting"


class AttestedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        help_text="made by the sender, one for each woman; the same id is counted once"
    )
    enrolment = serializers.UUIDField()
    lesson = serializers.UUIDField()
    done_on = serializers.DateField(help_text="the day in Morocco on which it was done")
    score = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="of a quiz on paper; else a lesson done together",
    )


class AttestationRequestSerializer(serializers.Serializer[Any]):
    session = serializers.UUIDField(required=False, help_text="the session in which it was done")
    events = AttestedSerializer(  # type: ignore[call-arg]  # `many` hands the length to the list
        many=True, allow_empty=False, max_length=AT_ONCE
    )

    def validate_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({event["id"] for event in events}) < len(events):
            raise serializers.ValidationError(_("Give each its own id."), code="same_id_twice")
        return events


class AttestedResultSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["accepted", "duplicate", "refused"])
    code = serializers.CharField(required=False)


class AttestedOutcomeSerializer(serializers.Serializer[Any]):
    results = AttestedResultSerializer(many=True, help_text="one for each event, in the order sent")


class AttestationQuestionSerializer(serializers.Serializer[Any]):
    by = serializers.UUIDField(required=False, help_text="who recorded")
    session = serializers.UUIDField(required=False)
    since = serializers.DateField(required=False, help_text="of the day on which it was done")
    until = serializers.DateField(required=False)
    sample = serializers.BooleanField(
        required=False, help_text="only what the audit looks at, without her own"
    )
    verdict = serializers.ChoiceField(choices=[WAITING, *Verdict.values], required=False)


class AttestationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    event = serializers.UUIDField(help_text="the id it was sent under")
    kind = serializers.ChoiceField(choices=AttestedKind.choices)
    enrolment = serializers.UUIDField()
    name = serializers.CharField(help_text="hers in her own centre, else her pseudonym")
    course = serializers.SlugField()
    lesson = serializers.UUIDField()
    score = serializers.IntegerField(allow_null=True)
    done_on = serializers.DateField()
    session = serializers.UUIDField(allow_null=True)
    by = serializers.UUIDField(help_text="who recorded it")
    recorder = serializers.CharField(allow_blank=True, help_text="her name")
    recorded_at = serializers.DateTimeField()
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    completed = serializers.BooleanField(
        help_text="whether her course is complete, and stays so when disputed"
    )


class AttestationPageSerializer(serializers.Serializer[Any]):
    results = AttestationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class VerdictSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(
        max_length=300, allow_blank=True, default="", help_text="needed to dispute: 3–300 characters"
    )


EXAMPLE = OpenApiExample(
    "درس وورقة",
    request_only=True,
    value={
        "session": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
        "events": [
            {
                "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01",
                "enrolment": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
                "lesson": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a13",
                "done_on": "2027-03-02",
                "score": 80,
            }
        ],
    },
)


def present_attestations(rows: Sequence[Attestation], request: Request) -> list[dict[str, Any]]:
    """Rows of `attestations_of` with the names that the reader may see. Three statements."""
    names, colleagues = names_in(rows, staff=request.user, at=timezone.now())
    return [_present(row, names) | {"recorder": colleagues.get(row.by_id, "")} for row in rows]


def _present(row: Attestation, names: dict[int, str]) -> dict[str, Any]:
    learner = row.enrolment.learner
    return {
        "id": row.uuid,
        "event": row.event.event_id,
        "kind": row.kind,
        "enrolment": row.enrolment.uuid,
        "name": names.get(learner.pk, "") or learner.pseudonym,
        "course": row.enrolment.course.slug,
        "lesson": row.event.lesson,
        "score": row.event.score,
        "done_on": row.done_on,
        "session": row.session and row.session.uuid,
        "by": row.by.uuid,
        "recorded_at": row.recorded_at,
        "verdict": row.verdict,
        "reason": row.reason,
        "completed": row.enrolment.completed_at is not None,
    }


class Attestations(Endpoint):
    ability = {"GET": "attestation.read", "POST": "attestation.record"}
    refusals = {
        "GET": (InvalidInput,),
        "POST": (NotFound, InvalidInput, SessionCancelled, SessionNotBegun),
    }

    @extend_schema(
        summary="What was recorded for women at her centre or below her, the newest first",
        description="Names are shown in the reader's own centre only, and each look is recorded.",
        parameters=[AttestationQuestionSerializer],
        responses=AttestationPageSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = AttestationQuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        if wanted.get("verdict") == WAITING:
            wanted["verdict"] = ""
        rows = filtered(attestations_of(request.user), staff=request.user, **wanted, at=timezone.now())
        pages = KeysetPages("-id")
        return Response(pages.answer(present_attestations(pages.of(rows, request), request)))

    @extend_schema(
        summary="Record, under her own name, lessons done together and quizzes on paper",
        description="They count like what a woman sends herself. One result per event. One woman of another centre "
        "among them, and nothing is recorded.",
        request=AttestationRequestSerializer,
        responses=AttestedOutcomeSerializer,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        asked = AttestationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        found = sessions_of(request.user)
        session = get_object_or_404(found, uuid=said["session"]) if "session" in said else None
        items = [Attested(**event) for event in said["events"]]
        attest(by=request.user, items=items, session=session, at=timezone.now())
        return Response({"results": [_present_result(item) for item in items]})


def _present_result(item: Attested) -> dict[str, Any]:
    result = {"id": item.id, "status": item.status}
    return result | {"code": item.code} if item.code else result


class AttestationVerdict(Endpoint):
    ability = "attestation.audit"
    refusals = (OwnRecord, AlreadyJudged, InvalidInput)

    @extend_schema(
        summary="Confirm what somebody else recorded, or dispute it: then it counts no more. Safe to repeat.",
        request=VerdictSerializer,
        responses=AttestationSerializer,
    )
    def post(self, request: Request, attestation_id: UUID) -> Response:
        rows = attestations_of(request.user)
        attestation = get_object_or_404(rows, uuid=attestation_id)
        asked = VerdictSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        judge(
            attestation=attestation,
            verdict=Verdict(said["verdict"]),
            by=request.user,
            at=timezone.now(),
            reason=said["reason"],
        )
        [answer] = present_attestations([rows.get(pk=attestation.pk)], request)
        return Response(answer)
