from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class RecoveryOpened(Event):
    """Staff ask for a new way into a woman's account: she is told where she could be reached until now."""

    recovery_id: int
