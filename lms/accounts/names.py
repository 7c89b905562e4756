"""A person's name, as one sealed text holds it."""

import re
from dataclasses import dataclass
from typing import Final, Self

# Latin letters with their accents, and what stands between the parts of a name (Unicode: Basic Latin, Latin-1
# Supplement, Latin Extended-A and -B, Latin Extended Additional).
LATIN: Final = r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ'’ .\-]*"


@dataclass(frozen=True)
class Names:
    """First and family name; as printed on her certificates where she chose another; and in Latin letters."""

    first: str = ""
    family: str = ""
    printed: str = ""
    latin: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split("\n")[:4])

    @property
    def text(self) -> str:
        """One line each: what is sealed."""
        return "\n".join((self.first, self.family, self.printed, self.latin))

    @property
    def full(self) -> str:
        return f"{self.first} {self.family}".strip()

    @property
    def on_paper(self) -> str:
        return self.printed or self.full

    @property
    def in_latin(self) -> str:
        """As on paper, in Latin letters: what she gave, or the printed name where that is Latin; else empty."""
        return self.latin or (self.on_paper if is_latin(self.on_paper) else "")


def is_latin(text: str) -> bool:
    """Whether a name is written in Latin letters alone; an empty one is."""
    return re.fullmatch(LATIN, text) is not None
