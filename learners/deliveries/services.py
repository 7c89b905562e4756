"""Sending what waits to leave the platform, one message after the other.

Each is claimed before it is sent, in a transaction of its own, so that whatever happens afterwards is known to have
been possible. A worker also holds a lock of its session on the row: while it lives nobody else touches it, and when
it dies the lock goes with it. What it left in the state `sending` may or may not have gone; it is sent once more
under the same reference, and `doubts` says so. After a second doubt it is left to an operator.
"""

import logging
import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from learners.deliveries.judging import identity_of, judge
from learners.deliveries.letters import letter_for, short_message_for
from learners.events import LettersWaiting
from learners.notifications.models import Channel, DeliveryState, NotificationDelivery
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.events.services import publish
from lms.messages.mail import send_letter
from lms.messages.outcomes import Away, Doubtful, NotSent, Receipt, Refused, Undelivered
from lms.messages.sms import gateway

log = logging.getLogger(__name__)

STEP_SECONDS: Final = 10.0
LOOKED_AT_ONCE: Final = 50
# Half a minute, then twice as long each time up to an hour: together more than six hours.
FIRST_WAIT: Final = 30.0
LONGEST_WAIT: Final = 3_600.0
ATTEMPTS_AT_MOST: Final = 12
DOUBTS_AT_MOST: Final = 1
# The first of two numbers of an advisory lock; the second is the row's.
LOCKS: Final = 1_279_607_892


def send_waiting(*, at: datetime) -> None:
    """Send what is due, for about ten seconds; if more is left, say so again. Safe to repeat, and side by side.

    A gateway or a mail server that is away is left alone until the next call: it costs one message one attempt.
    """
    until, away = time.monotonic() + STEP_SECONDS, set[str]()
    while ids := _due(at, without=away):
        attended = 0
        for id_ in ids:
            if time.monotonic() > until:
                _say_that_more_waits()
                return
            with _alone_with(id_) as alone:
                delivery = _read(id_, at) if alone else None
                if delivery and delivery.channel not in away:
                    attended += 1
                    if not _attend(delivery, at):
                        away.add(delivery.channel)
        if not attended:
            return  # others are at all of them


@transaction.atomic
def _say_that_more_waits() -> None:
    publish(LettersWaiting(kind="due"))


@transaction.atomic
def find_waiting(*, at: datetime) -> bool:
    """Say that something is due, if it is: quiet hours are over, or a gateway is tried again. Safe to repeat."""
    if due := bool(_due(at)):
        publish(LettersWaiting(kind="due"))
    return due


def _due(at: datetime, *, without: Collection[str] = ()) -> list[int]:
    rows = NotificationDelivery.objects.filter(ended_at=None, due_at__lte=at).exclude(channel__in=without)
    return list(rows.order_by("due_at", "id").values_list("id", flat=True)[:LOOKED_AT_ONCE])


@contextmanager
def _alone_with(id_: int) -> Iterator[bool]:
    """Whether no other worker that lives is at this delivery."""
    lock = [LOCKS, id_ % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock)
        [alone] = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            _let_go(lock)


