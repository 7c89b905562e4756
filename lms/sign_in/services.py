"""Signing in: by a code to her phone (and her PIN where a number is shared), or by e-mail and password."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import Person
from lms.accounts.pins import pin_matches
from lms.accounts.queries import people_on_index, person_by_email
from lms.errors import Refusal
from lms.events.services import publish
from lms.sign_in import codes, limits
from lms.sign_in.events import SignedIn
from lms.sign_in.models import AuthEvent, Challenge
from lms.sign_in.sessions import Device, Opened, start_session


class PinNeeded(Refusal):
    """Several people share the number; no list of names is ever shown. The code stays good."""

    code = "pin_needed"
    status = 401
    message = _("Several people use this number. Write your own PIN too.")


class PinWrong(Refusal):
    code = "pin_wrong"
    status = 401
    message = _("This PIN is not right.")


class CredentialsWrong(Refusal):
    code = "credentials_wrong"
    status = 401
    message = _("The e-mail address or the password is not right.")


class AccountClosed(Refusal):
    """Told only to someone who has proven the number."""

    code = "account_closed"
    status = 401
    message = _("This account is closed. Ask at your centre.")


def sign_in_with_code(
    *, request: UUID, code: str, pin: str, device: Device, address: str, at: datetime
) -> Opened:
    """Open a session for the person behind a code, or for nobody yet where the number is unknown.

    Refusals, all 401: `code_wrong`, `code_spent`, `pin_needed` (the code stays good), `pin_wrong` (costs a try),
    `account_closed`; 429 `too_many_tries`. One code gives one session.
    """
    attempt = limits.begin(limits.of_address(limits.FAILURES_OF_ADDRESS, address), limits.EVERYONE, at=at)
    challenge = codes.judge(request=request, code=code, at=at)
    try:
        person = _choose(bytes(challenge.phone_index), pin, at=at)
    except PinNeeded:
        codes.give_try_back(challenge)
        attempt.forgive()
        raise
    opened = _redeem(challenge, person, device, at)
    attempt.forgive()
    return opened


@transaction.atomic
def _redeem(challenge: Challenge, person: Person | None, device: Device, at: datetime) -> Opened:
    codes.consume(challenge, at=at)
    opened = start_session(person=person, device=device, number=codes.number_of(challenge), at=at)
    AuthEvent.objects.create(person=person, kind="signed_in_by_code", at=at)
    if person:
        publish(SignedIn(session_id=opened.session.pk))
    return opened


def _choose(index: bytes, pin: str, *, at: datetime) -> Person | None:
    """The one on this number, or the one whose PIN it is; None where nobody has it."""
    everyone = people_on_index(index, also_closed=True)
    people = [person for person in everyone if person.is_active]
    if everyone and not people:
        raise AccountClosed
    if len(everyone) <= 1:
        return next(iter(people), None)
    if not pin:
        raise PinNeeded
    matching = [person for person in people if person.pin and pin_matches(pin, person.pin)]
    if len(matching) != 1:
        AuthEvent.objects.create(kind="pin_wrong", at=at)
        raise PinWrong
    return matching[0]


def sign_in_with_password(*, email: str, password: str, device: Device, address: str, at: datetime) -> Opened:
    """Open a session for staff. An unknown address costs the same work as a wrong password.

    Refusals: 401 `credentials_wrong`, 429 `too_many_tries`.
    """
    attempt = limits.begin(
        limits.of_address(limits.FAILURES_OF_ADDRESS, address),
        limits.of_account(email),
        limits.EVERYONE,
        at=at,
    )
    person = person_by_email(email)
    if not _password_is_right(person, password) or person is None or not person.is_active:
        AuthEvent.objects.create(kind="password_wrong", at=at)
        raise CredentialsWrong
    attempt.forgive()
    with transaction.atomic():
        opened = start_session(person=person, device=device, at=at)
        AuthEvent.objects.create(person=person, kind="signed_in_by_password", at=at)
        publish(SignedIn(session_id=opened.session.pk))
    return opened


def _password_is_right(person: Person | None, password: str) -> bool:
    if person is None:
        make_password(password)  # as long as a check, so that time does not tell who is known
        return False
    return person.check_password(password)
