"""What a person may change of herself, her PIN included."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from lms.accounts.models import Person
from lms.accounts.services import set_accommodations, set_pin, update_me
from lms.sign_in import limits


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is None stays as it is."""

    printed_name: str | None = None
    latin_name: str | None = None
    language: str | None = None
    discreet: bool | None = None
    accommodations: Collection[str] | None = None
    pin: str | None = None
    current_pin: str = ""


def change_me(*, person: Person, changes: Changes, at: datetime) -> None:
    """Change her PIN first, which alone can be refused, then the rest. Must stand outside a transaction.

    Refusals: those of `accounts.services.set_pin` and `update_me`; `too_many_tries` after ten refused PINs in an hour.
    """
    if changes.pin is not None:
        attempt = limits.begin(limits.of_person(limits.PINS_OF_PERSON, person), at=at)
        set_pin(person=person, pin=changes.pin, current=changes.current_pin, at=at)
        attempt.forgive()
    if changes.accommodations is not None:
        set_accommodations(person=person, chosen=changes.accommodations)
    update_me(
        person=person,
        at=at,
        printed_name=changes.printed_name,
        latin_name=changes.latin_name,
        language=changes.language,
        discreet=changes.discreet,
    )
