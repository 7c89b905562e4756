from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.assessment.numbers import NUMBER_AT_MOST
from courses.assessment.questions import KINDS, shown
from courses.catalogue.texts import in_language
from learners.attempts.grading import Grade
from learners.attempts.models import Attempt
from learners.attempts.queries import attempts_of
from learners.attempts.services import (
    AlreadySubmitted,
    AttemptIdTaken,
    EditionNeverHers,
    LessonNotInCourse,
    NotAQuiz,
    save_answers,
    start_attempt,
    submit_attempt,
)
from learners.enrolments.models import Enrolment
from learners.progress.openings import ModuleClosed
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput


class AttemptRequestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False, help_text="made on the device: the same id starts one attempt")
    publication = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="the edition whose questions she answered offline; default the one she is on",
    )


class ChoiceSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField()


class QuestionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField()
    choices = ChoiceSerializer(many=True)


class AttemptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    questions = QuestionSerializer(many=True)


CHOICES_AT_MOST: Final = 50


class AnswerListSerializer(serializers.ListSerializer[Any]):
    """Answers as an app sends them are taken as they are; anything else is read field by field, and named."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and all(map(_is_plain, data)):
            return data
        read: list[Any] = super().to_internal_value(data)
        return read


class AnswerSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField(), required=False, max_length=CHOICES_AT_MOST)
    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    order = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        max_length=CHOICES_AT_MOST,
        help_text="of an `ordering`: a choice for each place, empty where she has not chosen",
    )
    number = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=NUMBER_AT_MOST,
        help_text="as she writes it: `3,5`, `٣٫٥`",
    )

    class Meta:
        list_serializer_class = AnswerListSerializer


def _is_plain(answer: Any) -> bool:
    """A question's id and ids of choices, each just as the fields above would give it back."""
    if not isinstance(answer, dict) or answer.keys() != {"question", "choices"}:
        return False
    question, choices = answer["question"], answer["choices"]
    if not isinstance(choices, list) or len(choices) > CHOICES_AT_MOST:
        return False
    return all(isinstance(id_, str) and id_.isalnum() for id_ in (question, *choices))


class AnswersSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True)


class SubmissionSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True, required=False, default=list)


class FeedbackSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    right = serializers.BooleanField()
    feedback = serializers.CharField()


class GradeSerializer(serializers.Serializer[Any]):
    score = serializers.IntegerField(min_value=0, max_value=100)
    passed = serializers.BooleanField()
    required = serializers.IntegerField(help_text="the score that passes")  # type: ignore[assignment]  # api.md's name
    questions = FeedbackSerializer(many=True)


def present_grade(attempt: Attempt, verdict: Grade) -> dict[str, Any]:
    language = get_language()
    return {
        "score": attempt.score,
        "passed": attempt.passed,
        "required": attempt.lesson.pass_percent,
        "questions": [
            {
                "id": question["id"],
                "right": verdict.right[question["id"]],
                "feedback": in_language(question.get("feedback") or {}, ["ar"], language),
            }
            for question in attempt.lesson.questions
        ],
    }


class Attempts(Endpoint):
    ability = "attempt.take"
    refusals = (
        NotAQuiz,
        LessonNotInCourse,
        ModuleClosed,
        EditionNeverHers,
        AttemptIdTaken,
        InvalidInput,
        KeyReused,
        StillUnderWay,
    )

    @extend_schema(
        summary="Start a quiz",
        request=AttemptRequestSerializer,
        responses={201: AttemptSerializer, 200: AttemptSerializer},
    )
    @once
    def post(self, request: Request, enrolment_id: UUID, lesson_id: UUID) -> Response:
        rows = Enrolment.objects.visible_to(request.user).select_related("cohort")
        enrolment = get_object_or_404(rows, uuid=enrolment_id)
        asked = AttemptRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        attempt, created = start_attempt(
            enrolment=enrolment,
            lesson=lesson_id,
            language=get_language() or "ar",
            at=timezone.now(),
            attempt_id=asked.validated_data.get("id"),
            publication=asked.validated_data.get("publication"),
        )
        answer = {"id": attempt.uuid, "questions": shown(attempt.lesson.questions, get_language())}
        return Response(answer, status=201 if created else 200)


class AttemptAnswers(Endpoint):
    ability = "attempt.take"
    refusals = (AlreadySubmitted, InvalidInput)

    @extend_schema(
        summary="Keep her answers so far",
        request=AnswersSerializer,
        responses=AnswersSerializer,
        examples=[
            OpenApiExample(
                "أجوبة", request_only=True, value={"answers": [{"question": "q1", "choices": ["c2"]}]}
            )
        ],
    )
    def put(self, request: Request, attempt_id: UUID) -> Response:
        attempt = get_object_or_404(attempts_of(request.user), uuid=attempt_id)
        sent = AnswersSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        attempt = save_answers(attempt=attempt, answers=sent.validated_data["answers"])
        return Response({"answers": [{"question": id_, **answer} for id_, answer in attempt.answers.items()]})


class AttemptSubmission(Endpoint):
    ability = "attempt.take"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="Hand the quiz in, with her last answers if they were not sent yet; again, and it answers the same",
        request=SubmissionSerializer,
        responses=GradeSerializer,
    )
    @once
    def post(self, request: Request, attempt_id: UUID) -> Response:
        sent = SubmissionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        graded = submit_attempt(
            learner=request.user,
            attempt_id=attempt_id,
            at=timezone.now(),
            answers=sent.validated_data["answers"],
        )
        return Response(present_grade(*graded))
