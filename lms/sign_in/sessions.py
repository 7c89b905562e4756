"""Sessions: a key that only the device holds, a row that ends when we say so.

How long a session lives without being used; each use begins the time anew, up to a year after it was opened:

  an app                     30 days: gaps of days without network must not cost a message
  her own browser            30 days, for the same reason (by a code, her card or a passkey)
  staff browser, password    12 hours: names of women stand on these screens
  a shared device            12 hours
  nobody yet                 1 hour: proves a number for a registration, and nothing else
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import QuerySet

from lms import sealing
from lms.accounts.indexes import phone_index
from lms.accounts.models import Person
from lms.ids import uuid7
from lms.sign_in.models import AuthEvent, Session
from lms.sign_in.queries import key_hash

Kind = Literal["browser", "app", "demo"]

LONG: Final = timedelta(days=30)
WORKING_DAY: Final = timedelta(hours=12)
TO_REGISTER: Final = timedelta(hours=1)
AT_MOST: Final = timedelta(days=365)
SEEN_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Device:
    """Where she signs in: through an app or a browser, what she calls it, and whether others use it too."""

    kind: Kind = "app"
    name: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Opened:
    """A new session and its key, which is told once and never stored."""

    token: str
    session: Session


def start_session(
    *,
    person: Person | None,
    device: Device,
    at: datetime,
    number: str = "",
    by_key: bool = False,
    lifetime: timedelta | None = None,
    proven_at: datetime | None = None,
) -> Opened:
    """Open a session under a new key. `number` (E.164) is what was proven; without a person it may only register.

    `by_key`: a card with its PIN, or a passkey. `proven_at`: when she showed that it is she, where not just now.
    """
    token, uuid = secrets.token_urlsafe(32), uuid7()
    session = Session.objects.create(
        uuid=uuid,
        key_hash=key_hash(token),
        person=person,
        phone_index=phone_index(number) if number else None,
        phone=sealing.seal(number, table="session", column="phone", row=uuid),
        kind=device.kind,
        device_name=device.name,
        shared_device=device.shared,
        created_at=at,
        last_seen=at,
        expires_at=at + (lifetime or _lifetime(person, device, long=bool(number) or by_key)),
        proven_at=proven_at or at,
    )
    return Opened(token, session)


def _lifetime(person: Person | None, device: Device, *, long: bool) -> timedelta:
    if person is None:
        return TO_REGISTER
    if device.shared or (device.kind == "browser" and not long):
        return WORKING_DAY
    return LONG


def device_of(session: Session) -> Device:
    """The device again, for a session that replaces this one."""
    return Device(kind=session.kind, name=session.device_name, shared=session.shared_device)  # type: ignore[arg-type]  # the column's choices


def proven_number(session: Session) -> str:
    """The number (E.164) that was proven when the session was opened, or nothing."""
    return sealing.unseal(session.phone, table="session", column="phone", row=session.uuid)


def mark_seen(session: Session, *, at: datetime) -> None:
    """Begin the session's time anew, at most every ten minutes: one statement then, none otherwise."""
    if session.person_id is None or at - session.last_seen < SEEN_EVERY:
        return
    idle = session.expires_at - session.last_seen
    expires_at = min(at + idle, max(session.created_at + AT_MOST, session.expires_at))
    Session.objects.filter(pk=session.pk, last_seen=session.last_seen).update(
        last_seen=at, expires_at=expires_at
    )


def devices_of(person: Person, *, at: datetime) -> QuerySet[Session]:
    """Where she is signed in now."""
    return Session.objects.filter(person=person, expires_at__gt=at)


def end_sessions(sessions: QuerySet[Session], *, person: Person, at: datetime) -> int:
    """End these; the next request with their keys is nobody's. Safe to repeat."""
    ended, _ = sessions.delete()
    if ended:
        AuthEvent.objects.create(person=person, kind="signed_out", at=at)
    return ended
