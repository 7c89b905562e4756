"""Taking a quiz: start, answer, hand in. It is graded here, once, against the publication it was started on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.assessment.numbers import NUMBER_AT_MOST, number_of
from courses.assessment.questions import NUMERIC, ORDERING, SHORT
from courses.publishing.models import Publication, PublishedLesson
from courses.publishing.rules import published_quiz
from learners.attempts.grading import Grade, grade
from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.progress.openings import refuse_closed
from learners.progress.services import fold_attempt, refresh_enrolments
from lms.access.scoping import HasScope
from lms.errors import InvalidInput, NotFound, Refusal
from lms.ids import uuid7
from lms.statements import columns_of, loaded, row, rows, width_of

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


class EditionNeverHers(Refusal):
    code = "publication_not_hers"
    status = 409
    message = _("These questions are of another edition of the course. Fetch the course again.")


@transaction.atomic
def start_attempt(
    *,
    enrolment: Enrolment,
    lesson: UUID,
    language: str,
    at: datetime,
    attempt_id: UUID | None = None,
    publication: int | None = None,
) -> tuple[Attempt, bool]:
    """Start a go at a quiz; with an id made by the device it is started once. Returns it and whether it is new.

    `publication`: the number of the edition whose questions she answered offline; without it the one she is pinned to.
    What was started may be handed in whatever closes or is published later. Refusals: `not_found` on a course that she
    has left, `lesson_not_in_course`, `not_a_quiz`, `module_closed`, `publication_not_hers`, `attempt_id_reused`.
    """
    if enrolment.state == EnrolmentState.WITHDRAWN:
        raise NotFound
    if attempt_id and (started := _started(attempt_id, enrolment, lesson)):
        return started, False
    quiz = _lesson_of(enrolment, lesson, publication)
    if quiz is None:
        raise LessonNotInCourse
    if quiz.kind != "quiz":
        raise NotAQuiz
    refuse_closed(enrolment=enrolment, lesson=lesson, at=at)
    fresh_id = attempt_id or uuid7()
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                uuid=fresh_id, enrolment=enrolment, lesson=quiz, language=language, started_at=at
            ), True
    except IntegrityError:
        started = _started(fresh_id, enrolment, lesson)
        if started is None:
            raise AttemptIdTaken from None
        return started, False


def _started(attempt_id: UUID, enrolment: Enrolment, lesson: UUID) -> Attempt | None:
    """What her device started before under this id, in whichever edition."""
    known = Attempt.objects.filter(enrolment=enrolment, lesson__uuid=lesson, uuid=attempt_id)
    return known.select_related("lesson").first()


def _lesson_of(enrolment: Enrolment, lesson: UUID, number: int | None) -> PublishedLesson | None:
    """The lesson in the edition she is pinned to, else in an earlier one that can have been hers."""
    found = PublishedLesson.objects.filter(uuid=lesson)
    if number is None:
        return found.filter(publication_id=enrolment.publication_id).first()
    edition = Publication.objects.filter(course_id=enrolment.course_id, number=number).first()
    if edition is None or not _was_hers(enrolment, edition):
        raise EditionNeverHers
    return found.filter(publication=edition).first()


def _was_hers(enrolment: Enrolment, edition: Publication) -> bool:
    """Whether she is pinned to it, or was enrolled before a newer one stood in its place."""
    if edition.pk == enrolment.publication_id:
        return True
    newer = Publication.objects.filter(course_id=enrolment.course_id, number__gt=edition.number)
    hers = newer.filter(pk=enrolment.publication_id)
    return hers.exists() and not newer.filter(published_at__lte=enrolment.created_at).exists()


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
    attempt.answers = attempt.answers | _checked(attempt.lesson, answers)
    attempt.save(update_fields=["answers"])
    return attempt


def _checked(quiz: PublishedLesson, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answers as they are kept, by question. Refuses all of them where one does not fit its question."""
    questions = {question["id"]: question for question in quiz.questions}
    errors = [
        {"pointer": f"/answers/{index}", "code": code, "detail": str(InvalidInput.message)}
        for index, answer in enumerate(answers)
        if (code := _refusal(answer, questions))
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return {str(answer["question"]): _kept(answer, questions[str(answer["question"])]) for answer in answers}


def _refusal(answer: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> str:
    question = questions.get(str(answer.get("question")))
    if question is None:
        return "question_unknown"
    return REFUSALS.get(question["kind"], _choices_refusal)(answer, question)


def _text_refusal(answer: Mapping[str, Any], _question: Mapping[str, Any]) -> str:
    text = answer.get("text")
    return "" if isinstance(text, str) and len(text) <= TEXT_AT_MOST else "text_needed"


def _number_refusal(answer: Mapping[str, Any], _question: Mapping[str, Any]) -> str:
    """Nothing yet is kept too."""
    number = answer.get("number")
    if not isinstance(number, str) or len(number) > NUMBER_AT_MOST:
        return "number_needed"
    return "" if number == "" or number_of(number) is not None else "number_needed"


def _order_refusal(answer: Mapping[str, Any], question: Mapping[str, Any]) -> str:
    """A choice for each place; a place without one yet is an empty string."""
    order, known = answer.get("order"), {choice["id"] for choice in question["choices"]}
    if not isinstance(order, list | tuple) or len(order) != len(known):
        return "order_needed"
    return "" if set(map(str, order)) <= known | {""} else "choice_unknown"


def _choices_refusal(answer: Mapping[str, Any], question: Mapping[str, Any]) -> str:
    choices = answer.get("choices")
    if not isinstance(choices, list | tuple):
        return "choices_needed"
    if not {str(choice) for choice in choices} <= {choice["id"] for choice in question["choices"]}:
        return "choice_unknown"
    return "" if question["kind"] == "multiple" or len(choices) <= 1 else "one_choice_only"


REFUSALS: Final = {SHORT: _text_refusal, NUMERIC: _number_refusal, ORDERING: _order_refusal}
SAID_IN: Final = {SHORT: "text", NUMERIC: "number", ORDERING: "order"}


def _kept(answer: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, Any]:
    name = SAID_IN.get(question["kind"], "choices")
    said = answer[name]
    return {name: said if isinstance(said, str) else [str(choice) for choice in said]}


LOCK: Final = f"""
SELECT {columns_of(Enrolment)}, {columns_of(Attempt)}
  FROM attempt
  JOIN enrolment ON enrolment.id = attempt.enrolment_id
 WHERE attempt.uuid = %(attempt)s AND enrolment.learner_id = %(owner)s AND enrolment.state <> 'withdrawn'
   FOR NO KEY UPDATE
"""  # noqa: S608  # put together from constants
ENROLMENT: Final = width_of(Enrolment)
HAND_IN: Final = """
UPDATE attempt SET answers = %s::jsonb, score = %s, passed = %s, submitted_at = %s WHERE id = %s
"""


@transaction.atomic
def submit_attempt(
    *, learner: HasScope, attempt_id: UUID, at: datetime, answers: Sequence[Mapping[str, Any]] = ()
) -> tuple[Attempt, Grade]:
    """Grade one of her attempts, with her last answers, and fold it into her progress.

    Safe to repeat: handed in again it answers the same, whatever is sent with it. Refusals: `not_found` for another's,
    or on a course that she has left; those of `save_answers`.
    """
    attempt = _locked(learner, attempt_id)
    fresh = attempt.submitted_at is None
    if fresh:
        attempt.answers = attempt.answers | _checked(attempt.lesson, answers)
    verdict = grade(attempt.lesson.questions, attempt.answers, pass_percent=attempt.lesson.pass_percent)
    if fresh:
        attempt.score, attempt.passed, attempt.submitted_at = verdict.score, verdict.passed, at
        _hand_in(attempt, at)
    return attempt, verdict


def _locked(learner: HasScope, attempt_id: UUID) -> Attempt:
    """Her attempt, its enrolment and its quiz, the first two locked."""
    found = row(LOCK, {"attempt": attempt_id, "owner": learner.scope.owner_id})
    if found is None:
        raise NotFound
    attempt = loaded(Attempt, found[ENROLMENT:])
    attempt.enrolment = loaded(Enrolment, found[:ENROLMENT])
    attempt.lesson = published_quiz(attempt.lesson_id)
    return attempt


def _hand_in(attempt: Attempt, at: datetime) -> None:
    answers = orjson.dumps(attempt.answers).decode()
    rows(HAND_IN, [answers, attempt.score, attempt.passed, at, attempt.pk])
    fold_attempt(enrolment=attempt.enrolment, attempt=attempt)
    refresh_enrolments([attempt.enrolment], seen={attempt.enrolment_id: at}, at=at)
