from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class CodeRequested(Event):
    challenge_id: int
    language: str = "ar"  # that of the request: who asks may not be known to us
