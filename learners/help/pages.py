"""The pages of those who answer: the queue, and one conversation of it."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from learners.help.api import present_detail, present_threads
from learners.help.models import HelpThread, MessageKind, ThreadState
from learners.help.queries import is_at_home, queue_of, threads_for
from learners.help.services import WORDS_AT_MOST, answer, close_thread, number_to_call
from lms.accounts.models import Person
from lms.errors import InvalidInput, NotFound, Refusal
from lms.ids import uuid7
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.voice.pages import voice_in


def uuid_in(sent: QueryDict, name: str) -> UUID | None:
    try:
        return UUID(sent.get(name, ""))
    except ValueError:
        return None


def words_in(request: HttpRequest) -> str:
    """What was written in a form's box; `invalid` where it is too long."""
    words = request.POST.get("text", "").replace("\r\n", "\n").strip()
    if len(words) > WORDS_AT_MOST:
        raise InvalidInput
    return words


def to_queue() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("help-requests"), status=303)


class HelpRequests(Page):
    """Who waits for help, the oldest first; names in her own centre only, and the look is recorded."""

    ability = "help.answer"

    def get(self, request: HttpRequest) -> HttpResponse:
        staff = cast("Person", request.user)
        state = ThreadState.CLOSED if "closed" in request.GET else ""
        rows, following = page_of(queue_of(staff, state=state), request, ordering=("waiting_since", "id"))
        return self.show(
            "learners/help/queue.html",
            threads=present_threads(rows, staff),
            closed=bool(state),
            next=following,
        )


class HelpConversation(Page):
    """One conversation. POST: `answer` with words, `close`, or `number` to see where she can be called."""

    ability = "help.answer"

    def get(self, request: HttpRequest, help_id: UUID) -> HttpResponse:
        return self._shown(self._find(help_id))

    def post(self, request: HttpRequest, help_id: UUID) -> HttpResponse:
        thread, action = self._find(help_id), request.POST.get("action")
        if action not in {"answer", "close", "number"}:
            raise NotFound
        try:
            return getattr(self, f"_{action}")(thread, cast("Person", request.user))  # type: ignore[no-any-return]
        except NotFound:
            raise
        except Refusal as refusal:
            return self._shown(thread, refusal=refusal)

    def _answer(self, thread: HelpThread, staff: Person) -> HttpResponse:
        id_ = uuid_in(self.request.POST, "id")
        if id_ is None:
            raise NotFound
        words, voice = words_in(self.request), voice_in(self.request, id_)
        answer(thread=thread, id_=id_, words=words, voice=voice, by=staff, at=timezone.now())
        return to_queue()

    def _close(self, thread: HelpThread, staff: Person) -> HttpResponse:
        close_thread(thread=thread, by=staff, at=timezone.now())
        return to_queue()

    def _number(self, thread: HelpThread, staff: Person) -> HttpResponse:
        return self._shown(thread, number=number_to_call(thread=thread, by=staff, at=timezone.now()))

    def _find(self, help_id: UUID) -> HelpThread:
        staff = cast("Person", self.request.user)
        found: HelpThread = get_object_or_404(threads_for(staff), uuid=help_id)
        return found

    def _shown(self, thread: HelpThread, *, number: str = "", refusal: Refusal | None = None) -> HttpResponse:
        staff = cast("Person", self.request.user)
        said: dict[str, Any] = present_detail(thread, staff)
        asked = any(message["kind"] == MessageKind.CALL for message in said["messages"])
        return self.show(
            "learners/help/conversation.html",
            status=refusal.status if refusal else 200,
            thread=said,
            can_call=asked and is_at_home(staff, thread),
            number=number,
            new_id=uuid7(),
            refusal=refusal and refusal.detail,
            words=self.request.POST.get("text", ""),
            most=WORDS_AT_MOST,
        )
