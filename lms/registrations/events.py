from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class RegistrationConfirmed(Event):
    registration_id: int
