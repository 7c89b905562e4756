"""Codes by phone: asked for, sent by a worker, judged at most five times, good for one session."""

import hmac
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from lms import keys, sealing
from lms.accounts.indexes import lock_number, phone_index
from lms.accounts.models import Person
from lms.accounts.phones import normalise_phone
from lms.accounts.pins import western_digits
from lms.errors import Refusal
from lms.events.services import publish
from lms.ids import uuid7
from lms.languages import ARABIC
from lms.messages.parts import size_of
from lms.messages.sms import gateway
from lms.sign_in import limits
from lms.sign_in.events import CodeRequested
from lms.sign_in.models import Challenge

GOOD_FOR: Final = timedelta(minutes=10)
TRIES: Final = 5
SENT_AN_HOUR: Final = 3
DIGITS: Final = 6
# What a code opens: a session; the session that asks, once more; a number of hers; a number set at her centre.
Purpose = Literal["sign_in", "proof", "number", "recovery"]


class CodeWrong(Refusal):
    """A wrong guess, and any code for a request that never was."""

    code = "code_wrong"
    status = 401
    message = _("This code is not right. Look at the message again.")


class CodeSpent(Refusal):
    """Used, expired, or guessed at five times: says nothing about the number, which may be unknown to us."""

    code = "code_spent"
    status = 401
    message = _("This code can no longer be used. Ask for a new one.")


def request_code(
    *,
    phone: str,
    address: str,
    at: datetime,
    purpose: Purpose = "sign_in",
    person: Person | None = None,
) -> Challenge:
    """Make a code for this number and publish that it waits to be sent; the same for known and unknown numbers.

    For another purpose than signing in the code is good for that alone, and for the account of `person`. Above
    three an hour for one number the answer is the same and nothing is sent. Refusals: `not_a_mobile`,
    `too_many_tries` (by address only).
    """
    number = normalise_phone(phone)
    limits.begin(limits.of_address(limits.CODES_OF_ADDRESS, address), at=at)
    return _challenge(number, purpose, person, at)


@transaction.atomic
def _challenge(number: str, purpose: Purpose, person: Person | None, at: datetime) -> Challenge:
    index = phone_index(number)
    lock_number(index)
    recent = Challenge.objects.filter(
        phone_index=index, created_at__gt=at - timedelta(hours=1), silent=False
    ).count()
    uuid = uuid7()
    challenge = Challenge.objects.create(
        uuid=uuid,
        purpose=purpose,
        person=person,
        phone_index=index,
        phone=sealing.seal(number, table="challenge", column="phone", row=uuid),
        code_mac=_mac(uuid, code_of(uuid)),
        silent=recent >= SENT_AN_HOUR,
        created_at=at,
        expires_at=at + GOOD_FOR,
    )
    publish(CodeRequested(challenge_id=challenge.pk, language=get_language() or ARABIC))
    return challenge


def code_of(uuid: UUID) -> str:
    """The six digits of a request, derived under the pepper so that no table ever holds them."""
    derived = keys.mac("pin_pepper", "code", uuid.bytes)
    return f"{int.from_bytes(derived[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def _mac(uuid: UUID, code: str) -> bytes:
    return keys.mac("pin_pepper", "code check", uuid.bytes, code)


def send_code(*, challenge_id: int, language: str, at: datetime) -> None:
    """Send the code while it is of use. Sent twice after a crash, it is the same code."""
    challenge = Challenge.objects.filter(
        pk=challenge_id, silent=False, consumed_at=None, expires_at__gt=at
    ).first()
    if challenge is None:
        return
    with override(language):
        # Neutral on a shared phone: no name of ours, of a course or a centre.
        text = gettext("%(code)s is your code, good for 10 minutes. Give it to nobody.")
    code = code_of(challenge.uuid)
    words = text % {"code": code}
    host = settings.SMS_CODE_HOST if _may_be_named(bytes(challenge.phone_index)) else ""
    gateway().send(to=number_of(challenge), text=with_autofill(words, code=code, host=host), at=at)


def with_autofill(text: str, *, code: str, host: str) -> str:
    """The text with a last line from which a phone fills the code in on our pages, and on no others.

    «Origin-bound one-time codes delivered via SMS» (W3C): `@host #code`. Left out where it would cost one more part.
    """
    whole = f"{text}\n@{host} #{code}"
    return whole if host and size_of(whole).parts == size_of(text).parts else text


def _may_be_named(index: bytes) -> bool:
    """Our address tells whoever reads along what the code is for.

    So it stands only where everybody on this number is known and none must hide: a woman who is only registering has
    not yet been asked.
    """
    people = Person.objects.filter(identity__phone_index=index, is_active=True)
    hidden = Q(discreet=True) | Q(home_organisation__centre_type__confidential=True)
    return people.exists() and not people.filter(hidden).exists()


def number_of(challenge: Challenge) -> str:
    return sealing.unseal(challenge.phone, table="challenge", column="phone", row=challenge.uuid)


def judge(
    *,
    request: UUID,
    code: str,
    at: datetime,
    purpose: Purpose = "sign_in",
    person: Person | None = None,
) -> Challenge:
    """The request that this code answers; each call costs one of its five tries, whatever becomes of the rest.

    A code that was asked for another purpose, or for somebody else's account, is none.

    One statement counts and reads, in a transaction of its own: of fifty guesses at once five are judged, and a
    later refusal does not give the try back. Refusals: `code_wrong`, `code_spent`.
    """
    with transaction.atomic(durable=True):
        judged = list(
            Challenge.objects.raw(
                """
                UPDATE challenge SET tries = tries + 1
                 WHERE uuid = %s AND purpose = %s AND person_id IS NOT DISTINCT FROM %s
                   AND tries < %s AND consumed_at IS NULL AND expires_at > %s
                RETURNING *
                """,
                [request, purpose, person.pk if person else None, TRIES, at],
            )
        )
    offered = _mac(request, western_digits(code))
    if not judged:
        mine = Challenge.objects.filter(uuid=request, purpose=purpose, person=person)
        raise CodeSpent if mine.exists() else CodeWrong
    if not hmac.compare_digest(bytes(judged[0].code_mac), offered):
        raise CodeWrong
    return judged[0]


def give_try_back(challenge: Challenge) -> None:
    """The code was right and only a PIN is missing: it stays good."""
    Challenge.objects.filter(pk=challenge.pk, tries__gt=0).update(tries=F("tries") - 1)


def consume(challenge: Challenge, *, at: datetime) -> None:
    """Use the code up: exactly one caller succeeds, all others are refused with `code_spent`."""
    if not Challenge.objects.filter(pk=challenge.pk, consumed_at=None).update(consumed_at=at):
        raise CodeSpent
