"""Taking a quiz: start, answer on one page, hand in, see how it went."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from courses.assessment.numbers import NUMBER_AT_MOST, number_of
from courses.assessment.questions import NUMERIC, ORDERING, SHORT
from courses.catalogue.texts import in_language
from learners.attempts.models import Attempt
from learners.attempts.queries import attempts_of, questions_of
from learners.attempts.services import AlreadySubmitted, save_answers, start_attempt, submit_attempt
from learners.certificates.naming import confirm_name, confirmation_of
from learners.classroom.endings import after_finishing
from learners.classroom.pages import present_standing, see_other
from learners.classroom.queries import Standing, Step, enrolment_in, standing_of
from learners.help.pages import uuid_in
from learners.progress.openings import ModuleClosed
from lms.accounts.models import Person
from lms.accounts.names import Names
from lms.accounts.queries import herself, names_of
from lms.errors import InvalidInput, NotFound
from lms.ids import uuid7
from lms.languages import ARABIC
from lms.pages.page import Page


def name_to_confirm(standing: Standing, step: Step, person: Person) -> Names | None:
    """Her name as it will be printed, before the last that is missing and until she has said something of it."""
    last = [one.id for one in standing.missing] == [step.id]
    if not last or standing.enrolment is None or confirmation_of(standing.enrolment):
        return None
    return names_of(herself(person))


class ConfirmName(Page):
    """POST `right` or `wrong`: her name is as it should be printed, or her centre hears that it is not."""

    ability = "help.ask"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        enrolment = enrolment_in(cast("Person", request.user), slug)
        said = request.POST.get("name")
        if said not in {"right", "wrong"}:
            raise NotFound
        confirm_name(enrolment=enrolment, right=said == "right", at=timezone.now())
        if said == "wrong":
            return see_other(reverse("ask-for-help", args=[slug]))
        lesson = uuid_in(request.POST, "lesson")
        return see_other(reverse("lesson", args=[slug, lesson]) if lesson else reverse("course", args=[slug]))


class QuizStart(Page):
    """POST: begin a go at a quiz. The form brings its id, so that pressed twice it begins once."""

    ability = "attempt.take"
    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, slug: str, lesson_id: UUID) -> HttpResponse:
        """Where signing in again in mid-form leads back to."""
        return see_other(reverse("lesson", args=[slug, lesson_id]))

    def post(self, request: HttpRequest, slug: str, lesson_id: UUID) -> HttpResponse:
        try:
            attempt, _new = start_attempt(
                enrolment=enrolment_in(cast("Person", request.user), slug),
                lesson=lesson_id,
                language=get_language() or ARABIC,
                at=timezone.now(),
                attempt_id=_attempt_id(request),
            )
        except ModuleClosed:
            return self.get(request, slug, lesson_id)
        return see_other(reverse("attempt", args=[attempt.uuid]))


def _attempt_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("attempt", ""))
    except ValueError:
        return None


class AttemptPage(Page):
    """GET: the questions, or how it went. POST: keep the answers (`later`), or hand them in."""

    ability = "attempt.take"

    def get(self, request: HttpRequest, attempt_id: UUID) -> HttpResponse:
        attempt = get_object_or_404(attempts_of(cast("Person", request.user)), uuid=attempt_id)
        return self._result(attempt) if attempt.submitted_at else self._questions(attempt)

    def post(self, request: HttpRequest, attempt_id: UUID) -> HttpResponse:
        attempt = get_object_or_404(attempts_of(cast("Person", request.user)), uuid=attempt_id)
        here = reverse("attempt", args=[attempt.uuid])
        try:
            attempt.answers = save_answers(attempt=attempt, answers=_answers(request, attempt)).answers
        except AlreadySubmitted:
            return see_other(here)
        except InvalidInput as refusal:
            return self._questions(attempt, status=refusal.status, refusal=refusal.detail)
        if "later" in request.POST:
            return see_other(reverse("lesson", args=[attempt.enrolment.course.slug, attempt.lesson.uuid]))
        if not all(question.answered for question in questions_of(attempt)):
            return self._questions(attempt, status=InvalidInput.status, incomplete=True)
        submit_attempt(learner=cast("Person", request.user), attempt_id=attempt.uuid, at=timezone.now())
        return see_other(here)

    def _questions(self, attempt: Attempt, *, status: int = 200, **said: Any) -> HttpResponse:
        return self.show(
            "learners/classroom/attempt.html",
            status=status,
            attempt=attempt,
            slug=attempt.enrolment.course.slug,
            title=_title(attempt),
            questions=questions_of(attempt),
            **said,
        )

    def _result(self, attempt: Attempt) -> HttpResponse:
        standing = standing_of(attempt.enrolment, at=timezone.now())
        step = standing.step(attempt.lesson.uuid)
        if step is None:
            raise NotFound
        questions = questions_of(attempt)
        return self.show(
            "learners/classroom/result.html",
            **present_standing(standing),
            attempt=attempt,
            step=step,
            questions=questions,
            right=sum(bool(question.right) for question in questions),
            onward=after_finishing(standing, step) if attempt.passed else "",
            new_id=uuid7(),
        )


def _title(attempt: Attempt) -> str:
    return in_language(attempt.lesson.title, attempt.enrolment.publication.languages, get_language())


def _answers(request: HttpRequest, attempt: Attempt) -> list[dict[str, Any]]:
    """What the form says of each question; one she left open is said to be empty."""
    return [_answer(request, question) for question in attempt.lesson.questions]


def _answer(request: HttpRequest, question: Mapping[str, Any]) -> dict[str, Any]:
    field = f"q-{question['id']}"
    if question["kind"] == SHORT:
        return {"question": question["id"], "text": request.POST.get(field, "").strip()}
    if question["kind"] == NUMERIC:
        return {"question": question["id"], "number": _number(request.POST.get(field, "").strip())}
    name = "order" if question["kind"] == ORDERING else "choices"
    return {"question": question["id"], name: request.POST.getlist(field)}


def _number(written: str) -> str:
    """What is no number counts as not answered, so that her other answers are kept."""
    return written if len(written) <= NUMBER_AT_MOST and number_of(written) is not None else ""
