"""Telling people things. One event tells each of them at most once: the constraint `told_once`.

What leaves the platform is written down here as deliveries, and sent by learners/deliveries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from courses.reviewing.models import Review, ReviewState
from learners.certificates.models import Certificate, CertificateState
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import LearnersAlmostThere, LearnersFellSilent, LettersWaiting
from learners.help.models import HelpMessage, MessageKind
from learners.help.queries import answering
from learners.imports.models import Import
from learners.notifications.models import OUTWARD, Channel, Notification, NotificationKind
from learners.notifications.preferences import channels_for
from learners.support.queries import administrators_for
from lms.accounts.models import Person
from lms.events.services import publish
from lms.ids import uuid7
from lms.registrations.models import Registration
from lms.registrations.models import State as RegistrationState
from lms.sign_in.models import Session

WEEK: Final = timedelta(days=7)
# She is reminded after one, two and three weeks of silence, each time within the week that follows; then we stop.
NUDGES: Final = (WEEK, 2 * WEEK, 3 * WEEK)
# Where the morning's job did not run for days, two reminders must not come one right after the other.
BETWEEN_NUDGES: Final = timedelta(days=6)
ALMOST_THERE: Final = 80  # percent
# She is told when she has paused, not while she learns; and not when the first reminder is due instead.
PAUSED_FOR: Final = timedelta(days=2)
TOLD_AT_ONCE: Final = 1_000


@dataclass(frozen=True, order=True)
class Message:
    """Something to tell one person. `about` names it (80 characters); the same again tells her nothing new."""

    person_id: int
    about: str
    enrolment_id: int | None = None


# In one order, so that two workers who tell the same people wait for each other and never in a circle.
TELL: Final = """
WITH told AS (
    INSERT INTO notification (uuid, person_id, kind, about, enrolment_id, in_app, created_at)
    SELECT uuid, person_id, %s, about, enrolment_id, in_app, %s
      FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bigint[], %s::bool[])
        AS message (uuid, person_id, about, enrolment_id, in_app)
     ORDER BY person_id, about
    ON CONFLICT (person_id, kind, about) DO NOTHING
    RETURNING id, uuid
)
INSERT INTO notification_delivery (uuid, notification_id, channel, state, reason, due_at, attempts, doubts, parts,
                                   receipt, created_at)
SELECT delivery.uuid, told.id, delivery.channel, 'waiting', '', %s, 0, 0, 0, '', %s
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS delivery (uuid, message, channel)
  JOIN told ON told.uuid = delivery.message
 ORDER BY told.id