def _let_go(lock: list[int]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", lock)
    except BaseException:
        connection.close()  # whatever it was, the lock must not outlive the work
        raise


def _read(id_: int, at: datetime) -> NotificationDelivery | None:
    """The delivery with everything about it, if it is still due. One statement."""
    rows = NotificationDelivery.objects.filter(pk=id_, ended_at=None, due_at__lte=at)
    return rows.select_related(
        "notification__person__identity",
        "notification__person__home_organisation__centre_type",
        "notification__enrolment__course",
        "notification__enrolment__publication",
    ).first()


def _attend(delivery: NotificationDelivery, at: datetime) -> bool:
    """Bring one delivery a step further; False if what it goes through is away."""
    if delivery.state == DeliveryState.SENDING and not _take_over(delivery, at):
        return True
    verdict = judge(delivery, at=at)
    if verdict.reason:
        _end(delivery, DeliveryState.SUPPRESSED, at, reason=verdict.reason)
    elif verdict.due_at > at:
        _conclude(delivery, due_at=verdict.due_at)
    elif _claim(delivery, at):
        return _send(delivery, at, neutral=verdict.neutral)
    return True


def _take_over(delivery: NotificationDelivery, at: datetime) -> bool:
    """Its worker died while it was sending: count the doubt; False if that is the end of it."""
    delivery.doubts += 1
    if delivery.doubts > DOUBTS_AT_MOST:
        _end(delivery, DeliveryState.FAILED, at, reason="interrupted", doubts=delivery.doubts)
        return False
    return _conclude(delivery, state=DeliveryState.WAITING, doubts=delivery.doubts)


def _claim(delivery: NotificationDelivery, at: datetime) -> bool:
    """Write down, before anything leaves, that it is leaving; False if another worker was faster."""
    return _conclude(
        delivery, state=DeliveryState.SENDING, claimed_at=at, attempts=delivery.attempts + 1, reason=""
    )


def _send(delivery: NotificationDelivery, at: datetime, *, neutral: bool) -> bool:
    """Hand it over and write down what became of it; False if what it goes through is away."""
    try:
        receipt = _hand_over(delivery, at, neutral=neutral)
    except NotSent as failure:
        _fail_or_wait(delivery, failure, at, last=delivery.attempts >= ATTEMPTS_AT_MOST)
        return not isinstance(failure, Away)
    except Doubtful as failure:
        delivery.doubts += 1
        _fail_or_wait(delivery, failure, at, last=delivery.doubts > DOUBTS_AT_MOST)
    except Refused as failure:
        _fail_or_wait(delivery, failure, at, last=True)
    else:
        _end(delivery, DeliveryState.DELIVERED, at, receipt=receipt.reference[:120], parts=receipt.parts)
    return True


def _hand_over(delivery: NotificationDelivery, at: datetime, *, neutral: bool) -> Receipt:
    """Write the message and have one exchange about it with the mail server or the gateway."""
    exchange = _written(delivery, at, neutral=neutral)
    try:
        return exchange()
    except Undelivered:
        raise
    except OSError as error:
        raise Away(type(error).__name__) from error
    except Exception as error:
        log.error("a message was handed over and then: %s", type(error).__name__)
        raise Doubtful(type(error).__name__) from error


def _written(delivery: NotificationDelivery, at: datetime, *, neutral: bool) -> Callable[[], Receipt]:
    """The exchange, ready to begin. One message that cannot be written must not hold up all the others."""
    try:
        if delivery.channel == Channel.EMAIL:
            return _by_mail(delivery, neutral=neutral)
        return _by_sms(delivery, at, neutral=neutral)
    except Exception as error:
        log.error("a message could not be written: %s", type(error).__name__)
        raise Refused(type(error).__name__) from error


def _by_mail(delivery: NotificationDelivery, *, neutral: bool) -> Callable[[], Receipt]:
    letter = letter_for(delivery.notification, neutral=neutral)
    to, reference = _address(delivery, "email"), str(delivery.uuid)
    return lambda: send_letter(to=to, letter=letter, reference=reference, neutral=neutral)


def _by_sms(delivery: NotificationDelivery, at: datetime, *, neutral: bool) -> Callable[[], Receipt]:
    text = short_message_for(delivery.notification, neutral=neutral)
    to, reference = _address(delivery, "phone"), str(delivery.uuid)
    return lambda: gateway().send(to=to, text=text, at=at, reference=reference, neutral=neutral)


def _address(delivery: NotificationDelivery, column: str) -> str:
    identity = identity_of(delivery.notification.person)
    return identity.read(column) if identity else ""


def _fail_or_wait(delivery: NotificationDelivery, failure: Undelivered, at: datetime, *, last: bool) -> None:
    known = {"reason": failure.reason, "doubts": delivery.doubts}
    if last:
        _end(delivery, DeliveryState.FAILED, at, **known)
    else:
        _conclude(delivery, state=DeliveryState.WAITING, due_at=at + back_off(delivery.attempts), **known)


def back_off(attempts: int) -> timedelta:
    """30 s, 1, 2, 4 … 60 minutes, each stretched by up to a half so that a storm spreads out."""
    wait = min(FIRST_WAIT * 2.0 ** (attempts - 1), LONGEST_WAIT)
    return timedelta(seconds=wait * random.uniform(1.0, 1.5))  # noqa: S311  # jitter


def _end(delivery: NotificationDelivery, state: DeliveryState, at: datetime, **known: object) -> None:
    _conclude(delivery, state=state, ended_at=at, **known)


@transaction.atomic
def _conclude(delivery: NotificationDelivery, **changes: object) -> bool:
    """Write a step down, if the delivery still stands where we left it; False if it does not, or is gone."""
    mine = NotificationDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, claimed_at=delivery.claimed_at, ended_at=None
    )
    for name, value in changes.items():
        setattr(delivery, name, value)
    return bool(mine.update(**changes))


@transaction.atomic
def replay(*, delivery: NotificationDelivery, by: Person, at: datetime) -> NotificationDelivery:
    """Give a failed message a new life, due now; whether it may still go is judged again. Safe to repeat.

    One that has not failed stays as it is.
    """
    delivery = (
        NotificationDelivery.objects.select_for_update(of=("self",))
        .select_related("notification")
        .get(pk=delivery.pk)
    )
    if delivery.state == DeliveryState.FAILED:
        delivery.state, delivery.reason, delivery.due_at = DeliveryState.WAITING, "", at
        delivery.attempts, delivery.doubts = 0, 0
        delivery.claimed_at = delivery.ended_at = None
        delivery.save()
        record_change(actor=by, verb="message.replay", subject=f"message:{delivery.uuid}", at=at)
        publish(LettersWaiting(kind=delivery.notification.kind))
    return delivery
