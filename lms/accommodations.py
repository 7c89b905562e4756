"""What makes learning easier for her: asked for by herself, sealed, and told to nobody.

It says something about her health (law 09-08): no list, report or record of changes knows of it.
"""

from collections.abc import Collection
from typing import Final, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lms import sealing

EXTRA_TIME: Final = "extra_time"
CAPTIONS: Final = "captions"
LARGE_TEXT: Final = "large_text"
SIGN_LANGUAGE: Final = "sign_language"
CHOICES: Final = (
    (LARGE_TEXT, _("Large letters")),
    (CAPTIONS, _("Written words with every film")),
    (EXTRA_TIME, _("More time")),
    (SIGN_LANGUAGE, _("Sign language, where there is one")),
)
KNOWN: Final = frozenset(code for code, _words in CHOICES)


class Eased(Protocol):
    """A person's row, as far as this needs it."""

    uuid: UUID
    accommodations: bytes | memoryview | None


def accommodations_of(person: Eased) -> frozenset[str]:
    """What she asked for. No statement: it comes with her row."""
    sealed = person.accommodations or b""
    words = sealing.unseal(sealed, table="person", column="accommodations", row=person.uuid)
    return frozenset(words.split())


def seal_accommodations(chosen: Collection[str], *, row: UUID) -> bytes | None:
    """What is stored; nothing for nothing."""
    words = " ".join(sorted(set(chosen)))
    return sealing.seal(words, table="person", column="accommodations", row=row) or None
