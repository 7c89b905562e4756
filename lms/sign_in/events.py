from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class CodeRequested(Event):
    challenge_id: int
    language: str = "ar"  # that of the request: who asks may not be known to us


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """Someone opened a session by a code or a password."""

    session_id: int
