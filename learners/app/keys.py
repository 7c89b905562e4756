"""The keys under which a learner's things are sealed on a phone: derived each time, stored nowhere with us."""

import hashlib
from dataclasses import dataclass
from typing import Final

from lms.accounts.models import Person
from lms.keys import macs

LABEL: Final = "offline"


@dataclass(frozen=True)
class DeviceKey:
    """256 bits for AES-GCM; `id` is that of the signing key it comes from."""

    id: str
    secret: bytes


def owner_of(person: Person) -> str:
    """The name under which a phone files her things: 16 hexadecimal digits that lead nowhere without our database."""
    return hashlib.sha256(LABEL.encode() + person.uuid.bytes).hexdigest()[:16]


def device_keys(person: Person) -> list[DeviceKey]:
    """Her keys, the newest first: what was sealed before the signing key was rotated can still be opened."""
    return [DeviceKey(id_, secret) for id_, secret in macs("signing", LABEL, person.uuid.bytes)]