RETURNING id
"""


@transaction.atomic
def tell(*, kind: NotificationKind, messages: Iterable[Message], at: datetime) -> None:
    """Tell each person, by the channels on which she wants this kind, unless she was told already.

    Two statements however many, and one more where something leaves the platform. Safe to repeat.
    """
    asked = sorted(set(messages))
    wanted = channels_for(kind, {message.person_id for message in asked}) if asked else {}
    rows = [(uuid7(), message, wanted.get(message.person_id, set())) for message in asked]
    if rows := [row for row in rows if row[2]]:
        _write(kind, rows, at)


def _write(kind: NotificationKind, rows: Sequence[tuple[UUID, Message, set[Channel]]], at: datetime) -> None:
    messages = [
        (uuid, message.person_id, message.about, message.enrolment_id, Channel.IN_APP in channels)
        for uuid, message, channels in rows
    ]
    deliveries = [
        (uuid7(), uuid, channel.value)
        for uuid, _, channels in rows
        for channel in OUTWARD
        if channel in channels
    ]
    with connection.cursor() as cursor:
        cursor.execute(TELL, [kind, at, *_columns(messages, 5), at, at, *_columns(deliveries, 3)])
        if cursor.fetchone():
            publish(LettersWaiting(kind=kind))


def _columns(rows: Sequence[tuple[object, ...]], number: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(number)]


def tell_completed(*, enrolment_ids: Sequence[int], at: datetime) -> None:
    """Tell learners that they finished a course. Safe to repeat."""
    done = Enrolment.objects.filter(pk__in=enrolment_ids, state=EnrolmentState.COMPLETED)
    tell(
        kind=NotificationKind.COURSE_COMPLETED,
        messages=[
            Message(learner_id, f"enrolment:{id_}", id_)
            for id_, learner_id in done.values_list("id", "learner_id")
        ],
        at=at,
    )


def tell_ready(*, certificate_ids: Sequence[int], at: datetime) -> None:
    """Tell learners that their certificate can be opened. Not those whose it was revoked since. Safe to repeat."""
    _tell_of_certificates(NotificationKind.CERTIFICATE_READY, CertificateState.READY, certificate_ids, at)


def tell_revoked(*, certificate_ids: Sequence[int], at: datetime) -> None:
    """Tell learners that their certificate was taken back. Safe to repeat."""
    _tell_of_certificates(NotificationKind.CERTIFICATE_REVOKED, CertificateState.REVOKED, certificate_ids, at)


def _tell_of_certificates(
    kind: NotificationKind, state: CertificateState, certificate_ids: Sequence[int], at: datetime
) -> None:
    rows = Certificate.objects.filter(pk__in=certificate_ids, state=state)
    tell(
        kind=kind,
        messages=[
            Message(learner_id, f"certificate:{uuid}", enrolment_id)
            for uuid, learner_id, enrolment_id in rows.values_list(
                "uuid", "enrolment__learner_id", "enrolment_id"
            )
        ],
        at=at,
    )


def tell_confirmed(*, registration_ids: Sequence[int], at: datetime) -> None:
    """Tell women that their centre confirmed them. Safe to repeat."""
    rows = Registration.objects.filter(pk__in=registration_ids, state=RegistrationState.CONFIRMED)
    tell(
        kind=NotificationKind.REGISTRATION_CONFIRMED,
        messages=[
            Message(person_id, f"registration:{uuid}")
            for uuid, person_id in rows.values_list("uuid", "person_id")
        ],
        at=at,
    )


def tell_enrolled(*, enrolment_ids: Sequence[int], at: datetime) -> None:
    """Tell learners that they have a place on a course; not those who left it meanwhile. Safe to repeat."""
    rows = Enrolment.objects.filter(pk__in=enrolment_ids).exclude(state=EnrolmentState.WITHDRAWN)
    _tell_of_enrolments(NotificationKind.ENROLLED, rows, at)


def tell_almost_there(*, enrolment_ids: Sequence[int], at: datetime) -> None:
    """Tell learners that little is left of a course; not those who went on meanwhile. Safe to repeat."""
    _tell_of_enrolments(NotificationKind.ALMOST_THERE, _pausing(at).filter(pk__in=enrolment_ids), at)


def _tell_of_enrolments(kind: NotificationKind, rows: QuerySet[Enrolment], at: datetime) -> None:
    messages = [
        Message(learner_id, f"enrolment:{id_}", id_)
        for id_, learner_id in rows.values_list("id", "learner_id")
    ]
    tell(kind=kind, messages=messages, at=at)


def tell_new_device(*, session_ids: Sequence[int], at: datetime) -> None:
    """Tell people that someone signed in as them where they were signed in elsewhere already. Safe to repeat."""
    elsewhere = Session.objects.exclude(kind="demo").filter(
        person=OuterRef("person"), id__lt=OuterRef("id"), expires_at__gt=OuterRef("created_at")
    )
    rows = Session.objects.filter(Exists(elsewhere), pk__in=session_ids)
    messages = [
        Message(person_id, f"session:{uuid}") for uuid, person_id in rows.values_list("uuid", "person_id")
    ]
    tell(kind=NotificationKind.NEW_DEVICE, messages=messages, at=at)


def tell_import_done(*, import_ids: Sequence[int], at: datetime) -> None:
    """Tell staff that the list they sent came to its end, whichever. Safe to repeat."""
    rows = Import.objects.filter(pk__in=import_ids, finished_at__isnull=False)
    messages = [Message(by_id, f"import:{uuid}") for uuid, by_id in rows.values_list("uuid", "by_id")]
    tell(kind=NotificationKind.IMPORT_DONE, messages=messages, at=at)


def tell_draft_decided(*, review_ids: Sequence[int], at: datetime) -> None:
    """Tell who submitted a draft that it was approved or returned; once for each decision. Safe to repeat."""
    rows = Review.objects.filter(pk__in=review_ids).exclude(state=ReviewState.SUBMITTED)
    messages = [
        Message(by_id, f"review:{uuid}:{'returned' if state == ReviewState.RETURNED else 'approved'}")
        for uuid, by_id, state in rows.values_list("uuid", "submitted_by_id", "state")
    ]
    tell(kind=NotificationKind.DRAFT_DECIDED, messages=messages, at=at)


def tell_support_asked(*, request_ids: Sequence[int], at: datetime) -> None:
    """Tell those who answer for her centre that a woman wants support; not once someone took it. Safe to repeat."""
    asked = administrators_for(request_ids, at=at)
    messages = [Message(person_id, f"support:{request.uuid}") for person_id, request in asked]
    tell(kind=NotificationKind.SUPPORT_ASKED, messages=messages, at=at)


def tell_help_asked(*, thread_ids: Sequence[int], at: datetime) -> None:
    """Tell her centre that a woman waits, once for each time of waiting; not once she was answered. Safe to repeat."""
    messages = [
        Message(person_id, f"help:{thread.uuid}:{thread.waiting_since:%Y%m%d%H%M%S}")
        for person_id, thread in answering(thread_ids, at=at)
    ]
    tell(kind=NotificationKind.HELP_ASKED, messages=messages, at=at)


def tell_help_answered(*, message_ids: Sequence[int], at: datetime) -> None:
    """Tell her that she was answered. Safe to repeat."""
    rows = HelpMessage.objects.filter(pk__in=message_ids, kind=MessageKind.ANSWER)
    found = rows.values_list("uuid", "thread__enrolment__learner_id", "thread__enrolment_id")
    messages = [Message(learner_id, f"help:{uuid}", enrolment_id) for uuid, learner_id, enrolment_id in found]
    tell(kind=NotificationKind.HELP_ANSWERED, messages=messages, at=at)


def nudge(*, enrolment_ids: Sequence[int], at: datetime) -> None:
    """Remind learners of a course they left one, two or three weeks ago; not those who came back. Safe to repeat."""
    rows = _silent(at).filter(pk__in=enrolment_ids).values_list("id", "learner_id", "last_active_at")
    messages = [
        Message(learner_id, f"enrolment:{id_}:{_silence(last_active_at, at)}", id_)
        for id_, learner_id, last_active_at in rows
    ]
    tell(kind=NotificationKind.NUDGE, messages=messages, at=at)


def _silence(since: datetime, at: datetime) -> str:
    """Names a silence by its first day, since a later one is another, and its later turns by their days."""
    turn = (at - since) // WEEK * WEEK.days
    return f"{timezone.localdate(since)}:{turn}" if turn > WEEK.days else f"{timezone.localdate(since)}"


@transaction.atomic
def find_silent(*, at: datetime) -> int:
    """Say which learners are to be reminded of a course now; returns how many. Safe to repeat.

    Each turn is looked for over a whole week, so that nobody is missed when this did not run for some days.
    """
    due = Q()
    for turn in NUDGES:
        due |= _due(turn, at)
    just_reminded = _nudges().filter(created_at__gt=at - BETWEEN_NUDGES)
    return _say(LearnersFellSilent, _silent(at).filter(due, ~Exists(just_reminded)))


def _due(turn: timedelta, at: datetime) -> Q:
    """Whose turn it is; a later one only follows an earlier one, since it would come out of the blue."""
    within = Q(last_active_at__lte=at - turn, last_active_at__gt=at - turn - WEEK)
    due = Q(within, ~Exists(_nudges().filter(created_at__gte=OuterRef("last_active_at") + turn)))
    followed = _nudges().filter(created_at__gt=OuterRef("last_active_at"))
    return due if turn == WEEK else Q(due, Exists(followed))


def _nudges() -> QuerySet[Notification]:
    return Notification.objects.filter(enrolment=OuterRef("pk"), kind=NotificationKind.NUDGE)


@transaction.atomic
def find_almost_there(*, at: datetime) -> int:
    """Say which learners paused shortly before the end and were not told yet; returns how many. Safe to repeat."""
    told = Notification.objects.filter(enrolment=OuterRef("pk"), kind=NotificationKind.ALMOST_THERE)
    return _say(LearnersAlmostThere, _pausing(at).filter(~Exists(told)))


def _say(fact: type[LearnersFellSilent | LearnersAlmostThere], rows: QuerySet[Enrolment]) -> int:
    ids = list(rows.order_by("id").values_list("id", flat=True))
    starts = range(0, len(ids), TOLD_AT_ONCE)
    publish(*(fact(enrolment_ids=ids[start : start + TOLD_AT_ONCE]) for start in starts))
    return len(ids)


def _silent(at: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(
        state=EnrolmentState.ACTIVE,
        last_active_at__lte=at - WEEK,
        last_active_at__gt=at - NUDGES[-1] - WEEK,
        learner__is_active=True,
    )


def _pausing(at: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(
        state=EnrolmentState.ACTIVE,
        percent__gte=ALMOST_THERE,
        last_active_at__lte=at - PAUSED_FOR,
        last_active_at__gt=at - WEEK,
        learner__is_active=True,
    )


def mark_read(*, notification: Notification, at: datetime) -> Notification:
    """She has seen it; the first time counts. Safe to repeat."""
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=at)
    notification.refresh_from_db(fields=["read_at"])
    return notification


def mark_all_read(*, person: Person, notifications: Iterable[Notification], at: datetime) -> None:
    """She has seen these of hers; the first time counts. At most one statement. Safe to repeat."""
    unread = [row.pk for row in notifications if row.read_at is None]
    if unread:
        Notification.objects.filter(person=person, pk__in=unread, read_at=None).update(read_at=at)
