"""The models of this app; each lives in its subject."""

from lms.accounts.models import Identity, Person
from lms.api.models import IdempotencyKey
from lms.audit.models import AccessEntry, AccessSeal, ChangeEntry
from lms.events.models import EventDelivery, StoredEvent
from lms.files.models import Rendition, StoredFile, Upload
from lms.operations.models import Finding
from lms.organisations.models import CentreType, Membership, Organisation, PartnerAgreement
from lms.registrations.models import Registration
from lms.sign_in.models import (
    AuthEvent,
    Card,
    Challenge,
    Passkey,
    PasskeyChallenge,
    RateBucket,
    Recovery,
    Session,
)
from lms.voice.models import VoiceNote

__all__ = [
    "AccessEntry",
    "AccessSeal",
    "AuthEvent",
    "Card",
    "CentreType",
    "Challenge",
    "ChangeEntry",
    "EventDelivery",
    "Finding",
    "IdempotencyKey",
    "Identity",
    "Membership",
    "Organisation",
    "PartnerAgreement",
    "Passkey",
    "PasskeyChallenge",
    "Person",
    "RateBucket",
    "Recovery",
    "Registration",
    "Rendition",
    "Session",
    "StoredEvent",
    "StoredFile",
    "Upload",
    "VoiceNote",
]
