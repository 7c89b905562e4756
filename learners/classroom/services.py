"""Taking a lesson in the browser: the same events that a phone sends, made here."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from learners.enrolments.models import Enrolment
from learners.progress.batch import Item, read_batch
from learners.progress.models import LessonProgress, Verb
from learners.progress.services import record_events
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.ids import uuid7

DEVICE: Final = "browser"
# Looking at a page again within this time is the same visit.
ONE_VISIT: Final = timedelta(minutes=10)


class QuizNeedsAttempt(Refusal):
    code = "quiz_needs_attempt"
    message = _("Answer the questions to finish this step.")


def open_lesson(*, person: Person, enrolment: Enrolment, lesson: UUID, at: datetime) -> None:
    """Record that she opened a lesson, once a visit."""
    seen = LessonProgress.objects.filter(enrolment=enrolment, lesson=lesson, last_at__gt=at - ONE_VISIT)
    if not seen.exists():
        _record(person, enrolment, lesson, Verb.OPENED, uuid7(), at)


def finish_lesson(
    *, person: Person, enrolment: Enrolment, lesson: UUID, event_id: UUID, at: datetime
) -> None:
    """Record that she finished a lesson. `event_id` is the form's own: sent twice it counts once. Safe to repeat.

    Refuses with `NotFound` a lesson of another course, and with `QuizNeedsAttempt` a quiz.
    """
    item = _record(person, enrolment, lesson, Verb.FINISHED, event_id, at)
    if item.code == QuizNeedsAttempt.code:
        raise QuizNeedsAttempt
    if item.code in {"enrolment_unknown", "lesson_not_in_course"}:
        raise NotFound


def _record(
    person: Person, enrolment: Enrolment, lesson: UUID, verb: Verb, event_id: UUID, at: datetime
) -> Item:
    event = {"id": event_id, "enrolment": enrolment.uuid, "lesson": lesson, "verb": verb.value}
    sent = {name: str(value) for name, value in event.items()} | {"occurred_at": at.isoformat()}
    device, items = read_batch({"device": DEVICE, "events": [sent]})
    record_events(person=person, device=device, items=items, received_at=at)
    return items[0]
