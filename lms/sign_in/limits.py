"""How often the door may be knocked at: counted atomically, answered with a wait, never with a lock-out.

Every attempt is counted before it is judged and given back when it succeeds, so what stays counted are failures
(and requests for codes), and a thousand at once cannot slip past together. Above a limit somebody is still served
in every slot of some seconds; the slot grows with what was counted above the limit.

Windows are whole hours (ten minutes for everyone together) by our clock, in PostgreSQL, so they hold across
processes and restarts. Counting is durable: a later refusal does not roll it back.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.indexes import email_index, phone_index
from lms.accounts.models import Person
from lms.errors import Refusal
from lms.organisations.queries import is_registered_network
from lms.sign_in.addresses import UNKNOWN, address_key
from lms.sign_in.models import AuthEvent

log = logging.getLogger(__name__)


class TooManyTries(Refusal):
    code = "too_many_tries"
    status = 429
    message = _("Too many tries just now. Wait a little and try again.")


@dataclass(frozen=True)
class Limit:
    """`most` in a window; above it `per_slot` are served in each slot, which lasts up to `longest_wait` seconds."""

    name: str
    most: int
    window: timedelta = timedelta(hours=1)
    per_slot: int = 1
    longest_wait: int = 64
    step: int = 10  # the slot doubles each time so many more were counted


CODES_OF_ADDRESS: Final = Limit("codes", most=60)
FAILURES_OF_ADDRESS: Final = Limit("failures", most=60)
FAILURES_OF_ACCOUNT: Final = Limit("account", most=10, step=2)
PINS_OF_PERSON: Final = Limit("pin", most=10, step=2)
REGISTRATIONS_OF_NUMBER: Final = Limit("number", most=10, step=2)
FAILURES_OF_ALL: Final = Limit(
    "everywhere", most=1_000, window=timedelta(minutes=10), per_slot=20, longest_wait=2, step=10_000
)
BY_ADDRESS: Final = frozenset({CODES_OF_ADDRESS, FAILURES_OF_ADDRESS})


@dataclass(frozen=True)
class Counted:
    """One limit for one subject: the text under which it is counted, without any address or number in it."""

    limit: Limit
    subject: str
    address: str = ""

    @property
    def key(self) -> str:
        return f"{self.limit.name}:{self.subject}"


def of_address(limit: Limit, address: str) -> Counted:
    return Counted(limit, address_key(address), address)


def of_account(email: str) -> Counted:
    """The same for known and unknown addresses."""
    return Counted(FAILURES_OF_ACCOUNT, email_index(email).hex()[:32])


def of_number(limit: Limit, number: str) -> Counted:
    return Counted(limit, phone_index(number).hex()[:32])


def of_person(limit: Limit, person: Person) -> Counted:
    return Counted(limit, str(person.pk))


EVERYONE: Final = Counted(FAILURES_OF_ALL, "")


@dataclass(frozen=True)
class Attempt:
    """What was counted for one attempt."""

    counted: tuple[Counted, ...]
    at: datetime

    def forgive(self) -> None:
        """It was no failure after all: count it back."""
        with connection.cursor() as cursor:
            for one in self.counted:
                cursor.execute(
                    'UPDATE rate_bucket SET count = count - 1 WHERE key = %s AND "window" = %s AND count > 0',
                    [one.key, _start(self.at, one.limit.window)],
                )


def begin(*counted: Counted, at: datetime) -> Attempt:
    """Count an attempt everywhere it counts; above a limit `too_many_tries` (429, `Retry-After`) or its slot.

    Must stand outside any transaction, which it checks.
    """
    attempt = Attempt(counted, at)
    with transaction.atomic(durable=True):
        counts = _count([(one.key, _start(at, one.limit.window)) for one in counted])
    over = [(one, count) for one, count in zip(counted, counts, strict=True) if count > one.limit.most]
    waits = [wait for one, count in over if (wait := _wait(one, count - one.limit.most, at))]
    if waits:
        attempt.forgive()
        raise TooManyTries(retry_after=max(waits))
    return attempt


def _wait(one: Counted, above: int, at: datetime) -> int:
    """Seconds until the next slot, or 0 where this attempt has one."""
    if one.limit in BY_ADDRESS and one.address != UNKNOWN and is_registered_network(one.address):
        return 0
    if one == EVERYONE:
        _raise_alarm(at)
    seconds = min(2 ** (1 + above // one.limit.step), one.limit.longest_wait)
    slot = _start(at, timedelta(seconds=seconds))
    with transaction.atomic(durable=True):
        [taken] = _count([(f"{one.key}:slot{seconds}", slot)])
    left = (slot + timedelta(seconds=seconds) - at).total_seconds()
    return 0 if taken <= one.limit.per_slot else max(1, round(left))


def _raise_alarm(at: datetime) -> None:
    """Once in a window: someone tries doors all over the country."""
    with transaction.atomic(durable=True):
        [rung] = _count([("alarm:everywhere", _start(at, FAILURES_OF_ALL.window))])
        if rung == 1:
            AuthEvent.objects.create(kind="too_many_failures", at=at)
            log.error("more than %d failed sign-ins in ten minutes", FAILURES_OF_ALL.most)


def _count(buckets: Sequence[tuple[str, datetime]]) -> list[int]:
    """Add one to each bucket in one statement; the counts in the order given."""
    rows = ", ".join(["(%s, %s, 1)"] * len(buckets))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO rate_bucket (key, "window", count) VALUES {rows} '  # noqa: S608  # placeholders only
            'ON CONFLICT (key, "window") DO UPDATE SET count = rate_bucket.count + 1 RETURNING key, count',
            [value for bucket in buckets for value in bucket],
        )
        counts: dict[str, int] = dict(cursor.fetchall())
    return [counts[key] for key, _window in buckets]


def _start(at: datetime, window: timedelta) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)
