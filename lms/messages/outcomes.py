"""How handing a message over can end, in the three ways that matter to whoever decides on trying again.

`reason` is a short code of ours, for operators: never a number, an address or the text of an answer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """The other side took it. `reference` is its own name for the message, `parts` what an SMS costs."""

    reference: str = ""
    parts: int = 1


class Undelivered(Exception):
    """It was not handed over, or nobody knows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:60]


class NotSent(Undelivered):
    """It certainly did not go, for now. Trying again is right."""


class Away(NotSent):
    """It certainly did not go, and neither would any other message now."""


class Refused(Undelivered):
    """It certainly did not go and never will: the number or the address is none. Trying again changes nothing."""


class Doubtful(Undelivered):
    """It may have gone: the other side took it and did not say so. Trying again may send it twice."""
