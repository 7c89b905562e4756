"""Passkeys (W3C WebAuthn, level 2): added within minutes of a proof, listed, removed, and good to sign in with.

The device checks her own lock each time (`userVerification: required`), so a passkey is two proofs in one; it is never
asked of a learner beside another way. The challenge is 32 random bytes in the database, deleted by the one answer that
uses it. Why the library is used directly: docs/decisions/0013-passkeys.md.
"""

import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lms.accounts.models import Person
from lms.errors import Refusal
from lms.events.services import publish
from lms.sign_in import limits
from lms.sign_in.events import SignedIn
from lms.sign_in.models import AuthEvent, Passkey, PasskeyChallenge, Session
from lms.sign_in.proofs import require_fresh
from lms.sign_in.sessions import Device, Opened, start_session

GOOD_FOR: Final = timedelta(minutes=5)
MOST: Final = 10
NEUTRAL: Final = "—"  # what the device's list of keys calls us: it may be looked at by others
ALGORITHMS: Final = frozenset(
    {ES256.ALGORITHM, RS256.ALGORITHM, EdDSA.ALGORITHM}
)  # what phones and keys make
# What the library lets through from bytes that are no answer of any device.
MALFORMED: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
REQUIRED: Final = UserVerificationRequirement.REQUIRED


class PasskeyWrong(Refusal):
    """An unknown key, a signature that is not right, or a challenge that is over: all heard alike."""

    code = "passkey_wrong"
    status = 401
    message = _("This device could not show that it is you. Try again, or sign in by phone.")


class PasskeyRefused(Refusal):
    code = "passkey_refused"
    message = _("This device made no key that we can use. Try again.")


class DeviceIsShared(Refusal):
    """Whoever opens the lock of a shared phone would open her account."""

    code = "device_is_shared"
    status = 409
    message = _("Others use this device too: it cannot keep a key for you alone.")


class EnoughPasskeys(Refusal):
    code = "enough_passkeys"
    status = 409
    message = _("You have ten keys. Remove one first.")


@dataclass(frozen=True)
class Asked:
    """What the browser is given: the id of the challenge, and WebAuthn's own options as JSON."""

    challenge: PasskeyChallenge
    options: Mapping[str, Any]


def _server() -> Fido2Server:
    rp = PublicKeyCredentialRpEntity(id=settings.PASSKEY_RP_ID, name=NEUTRAL)
    return Fido2Server(rp, verify_origin=lambda origin: origin == _origin(settings.PUBLIC_URL))


def _origin(address: str) -> str:
    place = urlsplit(address)
    return f"{place.scheme}://{place.netloc}"


def ask_to_add(*, session: Session | None, person: Person, at: datetime) -> Asked:
    """Options for a new key on this device. Refusals: `fresh_proof_needed`, `device_is_shared`, `enough_passkeys`."""
    if require_fresh(session, at=at).shared_device:
        raise DeviceIsShared
    known = [bytes(one.credential_id) for one in person.passkeys.all()]
    if len(known) >= MOST:
        raise EnoughPasskeys
    user = PublicKeyCredentialUserEntity(
        id=person.uuid.bytes, name=person.pseudonym, display_name=person.pseudonym
    )
    challenge = _challenge(person, at)
    options, _state = _server().register_begin(
        user,
        [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=key) for key in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
        challenge=bytes(challenge.challenge),
    )
    return Asked(challenge, dict(options))


def add_passkey(
    *,
    session: Session | None,
    person: Person,
    challenge: UUID,
    credential: Mapping[str, Any],
    name: str,
    at: datetime,
) -> Passkey:
    """Keep the public half of the key her device made.

    Refusals: `fresh_proof_needed`, `device_is_shared`, `passkey_refused`.
    """
    if require_fresh(session, at=at).shared_device:
        raise DeviceIsShared
    asked = _take(challenge, person, at)
    if asked is None:
        raise PasskeyRefused
    try:
        made = _server().register_complete(_state(asked), credential)
        data = made.credential_data
        if data is None or data.public_key.ALGORITHM not in ALGORITHMS:
            raise PasskeyRefused
        with transaction.atomic():
            passkey = Passkey.objects.create(
                person=person,
                credential_id=data.credential_id,
                public_key=cbor.encode(dict(data.public_key)),
                sign_count=made.counter,
                name=name.strip(),
                created_at=at,
            )
            AuthEvent.objects.create(person=person, kind="passkey_added", at=at)
    except (*MALFORMED, IntegrityError) as error:
        raise PasskeyRefused from error
    return passkey


