"""Taking a quiz: start, answer, hand in. It is graded here, once, against the publication it was started on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.publishing.models import PublishedLesson
from learners.attempts.grading import Grade, grade
from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.progress.openings import refuse_closed
from learners.progress.services import fold_attempt, refresh_enrolments
from lms.errors import InvalidInput, NotFound, Refusal
from lms.ids import uuid7

TEXT_AT_MOST = 200


class NotAQuiz(Refusal):
    code = "not_a_quiz"
    message = _("This lesson has no questions.")


class LessonNotInCourse(Refusal):
    code = "lesson_not_in_course"
    status = 404
    message = _("This lesson is not part of the course.")


class AlreadySubmitted(Refusal):
    code = "already_submitted"
    status = 409
    message = _("You already handed this in.")


class AttemptIdTaken(Refusal):
    code = "attempt_id_reused"
    message = _("This attempt was started for something else.")


@transaction.atomic
def start_attempt(
    *, enrolment: Enrolment, lesson: UUID, language: str, at: datetime, attempt_id: UUID | None = None
) -> tuple[Attempt, bool]:
    """Start a go at a quiz; with an id made by the device it is started once. Returns it and whether it is new.

    What was started may be handed in whatever closes later. Refusals: `not_found` on a course that she has left,
    `lesson_not_in_course`, `not_a_quiz`, `module_closed`, `attempt_id_reused`.
    """
    if enrolment.state == EnrolmentState.WITHDRAWN:
        raise NotFound
    quiz = PublishedLesson.objects.filter(publication_id=enrolment.publication_id, uuid=lesson).first()
    if quiz is None:
        raise LessonNotInCourse
    if quiz.kind != "quiz":
        raise NotAQuiz
    refuse_closed(enrolment=enrolment, lesson=lesson, at=at)
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                uuid=attempt_id or uuid7(), enrolment=enrolment, lesson=quiz, language=language, started_at=at
            ), True
    except IntegrityError:
        return _started_before(attempt_id, enrolment, quiz), False


def _started_before(attempt_id: UUID | None, enrolment: Enrolment, quiz: PublishedLesson) -> Attempt:
    known = Attempt.objects.filter(enrolment=enrolment, lesson=quiz).select_related("lesson")
    attempt = known.filter(uuid=attempt_id).first() if attempt_id else None
    if attempt is None:
        raise AttemptIdTaken
    return attempt


@transaction.atomic
def save_answers(*, attempt: Attempt, answers: Sequence[Mapping[str, Any]]) -> Attempt:
    """Keep her answers so far; each question's last one counts. All of them are checked before any is kept."""
    attempt = (
        Attempt.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lesson")
        .get(pk=attempt.pk)
    )
    if attempt.submitted_at:
        raise AlreadySubmitted
    questions = {question["id"]: question for question in attempt.lesson.questions}
    errors = [
        {"pointer": f"/answers/{index}", "code": code, "detail": str(InvalidInput.message)}
        for index, answer in enumerate(answers)
        if (code := _refusal(answer, questions))
    ]
    if errors:
        raise InvalidInput(errors=errors)
    kept = {str(answer["question"]): _kept(answer, questions[str(answer["question"])]) for answer in answers}
    attempt.answers = attempt.answers | kept
    attempt.save(update_fields=["answers"])
    return attempt


def _refusal(answer: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> str:
    question = questions.get(str(answer.get("question")))
    if question is None:
        return "question_unknown"
    if question["kind"] == "short":
        text = answer.get("text")
        return "" if isinstance(text, str) and len(text) <= TEXT_AT_MOST else "text_needed"
    choices = answer.get("choices")
    if not isinstance(choices, list | tuple):
        return "choices_needed"
    if not {str(choice) for choice in choices} <= {choice["id"] for choice in question["choices"]}:
        return "choice_unknown"
    return "" if question["kind"] == "multiple" or len(choices) <= 1 else "one_choice_only"


def _kept(answer: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, Any]:
    if question["kind"] == "short":
        return {"text": answer["text"]}
    return {"choices": [str(choice) for choice in answer["choices"]]}


@transaction.atomic
def submit_attempt(*, attempt: Attempt, at: datetime) -> tuple[Attempt, Grade]:
    """Grade the attempt and fold it into her progress. Safe to repeat: handed in again it answers the same.

    Refusals: `not_found` on a course that she has left.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=attempt.enrolment_id)
    if enrolment.state == EnrolmentState.WITHDRAWN:
        raise NotFound
    attempt = (
        Attempt.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lesson")
        .get(pk=attempt.pk)
    )
    lesson = attempt.lesson
    verdict = grade(lesson.questions, attempt.answers, pass_percent=lesson.pass_percent)
    if attempt.submitted_at is None:
        attempt.score, attempt.passed, attempt.submitted_at = verdict.score, verdict.passed, at
        attempt.save(update_fields=["score", "passed", "submitted_at"])
        fold_attempt(enrolment=enrolment, attempt=attempt)
        refresh_enrolments([enrolment], seen={enrolment.pk: at}, at=at)
    return attempt, verdict
