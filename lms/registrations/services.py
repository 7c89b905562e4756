"""Joining: she asks by herself or a facilitator with her, and her centre answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.accounts.indexes import lock_number, phone_index
from lms.accounts.models import Person
from lms.accounts.phones import normalise_phone
from lms.accounts.services import (
    NewPerson,
    correct_person,
    create_person,
    is_confidential,
    set_home,
    share_number,
)
from lms.audit.services import record_change
from lms.errors import InvalidInput, NotFound, Refusal
from lms.events.services import publish
from lms.organisations.models import Organisation
from lms.organisations.queries import JOINABLE
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration, State
from lms.sign_in.models import Session
from lms.sign_in.sessions import Opened, device_of, start_session

CONSENT_VERSION: Final = "2026-11"
ADULT: Final = 18
OLDEST: Final = 110


class ConsentNeeded(Refusal):
    code = "consent_needed"
    message = _("We may keep your data only if you agree.")


class GuardianNeeded(Refusal):
    """An under-18 account cannot start before a guardian's consent is recorded at the centre."""

    code = "guardian_needed"
    message = _("You are under 18: go to a centre near you with your mother, father or guardian.")


class PhoneNotProven(Refusal):
    code = "phone_not_proven"
    message = _("Register with the number that you received the code on.")


class ProofSpent(Refusal):
    """The session that proved the number has just become someone."""

    code = "proof_spent"
    status = 401
    message = _("This registration was already sent. Sign in again.")


class AlreadyDecided(Refusal):
    code = "already_decided"
    status = 409
    message = _("This registration was already answered.")


@dataclass(frozen=True, kw_only=True)
class Application:
    """What she says of herself. `organisation` is None where she knows neither centre nor province."""

    first_name: str
    family_name: str
    phone: str
    language: str
    consent: bool
    consent_version: str = CONSENT_VERSION
    birth_year: int | None = None
    organisation: Organisation | None = None
    pin: str = ""


@transaction.atomic
def register_herself(
    *, application: Application, session: Session, at: datetime
) -> tuple[Registration, Opened]:
    """She joins with the number that her session has proven, and is signed in under a new key.

    A session that belonged to nobody ends; one of someone who shares the phone stays hers. Who was declined asks
    again as herself. Refusals: `consent_needed`, `guardian_needed`, `not_a_mobile`, `phone_not_proven`, `pin_needed`,
    `own_pin_first`, `pin_not_free`, `not_a_pin`, `proof_spent`.
    """
    _admit(application, at)
    number = normalise_phone(application.phone)
    index = phone_index(number)
    if session.phone_index is None or bytes(session.phone_index) != index:
        raise PhoneNotProven
    lock_number(index)
    declined = _declined(session, application)
    if declined or session.person_id is None:
        _take_over(session)
    if declined:
        correct_person(person=declined, row=_row(application, number), at=at)
    person = declined or _make_known(application, number, at=at, verified=True)
    registration = _registration(application, person, at=at)
    record_change(actor=person, verb="registration.sent", subject=f"registration:{registration.uuid}", at=at)
    opened = start_session(
        person=person, device=device_of(session), number=number, at=at, proven_at=session.proven_at
    )
    return registration, opened


def _declined(session: Session, application: Application) -> Person | None:
    """She whom the session belongs to, where every centre that she asked declined her.

    A PIN of the application's own says that it is someone else on her number.
    """
    if session.person is None or session.person.home_organisation_id or application.pin:
        return None
    states = set(session.person.registrations.values_list("state", flat=True))
    return session.person if states == {State.DECLINED} else None


def _take_over(session: Session) -> None:
    """End the session that asks; of two requests sent with it at once one comes through."""
    deleted, _tables = Session.objects.filter(pk=session.pk).delete()
    if not deleted:
        raise ProofSpent


