"""A new way in, at her centre: a PIN where she has none, and what only two people together may do.

One member of staff alone opens a door only for a woman who has none: no number, no PIN, no passkey. For everyone else
it would be a way to become her. Then a second person signs, and for a day the first may set number and PIN anew.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from lms import sealing
from lms.accounts.models import Identity, Person
from lms.accounts.services import is_confidential, set_number, set_pin
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish
from lms.messages.sms import gateway
from lms.sign_in import codes
from lms.sign_in.cards import NotALearner, revoke_card
from lms.sign_in.models import AuthEvent, Challenge, Passkey, Recovery, Session
from lms.ways_in.events import RecoveryOpened

GOOD_FOR: Final = timedelta(hours=24)


class HasOwnWay(Refusal):
    """She can choose a PIN in her own account; whoever cannot get there any more needs two people."""

    code = "has_own_way"
    status = 409
    message = _("She has a way in of her own. If she lost it, two people sign for a new one.")


class RecoveryOpen(Refusal):
    code = "recovery_open"
    status = 409
    message = _("A new way in was already asked for. It waits for a signature or for her.")


class RecoveryClosed(Refusal):
    """Used, or older than a day."""

    code = "recovery_closed"
    status = 409
    message = _("This request is over. Ask for a new one.")


class SamePerson(Refusal):
    code = "same_person"
    status = 409
    message = _("Somebody else must sign: two people answer for this.")


class NotSigned(Refusal):
    code = "not_signed"
    status = 409
    message = _("A second person has not signed yet.")


@transaction.atomic
def set_first_pin(*, person: Person, pin: str, by: Person, at: datetime) -> None:
    """She writes her first PIN herself, on the screen of her centre.

    Refusals: `has_own_way`, `not_a_pin`, `not_a_learner`.
    """
    her = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    number = Identity.objects.filter(person=her, phone_index__isnull=False).exists()
    if her.memberships.exists():
        raise NotALearner
    if her.pin or number or her.passkeys.exists():
        raise HasOwnWay
    set_pin(person=her, pin=pin, actor=by, at=at)


@transaction.atomic
def open_recovery(*, person: Person, reason: str, by: Person, at: datetime) -> Recovery:
    """Say that she lost number and card and sits here; she is told where she could be reached until now.

    Good for 24 hours. Refusals: `recovery_open`, `not_a_learner`.
    """
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.memberships.exists():
        raise NotALearner
    if person.recoveries.filter(closed_at=None, expires_at__gt=at).exists():
        raise RecoveryOpen
    person.recoveries.filter(closed_at=None).update(closed_at=at)
    recovery = Recovery(person=person, reason=reason, opened_by=by, opened_at=at, expires_at=at + GOOD_FOR)
    recovery.phone = _seal(recovery, _number_of(person))
    recovery.save(force_insert=True)
    _note(recovery, by, "recovery.opened", at)
    publish(RecoveryOpened(recovery_id=recovery.pk))
    return recovery


@transaction.atomic
def sign_recovery(*, recovery: Recovery, by: Person, at: datetime) -> None:
    """The second person: from now on her old devices, card and passkeys open nothing. Safe to repeat.

    Refusals: `same_person`, `recovery_closed`.
    """
    recovery = _lock(recovery, at)
    if recovery.opened_by_id == by.pk:
        raise SamePerson
    if recovery.signed_at:
        return
    recovery.signed_by, recovery.signed_at = by, at
    recovery.save(update_fields=["signed_by", "signed_at"])
    Session.objects.filter(person=recovery.person).delete()
    Passkey.objects.filter(person=recovery.person).delete()
    revoke_card(person=recovery.person, by=by, at=at)
    _note(recovery, by, "recovery.signed", at)


def ask_number(*, recovery: Recovery, phone: str, address: str, at: datetime) -> Challenge:
    """Send a code to the number she has now. Refusals: `not_signed`, `recovery_closed`, `not_a_mobile`."""
    _require_signed(recovery, at)
    return codes.request_code(phone=phone, address=address, at=at, purpose="recovery", person=recovery.person)


def give_number(*, recovery: Recovery, request: UUID, code: str, pin: str, by: Person, at: datetime) -> None:
    """The code came to the number she has now: it is hers. `pin`, which she writes, is her new one.

    Refusals: `not_signed`, `recovery_closed`, `code_wrong`, `code_spent`, those of `set_number` and `set_pin`.
    """
    _require_signed(recovery, at)
    person = recovery.person
    challenge = codes.judge(request=request, code=code, at=at, purpose="recovery", person=person)
    with transaction.atomic():
        if pin:
            set_pin(person=person, pin=pin, forgotten=True, actor=by, at=at)
        set_number(person=person, number=codes.number_of(challenge), pin=pin, actor=by, at=at)
        codes.consume(challenge, at=at)
        _close(recovery, by, at)


@transaction.atomic
def give_pin(*, recovery: Recovery, pin: str, keeps_number: bool, by: Person, at: datetime) -> None:
    """She writes a new PIN, for a card; a number that she has no more opens nothing from now on.

    Refusals: `not_signed`, `recovery_closed`, `not_a_pin`, `pin_not_free`.
    """
    recovery = _require_signed(_lock(recovery, at), at)
    set_pin(person=recovery.person, pin=pin, forgotten=True, actor=by, at=at)
    if not keeps_number:
        set_number(person=recovery.person, number="", pin="", actor=by, at=at)
    _close(recovery, by, at)


def _lock(recovery: Recovery, at: datetime) -> Recovery:
    rows = Recovery.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    return _require_open(rows.get(pk=recovery.pk), at)


def _require_open(recovery: Recovery, at: datetime) -> Recovery:
    if recovery.closed_at or recovery.expires_at <= at:
        raise RecoveryClosed
    return recovery


def _require_signed(recovery: Recovery, at: datetime) -> Recovery:
    if not _require_open(recovery, at).signed_at:
        raise NotSigned
    return recovery


def _close(recovery: Recovery, by: Person, at: datetime) -> None:
    closed = Recovery.objects.filter(pk=recovery.pk, closed_at=None).update(closed_at=at)
    if not closed:
        raise RecoveryClosed
    _note(recovery, by, "recovery.used", at)


def _note(recovery: Recovery, by: Person, verb: str, at: datetime) -> None:
    record_change(actor=by, verb=verb, subject=f"person:{recovery.person.uuid}", at=at)
    AuthEvent.objects.create(person=recovery.person, kind=verb.replace(".", "_"), at=at)


def _number_of(person: Person) -> str:
    identity = Identity.objects.select_related("person").get(person=person)
    return identity.read("phone")


def _seal(recovery: Recovery, number: str) -> bytes:
    return sealing.seal(number, table="recovery", column="phone", row=recovery.uuid)


def tell_her(*, recovery_id: int, at: datetime) -> None:
    """Tell her at the number she had. Words that give nothing away; to women of confidential centres nothing is sent.

    Told twice after a crash, it is the same message.
    """
    rows = Recovery.objects.select_related("person__home_organisation__centre_type")
    recovery = rows.filter(pk=recovery_id, closed_at=None, expires_at__gt=at).first()
    if recovery is None or is_confidential(recovery.person.home_organisation):
        return
    number = sealing.unseal(recovery.phone, table="recovery", column="phone", row=recovery.uuid)
    if not number:
        return
    with override(recovery.person.language):
        text = gettext("A new way into your account was asked for. Not you? Tell whoever helps you.")
    gateway().send(to=number, text=text, at=at)
