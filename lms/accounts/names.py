"""A person's name, as one sealed text holds it."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Names:
    """First and family name, and the name as printed on her certificates where she chose another."""

    first: str = ""
    family: str = ""
    printed: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split("\n")[:3])

    @property
    def text(self) -> str:
        """One line each: what is sealed."""
        return "\n".join((self.first, self.family, self.printed))

    @property
    def full(self) -> str:
        return f"{self.first} {self.family}".strip()

    @property
    def on_paper(self) -> str:
        return self.printed or self.full
