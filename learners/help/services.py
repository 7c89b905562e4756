"""Asking for help from a lesson, and answering."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.publishing.rules import lesson_rules
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import HelpAnswered, HelpAsked
from learners.help.models import HelpChoice, HelpMessage, HelpThread, MessageKind, ThreadState
from learners.help.queries import is_at_home, wants_help
from lms import sealing
from lms.accounts.models import Person
from lms.accounts.queries import herself
from lms.audit.services import record_change, record_look
from lms.errors import NotFound, Refusal
from lms.events.services import publish
from lms.voice.services import attach_voice

WORDS_AT_MOST: Final = 1_000
AN_HOUR: Final = timedelta(hours=1)
MESSAGES_AN_HOUR: Final = 20


class HelpIsOff(Refusal):
    code = "help_off"
    status = 409
    message = _("Help is off in discreet mode. You can switch it on.")


class HelpIdTaken(Refusal):
    """Another message under an id that is used already."""

    code = "help_id_reused"
    status = 409
    message = _("This message was sent already, with other words.")


class NothingSaid(Refusal):
    code = "help_empty"
    message = _("Write a few words first.")


class TooManyMessages(Refusal):
    code = "help_too_many"
    status = 429
    message = _("You wrote a lot in one hour. Your messages are read; write again later.")


class NoNumberToCall(Refusal):
    code = "no_number"
    status = 409
    message = _("She has given no number.")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What her phone made: its own id, and the moment by its own clock."""

    id: UUID
    kind: MessageKind
    words: str
    occurred_at: datetime
    lesson: UUID | None = None
    voice: UUID | None = None


@transaction.atomic
def ask_for_help(*, enrolment: Enrolment, asked: Asked, at: datetime) -> tuple[HelpMessage, bool]:
    """She is stuck, wants to be called, or her name is wrong; returns the message and whether it is new.

    Safe to repeat under the same id, as a phone does that heard no answer. A closed conversation opens again.
    Refusals: `not_found` on a course that she has left or for a lesson that is not in it, `help_off`,
    `help_id_reused`, `help_too_many`, `voice_unknown`.
    """
    rows = Enrolment.objects.select_related("learner").select_for_update(no_key=True, of=("self",))
    enrolment = rows.get(pk=enrolment.pk)
    if known := _known(enrolment, asked):
        return known, False
    _refuse(enrolment, asked, at)
    thread, _new = HelpThread.objects.get_or_create(
        enrolment=enrolment, defaults={"waiting_since": at, "opened_at": at}
    )
    if thread.state != ThreadState.WAITING:
        thread.state, thread.waiting_since = ThreadState.WAITING, at
        thread.save(update_fields=["state", "waiting_since"])
    message = _write(thread, enrolment.learner, asked, at)
    publish(HelpAsked(thread_id=thread.pk))
    return message, True


def _known(enrolment: Enrolment, asked: Asked) -> HelpMessage | None:
    known = _message(asked.id)
    if known is None:
        return None
    same = (
        known.thread.enrolment_id,
        known.author_id,
        known.kind,
        known.lesson,
        known.read(),
        _voice_of(known),
    )
    hers = (enrolment.pk, enrolment.learner_id, asked.kind, asked.lesson, asked.words, asked.voice)
    if same != hers:
        raise HelpIdTaken
    return known


def _message(id_: UUID) -> HelpMessage | None:
    return HelpMessage.objects.filter(uuid=id_).select_related("thread", "voice").first()


def _voice_of(message: HelpMessage) -> UUID | None:
    return message.voice.uuid if message.voice else None


def _refuse(enrolment: Enrolment, asked: Asked, at: datetime) -> None:
    if enrolment.state == EnrolmentState.WITHDRAWN:
        raise NotFound
    if asked.lesson and asked.lesson not in lesson_rules(enrolment.publication_id):
        raise NotFound
    if asked.kind != MessageKind.NAME and not wants_help(enrolment.learner):
        raise HelpIsOff
    if HelpMessage.objects.filter(author=enrolment.learner, at__gt=at - AN_HOUR).count() >= MESSAGES_AN_HOUR:
        raise TooManyMessages(retry_after=int(AN_HOUR.total_seconds()))


def _write(thread: HelpThread, author: Person, asked: Asked, at: datetime) -> HelpMessage:
    message = HelpMessage(
        uuid=asked.id,
        thread=thread,
        author=author,
        kind=asked.kind,
        lesson=asked.lesson,
        words=sealing.seal(asked.words, table="help_message", column="words", row=asked.id),
        voice=attach_voice(owner=author, id_=asked.voice, at=at) if asked.voice else None,
        occurred_at=asked.occurred_at,
        at=at,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:  # the same id, at this moment, in another conversation
        raise HelpIdTaken from None
    return message


@transaction.atomic
def answer(
    *, thread: HelpThread, id_: UUID, words: str, voice: UUID | None = None, by: Person, at: datetime
) -> tuple[HelpMessage, bool]:
    """Someone who may answers her, in words, by voice or both; returns the message and whether it is new.

    Safe to repeat under the same id. Refusals: `help_empty`, `help_id_reused`, `voice_unknown`.
    """
    thread = _locked(thread)
    known = _message(id_)
    if known:
        same = (known.thread_id, known.author_id, known.read(), _voice_of(known))
        if same != (thread.pk, by.pk, words, voice):
            raise HelpIdTaken
        return known, False
    if not words.strip() and voice is None:
        raise NothingSaid
    said = Asked(id=id_, kind=MessageKind.ANSWER, words=words, voice=voice, occurred_at=at)
    message = _write(thread, by, said, at)
    _settle(thread, ThreadState.ANSWERED)
    publish(HelpAnswered(message_id=message.pk))
    return message, True


@transaction.atomic
def close_thread(*, thread: HelpThread, by: Person, at: datetime) -> HelpThread:
    """Nothing is left to be said; she opens it again by writing. Safe to repeat."""
    thread = _locked(thread)
    if thread.state != ThreadState.CLOSED:
        _settle(thread, ThreadState.CLOSED)
        record_change(actor=by, verb="help.close", subject=f"help:{thread.uuid}", at=at)
    return thread


@transaction.atomic
def number_to_call(*, thread: HelpThread, by: Person, at: datetime) -> str:
    """Her number (E.164) for someone of her own place, and the record that it was seen; `not_found` for others.

    Only while she asks to be called. Refusals: `not_found`, `no_number`.
    """
    asked = thread.messages.filter(kind=MessageKind.CALL).exists()
    if not asked or not is_at_home(by, thread):
        raise NotFound
    learner = thread.enrolment.learner
    number = herself(learner).identity.read("phone")
    if not number:
        raise NoNumberToCall
    record_look(viewer=by, people=[learner.pk], surface="help", at=at, fields=["phone"])
    return number


def choose_help(*, person: Person, wanted: bool) -> None:
    """Whether help stands on her pages. Safe to repeat."""
    HelpChoice.objects.update_or_create(person=person, defaults={"wanted": wanted})


def _locked(thread: HelpThread) -> HelpThread:
    return HelpThread.objects.select_for_update(no_key=True).get(pk=thread.pk)


def _settle(thread: HelpThread, state: ThreadState) -> None:
    thread.state, thread.waiting_since = state, None
    thread.save(update_fields=["state", "waiting_since"])
