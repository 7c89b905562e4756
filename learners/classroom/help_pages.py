"""Her conversation with those who help her, on the pages of her course."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from learners.classroom.pages import see_other
from learners.classroom.queries import enrolment_in
from learners.enrolments.models import Enrolment
from learners.help.api import present_conversation
from learners.help.models import MessageKind
from learners.help.pages import uuid_in, words_in
from learners.help.queries import messages_of, wants_help
from learners.help.services import WORDS_AT_MOST, Asked, ask_for_help, choose_help
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.ids import uuid7
from lms.pages.page import Page
from lms.voice.pages import voice_in


class AskForHelp(Page):
    """Her conversation on a course. POST: `stuck` or `call` with her words; `on`: she wants help in discreet mode."""

    ability = "help.ask"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._shown(enrolment_in(cast("Person", request.user), slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        person = cast("Person", request.user)
        enrolment = enrolment_in(person, slug)
        if request.POST.get("action") == "on":
            choose_help(person=person, wanted=True)
        else:
            try:
                ask_for_help(enrolment=enrolment, asked=_asked(request), at=timezone.now())
            except NotFound:
                raise
            except Refusal as refusal:
                return self._shown(enrolment, refusal)
        return see_other(request.get_full_path())

    def _shown(self, enrolment: Enrolment, refusal: Refusal | None = None) -> HttpResponse:
        lesson = uuid_in(self.request.GET, "lesson")
        return self.show(
            "learners/help/ask.html",
            status=refusal.status if refusal else 200,
            conversation=present_conversation(enrolment, messages_of(enrolment)),
            slug=enrolment.course.slug,
            lesson=lesson,
            enrolment=enrolment.uuid,
            wanted=wants_help(cast("Person", self.request.user)),
            new_id=uuid7(),
            refusal=refusal and refusal.detail,
            words=self.request.POST.get("text", ""),
            most=WORDS_AT_MOST,
        )


def _asked(request: HttpRequest) -> Asked:
    """What the form says; `not_found` where no form of ours says it."""
    id_, action = uuid_in(request.POST, "id"), request.POST.get("action", "")
    if id_ is None or action not in {MessageKind.STUCK, MessageKind.CALL}:
        raise NotFound
    return Asked(
        id=id_,
        kind=MessageKind(action),
        words=words_in(request),
        voice=voice_in(request, id_),
        occurred_at=timezone.now(),
        lesson=uuid_in(request.GET, "lesson"),
    )
