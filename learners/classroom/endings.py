"""What follows a lesson: how the module was, the next lesson, and after the last one her next steps."""

from typing import cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from learners.classroom.pages import lesson_url, see_other
from learners.classroom.queries import Part, Standing, Step, enrolment_in, standing_of
from learners.enrolments.models import Enrolment
from learners.faces.models import Face
from learners.faces.queries import has_answered
from learners.faces.services import ModuleNotFinished, give_face, may_speak
from learners.help.pages import uuid_in
from learners.support.queries import latest_of
from learners.support.services import WORDS_AT_MOST, NoCentreYet, SupportAskedAlready, ask_for_support
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.pages.page import Page
from lms.voice.pages import voice_in


def onward(standing: Standing, step: Step) -> str:
    """What follows a lesson: the next one to do; where all is done the next one to see again, then the course's end."""
    following = standing.follower(step) if standing.completed else standing.after(step)
    if following is not None and following != step:
        return reverse("lesson", args=[standing.slug, following.id])
    return ending(standing) if standing.completed else reverse("course", args=[standing.slug])


def ending(standing: Standing) -> str:
    """Where a finished course leads: to what she may do next, else to her certificate."""
    return reverse("next-steps", args=[standing.slug]) if standing.next_steps else reverse("certificates")


def after_finishing(standing: Standing, step: Step) -> str:
    """Where she comes when she has just finished a lesson. One statement at a module's end, else none."""
    number, part = _part_of(standing, step)
    if (
        step.required
        and part.finished
        and standing.enrolment
        and not has_answered(standing.enrolment, number)
    ):
        return reverse("module-end", args=[standing.slug, number])
    return ending(standing) if standing.completed and step.required else onward(standing, step)


def _part_of(standing: Standing, step: Step) -> tuple[int, Part]:
    return next((number, part) for number, part in enumerate(standing.parts, 1) if step in part.steps)


class ModuleEnd(Page):
    """How was this part? Three faces, one answer, kept without her name; she may go on without one."""

    ability = {"GET": "lesson.read", "POST": "lesson.complete"}

    def get(self, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        standing, part = self._find(slug, number)
        enrolment = standing.enrolment
        if enrolment is None or not part.finished or has_answered(enrolment, number):
            return see_other(_leave(standing, part))
        return self._show(standing, part)

    def post(self, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        standing, part = self._find(slug, number)
        try:
            face = Face(request.POST.get("face", ""))
        except ValueError as error:
            raise NotFound from error
        if standing.enrolment and not has_answered(standing.enrolment, number):
            try:
                _give(standing.enrolment, number, face, request)
            except ModuleNotFinished:
                return see_other(reverse("course", args=[slug]))
            except Refusal as refusal:
                return self._show(standing, part, refusal)
        return see_other(_leave(standing, part))

    def _show(self, standing: Standing, part: Part, refusal: Refusal | None = None) -> HttpResponse:
        return self.show(
            "learners/classroom/module_end.html",
            status=refusal.status if refusal else 200,
            standing=standing,
            part=part,
            onward=_leave(standing, part),
            speaks=may_speak(cast("Person", self.request.user)),
            new_id=uuid4(),
            refusal=refusal and refusal.detail,
        )

    def _find(self, slug: str, number: int) -> tuple[Standing, Part]:
        standing = standing_of(enrolment_in(cast("Person", self.request.user), slug), at=timezone.now())
        if not 1 <= number <= len(standing.parts):
            raise NotFound
        return standing, standing.parts[number - 1]


def _give(enrolment: Enrolment, number: int, face: Face, request: HttpRequest) -> None:
    """The face, and what she said with it. Refusals: those of `give_face` and of `voice_in`."""
    id_ = uuid_in(request.POST, "id")
    voice = voice_in(request, id_) if id_ and may_speak(enrolment.learner) else None
    give_face(enrolment=enrolment, module=number, face=face, voice=voice, at=timezone.now())


def _leave(standing: Standing, part: Part) -> str:
    return ending(standing) if standing.completed else onward(standing, part.steps[-1])


class NextSteps(Page):
    """The end of a course: her certificate, what she may do next, and support with her project for who wants it."""

    ability = {"GET": "lesson.read", "POST": "support.ask"}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._show(slug)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        enrolment = enrolment_in(cast("Person", request.user), slug)
        if enrolment.completed_at is None:
            return see_other(reverse("course", args=[slug]))
        words = request.POST.get("words", "").strip()[:WORDS_AT_MOST]
        try:
            ask_for_support(enrolment=enrolment, words=words, at=timezone.now())
        except (NoCentreYet, SupportAskedAlready) as refusal:
            return self._show(slug, status=refusal.status, refusal=refusal.detail, words=words)
        return see_other(reverse("next-steps", args=[slug]))

    def _show(self, slug: str, *, status: int = 200, refusal: str = "", words: str = "") -> HttpResponse:
        standing = standing_of(enrolment_in(cast("Person", self.request.user), slug), at=timezone.now())
        if not standing.completed or standing.enrolment is None:
            return see_other(lesson_url(standing))
        return self.show(
            "learners/classroom/next_steps.html",
            status=status,
            standing=standing,
            support=latest_of(standing.enrolment),
            refusal=refusal,
            words=words,
            words_at_most=WORDS_AT_MOST,
        )
