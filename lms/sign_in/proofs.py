"""That it is still she: what changes the ways into her account is asked for again within minutes of a proof.

A session lives for thirty days; a phone that was left on a table for one of them must not be enough to lock her out.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import Person
from lms.accounts.pins import pin_matches
from lms.accounts.queries import herself
from lms.accounts.services import set_number
from lms.errors import Refusal
from lms.sign_in import codes, limits
from lms.sign_in.models import AuthEvent, Challenge, Session
from lms.sign_in.services import CredentialsWrong, PinWrong

FRESH_FOR: Final = timedelta(minutes=5)


class FreshProofNeeded(Refusal):
    code = "fresh_proof_needed"
    status = 403
    message = _("Show first that it is you: by a code, your PIN or your password.")


class NoNumber(Refusal):
    code = "no_number"
    message = _("There is no number in your account. Your centre can add one.")


def is_fresh(session: Session | None, *, at: datetime) -> bool:
    return bool(session and session.proven_at and at - session.proven_at < FRESH_FOR)


def require_fresh(session: Session | None, *, at: datetime) -> Session:
    """The session, where she showed within five minutes that it is she; else `fresh_proof_needed`."""
    if session is None or not is_fresh(session, at=at):
        raise FreshProofNeeded
    return session


def ask_proof_code(*, person: Person, address: str, at: datetime) -> Challenge:
    """Send a code to the number she has. Refusals: `no_number`, `too_many_tries`."""
    number = herself(person).identity.read("phone")
    if not number:
        raise NoNumber
    return codes.request_code(phone=number, address=address, at=at, purpose="proof", person=person)


def prove_by_code(*, session: Session, person: Person, request: UUID, code: str, at: datetime) -> None:
    """Refusals: `code_wrong`, `code_spent`. Must stand outside a transaction."""
    challenge = codes.judge(request=request, code=code, at=at, purpose="proof", person=person)
    codes.consume(challenge, at=at)
    _mark(session, person, at)


def prove_by_secret(
    *, session: Session, person: Person, at: datetime, pin: str = "", password: str = ""
) -> None:
    """By her PIN, or by the password of staff. Refusals: `pin_wrong`, `credentials_wrong`, `too_many_tries`."""
    attempt = limits.begin(limits.of_person(limits.PINS_OF_PERSON, person), at=at)
    if password and not person.check_password(password):
        raise CredentialsWrong
    if not password and not (person.pin and pin_matches(pin, person.pin)):
        raise PinWrong
    attempt.forgive()
    _mark(session, person, at)


def _mark(session: Session, person: Person, at: datetime) -> None:
    Session.objects.filter(pk=session.pk).update(proven_at=at)
    session.proven_at = at
    AuthEvent.objects.create(person=person, kind="proven_again", at=at)


def ask_new_number(
    *, session: Session | None, person: Person, phone: str, address: str, at: datetime
) -> Challenge:
    """Send a code to the number she wants to have. Refusals: `fresh_proof_needed`, `not_a_mobile`, `too_many_tries`."""
    require_fresh(session, at=at)
    return codes.request_code(phone=phone, address=address, at=at, purpose="number", person=person)


def change_number(
    *, session: Session | None, person: Person, request: UUID, code: str, pin: str, at: datetime
) -> None:
    """The code came to the new number: it is hers from now on, and her other devices are signed out.

    Refusals: `fresh_proof_needed`, `code_wrong`, `code_spent`, those of `accounts.services.set_number`.
    """
    here = require_fresh(session, at=at)
    challenge = codes.judge(request=request, code=code, at=at, purpose="number", person=person)
    with transaction.atomic():
        set_number(person=person, number=codes.number_of(challenge), pin=pin, actor=person, at=at)
        codes.consume(challenge, at=at)
        Session.objects.filter(person=person).exclude(pk=here.pk).delete()
        AuthEvent.objects.create(person=person, kind="number_changed", at=at)
