"""Telling people things in the app. One event tells each of them at most once: the constraint `told_once`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from learners.certificates.models import Certificate, CertificateState
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import LearnersFellSilent
from learners.notifications.models import Notification, NotificationKind, NotificationPreference
from lms.accounts.models import Person
from lms.events.services import publish
from lms.registrations.models import Registration
from lms.registrations.models import State as RegistrationState

NUDGE_AFTER = timedelta(days=7)
# Later than this a first nudge would come out of the blue: she stopped long before we noticed.
NUDGE_UNTIL = timedelta(days=14)
TOLD_AT_ONCE = 1_000


@dataclass(frozen=True, order=True)
class Message:
    """Something to tell one person. `about` names it (80 characters); the same again tells her nothing new."""

    person_id: int
    about: str
    enrolment_id: int | None = None


@transaction.atomic
def tell(*, kind: NotificationKind, messages: Iterable[Message], at: datetime) -> None:
    """Put a notification before each person, unless she has it already or does not want this kind.

    Two statements, and one more for every thousand messages. Safe to repeat.
    """
    wanted = _wanted(kind, messages)
    # In one order, so that two workers who tell the same people wait for each other and never in a circle.
    rows = [
        Notification(
            person_id=message.person_id,
            kind=kind,
            about=message.about,
            enrolment_id=message.enrolment_id,
            created_at=at,
        )
        for message in sorted(wanted)
    ]
    Notification.objects.bulk_create(rows, batch_size=TOLD_AT_ONCE, ignore_conflicts=True)


def _wanted(kind: NotificationKind, messages: Iterable[Message]) -> set[Message]:
    asked = set(messages)
    switched_off = NotificationPreference.objects.filter(
        kind=kind, in_app=False, person_id__in={message.person_id for message in asked}
    )
    silenced = set(switched_off.values_list("person_id", flat=True)) if asked else set()
    return {message for message in asked if message.person_id not in silenced}


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


def nudge(*, enrolment_ids: Sequence[int], at: datetime) -> None:
    """Remind learners of a course they left a week ago; not those who came back meanwhile. Safe to repeat."""
    rows = _silent(at).filter(pk__in=enrolment_ids).values_list("id", "learner_id", "last_active_at")
    tell(
        kind=NotificationKind.NUDGE,
        messages=[
            # The day is part of it: a later silence is another one, and she is reminded again.
            Message(learner_id, f"enrolment:{id_}:{timezone.localdate(last_active_at)}", id_)
            for id_, learner_id, last_active_at in rows
        ],
        at=at,
    )


@transaction.atomic
def find_silent(*, at: datetime) -> int:
    """Say which learners have sent nothing for a week and were not reminded yet; returns how many. Safe to repeat.

    Looks back over a second week, so that nobody is missed when this did not run for some days.
    """
    reminded = Notification.objects.filter(
        enrolment=OuterRef("pk"), kind=NotificationKind.NUDGE, created_at__gt=OuterRef("last_active_at")
    )
    silent = _silent(at).filter(~Exists(reminded), last_active_at__gt=at - NUDGE_UNTIL)
    ids = list(silent.order_by("id").values_list("id", flat=True))
    starts = range(0, len(ids), TOLD_AT_ONCE)
    publish(*(LearnersFellSilent(enrolment_ids=ids[start : start + TOLD_AT_ONCE]) for start in starts))
    return len(ids)


def _silent(at: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(
        state=EnrolmentState.ACTIVE, last_active_at__lte=at - NUDGE_AFTER, learner__is_active=True
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


def choose(*, person: Person, in_app: Mapping[NotificationKind, bool]) -> None:
    """Set for which kinds she wants to be told in the app; the kinds not named stay as they are. Safe to repeat."""
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(person=person, kind=kind, in_app=wanted) for kind, wanted in in_app.items()],
        update_conflicts=True,
        unique_fields=["person", "kind"],
        update_fields=["in_app"],
    )