@transaction.atomic
def register_with_her(*, application: Application, staff: Person, at: datetime) -> Registration:
    """Staff register a woman who sits with them at their own centre: confirmed at once, under their name.

    The phone may be empty and is not proven. Refusals: as `register_herself`; `not_found` at a centre not theirs.
    """
    centre = application.organisation
    if centre is None or centre.path not in staff.scope.home_paths:
        raise NotFound
    _admit(application, at)
    number = normalise_phone(application.phone) if application.phone else ""
    person = _make_known(application, number, at=at, verified=False, actor=staff)
    registration = _registration(application, person, at=at, registered_by=staff)
    _answer(registration, State.CONFIRMED, by=staff, at=at)
    _settle(registration, centre)
    return registration


def _admit(application: Application, at: datetime) -> None:
    if not application.consent:
        raise ConsentNeeded
    if application.birth_year is None:
        return
    age = timezone.localdate(at).year - application.birth_year
    if not 0 <= age <= OLDEST:
        detail = str(_("Write the year you were born, like 1990."))
        raise InvalidInput(errors=[{"pointer": "/birth_year", "code": "not_a_birth_year", "detail": detail}])
    if age < ADULT:
        raise GuardianNeeded


def _make_known(
    application: Application, number: str, *, at: datetime, verified: bool, actor: Person | None = None
) -> Person:
    if number:
        share_number(number, application.pin)
    row = _row(application, number, verified_at=at if verified else None)
    return create_person(row, at=at, pin=application.pin, actor=actor)


def _row(application: Application, number: str, *, verified_at: datetime | None = None) -> NewPerson:
    return NewPerson(
        first_name=application.first_name,
        family_name=application.family_name,
        phone=number,
        language=application.language,
        birth_year=application.birth_year,
        verified_at=verified_at,
        hidden=is_confidential(application.organisation),
    )


def _registration(
    application: Application, person: Person, *, at: datetime, registered_by: Person | None = None
) -> Registration:
    return Registration.objects.create(
        person=person,
        organisation=application.organisation,
        consent_version=application.consent_version or CONSENT_VERSION,
        consent_at=at,
        registered_by=registered_by,
        created_at=at,
    )


@transaction.atomic
def confirm_registration(
    *, registration: Registration, by: Person, at: datetime, organisation: Organisation | None = None
) -> Registration:
    """Her centre takes her in: it becomes her home, or `organisation` below it does. Safe to repeat.

    Refusals: `already_decided` where she was declined or sent elsewhere, `not_found` outside the subtree of `by`.
    """
    registration = _lock(registration)
    home = organisation or registration.organisation
    if home is None or home.kind not in JOINABLE or not by.scope.reaches(home.path):
        raise NotFound
    if registration.state == State.CONFIRMED and _is_home(registration.person, organisation):
        return registration
    if registration.state != State.WAITING:
        raise AlreadyDecided
    _answer(registration, State.CONFIRMED, by=by, at=at)
    _settle(registration, home)
    return registration


def _is_home(person: Person, organisation: Organisation | None) -> bool:
    return organisation is None or person.home_organisation_id == organisation.pk


@transaction.atomic
def decline_registration(
    *, registration: Registration, by: Person, reason: str, at: datetime
) -> Registration:
    """Her centre does not take her in, and says why. Safe to repeat. Refusals: `already_decided`."""
    registration = _lock(registration)
    if registration.state == State.DECLINED:
        return registration
    if registration.state != State.WAITING:
        raise AlreadyDecided
    _answer(registration, State.DECLINED, by=by, at=at, reason=reason)
    return registration


def _lock(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.select_related("person__identity", "person__home_organisation", "organisation__centre_type")
    return rows.get(pk=registration.pk)


def _answer(registration: Registration, state: State, *, by: Person, at: datetime, reason: str = "") -> None:
    registration.state, registration.reason = state, reason
    registration.decided_by, registration.decided_at = by, at
    registration.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    record_change(
        actor=by,
        verb=f"registration.{state}",
        subject=f"registration:{registration.uuid}",
        at=at,
        fields=["state"],
    )


def _settle(registration: Registration, home: Organisation) -> None:
    set_home(person=registration.person, organisation=home)
    publish(RegistrationConfirmed(registration_id=registration.pk))