@transaction.atomic
def remove_passkey(*, passkey: Passkey, at: datetime) -> None:
    """It opens nothing any more. Safe to repeat."""
    passkey.delete()
    AuthEvent.objects.create(person_id=passkey.person_id, kind="passkey_removed", at=at)


def ask_to_sign_in(*, address: str, at: datetime) -> Asked:
    """Options for whoever has a key on this device; nobody is named. Refusals: `too_many_tries`."""
    limits.begin(limits.of_address(limits.CODES_OF_ADDRESS, address), at=at)
    challenge = _challenge(None, at)
    options, _state = _server().authenticate_begin(
        user_verification=REQUIRED, challenge=bytes(challenge.challenge)
    )
    return Asked(challenge, dict(options))


def sign_in_with_passkey(
    *, challenge: UUID, credential: Mapping[str, Any], device: Device, address: str, at: datetime
) -> Opened:
    """Open a session for her whose key signed the challenge. Refusals: 401 `passkey_wrong`, 429 `too_many_tries`."""
    attempt = limits.begin(limits.of_address(limits.FAILURES_OF_ADDRESS, address), limits.EVERYONE, at=at)
    asked = _take(challenge, None, at)
    person = _judge(asked, credential, at) if asked else None
    if person is None:
        AuthEvent.objects.create(kind="passkey_wrong", at=at)
        raise PasskeyWrong
    attempt.forgive()
    with transaction.atomic():
        opened = start_session(person=person, device=device, by_key=True, at=at)
        AuthEvent.objects.create(person=person, kind="signed_in_by_passkey", at=at)
        publish(SignedIn(session_id=opened.session.pk))
    return opened


def _judge(asked: PasskeyChallenge, credential: Mapping[str, Any], at: datetime) -> Person | None:
    try:
        answer = AuthenticationResponse.from_dict(credential)
        passkey = (
            Passkey.objects.select_related("person")
            .filter(credential_id=bytes(answer.raw_id), person__is_active=True)
            .first()
        )
        if passkey is None:
            return None
        _server().authenticate_complete(_state(asked), [_attested(passkey)], credential)
        handle = answer.response.user_handle
        if handle and bytes(handle) != passkey.person.uuid.bytes:
            return None
        counted = _count(passkey, answer.response.authenticator_data.counter, at)
    except MALFORMED:
        return None
    return passkey.person if counted else None


def _count(passkey: Passkey, count: int, at: datetime) -> bool:
    """A counter that does not grow means that the key was copied (WebAuthn, 7.2, 21); many devices count nothing."""
    grown = Q(sign_count__lt=count) | Q(sign_count=0) if count == 0 else Q(sign_count__lt=count)
    counted = Passkey.objects.filter(grown, pk=passkey.pk).update(sign_count=count, used_at=at)
    if not counted:
        AuthEvent.objects.create(person=passkey.person, kind="passkey_copied", at=at)
    return bool(counted)


def _attested(passkey: Passkey) -> AttestedCredentialData:
    key = CoseKey.parse(cast("Mapping[int, Any]", cbor.decode(bytes(passkey.public_key))))
    return AttestedCredentialData.create(Aaguid.NONE, bytes(passkey.credential_id), key)


def _challenge(person: Person | None, at: datetime) -> PasskeyChallenge:
    return PasskeyChallenge.objects.create(
        person=person, challenge=secrets.token_bytes(32), expires_at=at + GOOD_FOR
    )


def _take(challenge: UUID, person: Person | None, at: datetime) -> PasskeyChallenge | None:
    """The challenge, for exactly one caller; whatever becomes of the rest, it is gone."""
    with transaction.atomic(durable=True):
        taken = list(
            PasskeyChallenge.objects.raw(
                """
                DELETE FROM passkey_challenge
                 WHERE uuid = %s AND person_id IS NOT DISTINCT FROM %s AND expires_at > %s
                RETURNING *
                """,
                [challenge, person.pk if person else None, at],
            )
        )
    return taken[0] if taken else None


def _state(asked: PasskeyChallenge) -> dict[str, Any]:
    """What the library wants to be handed back between its two steps."""
    return {"challenge": websafe_encode(bytes(asked.challenge)), "user_verification": REQUIRED}
