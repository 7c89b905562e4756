"""Centre-printed cards: a square with 128 random bits, twelve digits beside it, and a PIN that only she knows.

What stands on a card is shown once, to whoever prints it, and kept nowhere. The PIN is her own one (`Person.pin`), the
same that chooses her on a shared number: one thing to remember. It is written by herself before the card opens
anything, so that a card that is lost on its way opens nothing.

Guesses are counted before they are judged, by one statement in a transaction of its own: five in an hour, and after
twenty without a right one the card is dead until her centre sets it free. An unknown, revoked, resting or dead card
and a wrong PIN hear the same after the same work.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms import keys
from lms.accounts.models import Person
from lms.accounts.pins import pin_matches, seal_pin, western_digits
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish
from lms.sign_in import limits
from lms.sign_in.events import SignedIn
from lms.sign_in.models import AuthEvent, Card
from lms.sign_in.sessions import Device, Opened, start_session

TOKEN_BYTES: Final = 16
DIGITS: Final = 12
TRIES: Final = 5
WINDOW: Final = timedelta(hours=1)
DEAD_AT: Final = 20


class CardWrong(Refusal):
    """Whatever is wrong: the card, the PIN, or that it was tried too often."""

    code = "card_wrong"
    status = 401
    message = _("This card or this PIN is not right. After five tries wait one hour, or ask at your centre.")


class NotALearner(Refusal):
    """A card never opens the account of someone who works here: staff have a password and a second proof."""

    code = "not_a_learner"
    message = _("A card is for learners. Staff sign in by e-mail.")


@dataclass(frozen=True)
class Printed:
    """What is printed, once: `token` is in the square, `number` (twelve digits) beside it."""

    card: Card
    token: str
    number: str

    @property
    def address(self) -> str:
        """What the square says. Behind `#` nothing leaves the phone: the token stands in no log of a server."""
        return f"{settings.PUBLIC_URL}/sign-in/card#{self.token}"

    @property
    def grouped(self) -> str:
        return " ".join(self.number[start : start + 3] for start in range(0, DIGITS, 3))


@transaction.atomic
def issue_card(*, person: Person, by: Person, at: datetime) -> Printed:
    """Make her a card; the one she had opens nothing from now on. Refusals: `not_a_learner`."""
    if person.memberships.exists():
        raise NotALearner
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _revoke(person, at)
    token, number = secrets.token_urlsafe(TOKEN_BYTES), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    card = Card.objects.create(
        person=person,
        token_hash=_token_hash(token),
        number_index=_number_index(number),
        issued_by=by,
        created_at=at,
    )
    _note(person, by, "card.issued", at)
    return Printed(card, token, number)


@transaction.atomic
def revoke_card(*, person: Person, by: Person, at: datetime) -> None:
    """Lost or copied: it opens nothing any more. Safe to repeat."""
    if _revoke(person, at):
        _note(person, by, "card.revoked", at)


@transaction.atomic
def free_card(*, person: Person, by: Person, at: datetime) -> None:
    """She is here with her card: after too many tries it takes her PIN again. Safe to repeat."""
    freed = Card.objects.filter(person=person, revoked_at=None).update(
        failures=0, window_tries=0, window_at=None
    )
    if freed:
        _note(person, by, "card.freed", at)


def _revoke(person: Person, at: datetime) -> int:
    return Card.objects.filter(person=person, revoked_at=None).update(revoked_at=at)


def _note(person: Person, by: Person, verb: str, at: datetime) -> None:
    record_change(actor=by, verb=verb, subject=f"person:{person.uuid}", at=at, fields=["card"])
    AuthEvent.objects.create(person=person, kind=verb.replace(".", "_"), at=at)


def sign_in_with_card(*, card: str, pin: str, device: Device, address: str, at: datetime) -> Opened:
    """Open a session by what stands on a card (the token of its square, or its twelve digits) and her PIN.

    Refusals: 401 `card_wrong`, 429 `too_many_tries`. Must stand outside a transaction.
    """
    attempt = limits.begin(limits.of_address(limits.FAILURES_OF_ADDRESS, address), limits.EVERYONE, at=at)
    person = _judge(card, pin, at)
    attempt.forgive()
    with transaction.atomic():
        opened = start_session(person=person, device=device, by_key=True, at=at)
        AuthEvent.objects.create(person=person, kind="signed_in_by_card", at=at)
        publish(SignedIn(session_id=opened.session.pk))
    return opened


COUNT: Final = """
UPDATE card SET failures = failures + 1,
       window_tries = CASE WHEN window_at > %(since)s THEN window_tries + 1 ELSE 1 END,
       window_at = CASE WHEN window_at > %(since)s THEN window_at ELSE %(at)s END
 WHERE (token_hash = %(token)s OR number_index = %(number)s) AND revoked_at IS NULL AND failures < %(dead)s
   AND (window_at IS NULL OR window_at <= %(since)s OR window_tries < %(tries)s)
RETURNING *
"""


def _judge(card: str, pin: str, at: datetime) -> Person:
    """She whose card and PIN these are. Fifty guesses at once: five are judged."""
    with transaction.atomic(durable=True):
        counted = list(
            Card.objects.raw(
                COUNT,
                {
                    "token": _token_hash(card.strip()),
                    "number": _number_index(western_digits(card)),
                    "at": at,
                    "since": at - WINDOW,
                    "tries": TRIES,
                    "dead": DEAD_AT,
                },
            )
        )
    learners = Person.objects.filter(is_active=True, memberships=None)
    person = learners.filter(pk=counted[0].person_id).first() if counted else None
    known = person.pin if person else ""
    if not pin_matches(pin, known or _nobodys_pin()) or not known or person is None:
        AuthEvent.objects.create(person=person, kind="card_refused", at=at)
        raise CardWrong
    Card.objects.filter(pk=counted[0].pk).update(failures=0, window_tries=0, window_at=None)
    return person


@cache
def _nobodys_pin() -> str:
    """What an unknown card is compared with, so that it costs the same work."""
    return seal_pin("0000")


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _number_index(number: str) -> bytes:
    """Twelve digits could be tried out on a copy of the database: they are kept under a key only."""
    return keys.mac("blind_index", "card", number)
