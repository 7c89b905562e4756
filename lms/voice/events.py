from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class VoiceReceived(Event):
    """A voice note is stored, sealed: its sound can be checked."""

    voice_id: int


@dataclass(frozen=True, kw_only=True)
class VoiceForgotten(Event):
    """The row of a voice note is gone: its object can go."""

    stored: str
