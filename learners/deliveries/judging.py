"""Whether a message may still go, asked again at the moment of sending: meanwhile she may have changed her mind, left,
moved to a place where a message is a danger, or the news may have become old.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from learners.certificates.models import Certificate, CertificateState
from learners.enrolments.models import EnrolmentState
from learners.notifications.models import (
    Channel,
    DeliveryState,
    Notification,
    NotificationDelivery,
    NotificationKind,
)
from learners.notifications.preferences import choices_of
from learners.notifications.quiet import day_begins, next_day, quiet_of
from lms.accounts.models import Identity, Person
from lms.accounts.services import is_confidential

# On one day of hers; what comes on top waits for the next morning.
A_DAY: Final[Mapping[str, int]] = {Channel.EMAIL: 10, Channel.SMS: 3}


@dataclass(frozen=True)
class Verdict:
    """Not at all (`reason`), not before `due_at`, or now; and whether in neutral words."""

    due_at: datetime
    reason: str = ""
    neutral: bool = True


def judge(delivery: NotificationDelivery, *, at: datetime) -> Verdict:
    """What is to become of a delivery. Up to six statements."""
    person = delivery.notification.person
    identity = identity_of(person)
    if not person.is_active or identity is None:
        return Verdict(at, "account_closed")
    if not _address(identity, delivery.channel):
        return Verdict(at, "no_address")
    confidential = is_confidential(person.home_organisation)
    kind, channel = NotificationKind(delivery.notification.kind), Channel(delivery.channel)
    if not choices_of(person)[kind].wants(kind, channel, confidential=confidential):
        return Verdict(at, "not_asked" if confidential else "switched_off")
    if not STILL_TRUE.get(kind, _always)(delivery.notification):
        return Verdict(at, "no_longer_true")
    neutral = person.discreet or confidential or (channel == Channel.SMS and _shared(identity))
    if neutral and channel == Channel.EMAIL and not settings.EMAIL_FROM_NEUTRAL:
        return Verdict(at, "no_neutral_sender")
    return Verdict(_due_at(delivery, at), neutral=neutral)


def identity_of(person: Person) -> Identity | None:
    return getattr(person, "identity", None)


def _address(identity: Identity, channel: str) -> object:
    return identity.email_index if channel == Channel.EMAIL else identity.phone_index


def _shared(identity: Identity) -> bool:
    """Whether somebody else has this number too: who reads an SMS on it is not known."""
    others = Identity.objects.filter(phone_index=identity.phone_index).exclude(pk=identity.pk)
    return others.exists()


def _due_at(delivery: NotificationDelivery, at: datetime) -> datetime:
    quiet = quiet_of(delivery.notification.person)
    full = _sent_today(delivery, at) >= A_DAY[delivery.channel]
    return quiet.next_loud(next_day(at) if full else at)


def _sent_today(delivery: NotificationDelivery, at: datetime) -> int:
    rows = NotificationDelivery.objects.filter(
        notification__person=delivery.notification.person,
        channel=delivery.channel,
        state__in=(DeliveryState.SENDING, DeliveryState.DELIVERED),
        claimed_at__gte=day_begins(at),
    )
    return rows.exclude(pk=delivery.pk).count()


def _always(_notification: Notification) -> bool:
    return True


def _still_enrolled(notification: Notification) -> bool:
    enrolment = notification.enrolment
    return enrolment is None or enrolment.state != EnrolmentState.WITHDRAWN


def _still_silent(notification: Notification) -> bool:
    """She has neither come back nor finished nor left since we thought of reminding her."""
    enrolment = notification.enrolment
    if enrolment is None:
        return True
    return enrolment.state == EnrolmentState.ACTIVE and enrolment.last_active_at <= notification.created_at


def _certificate_in(state: CertificateState) -> Callable[[Notification], bool]:
    def still(notification: Notification) -> bool:
        uuid = notification.about.partition(":")[2]
        return Certificate.objects.filter(uuid=uuid, state=state).exists()

    return still


STILL_TRUE: Final[Mapping[NotificationKind, Callable[[Notification], bool]]] = {
    NotificationKind.ENROLLED: _still_enrolled,
    NotificationKind.NUDGE: _still_silent,
    NotificationKind.ALMOST_THERE: _still_silent,
    NotificationKind.CERTIFICATE_READY: _certificate_in(CertificateState.READY),
    NotificationKind.CERTIFICATE_REVOKED: _certificate_in(CertificateState.REVOKED),
}
