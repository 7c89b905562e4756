"""Reading one row of a list: who she is, or all that is wrong with what is written. Reaches no database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from learners.imports.columns import (
    BIRTH_YEAR,
    CENTRE,
    FAMILY_NAME,
    FIRST_NAME,
    FULL_NAME,
    LANGUAGE,
    PHONE,
)
from learners.imports.places import Place, Places
from lms import keys
from lms.accounts.arrivals import Arrival, SealedArrival, seal_arrival
from lms.accounts.indexes import phone_index
from lms.accounts.names import Names
from lms.accounts.phones import NotAMobile, normalise_phone
from lms.accounts.pins import western_digits
from lms.languages import ARABIC, LANGUAGES
from lms.normalising import normalise

Answer = TypeVar("Answer")
Cells = Sequence[str | None]

NAME_LETTERS: Final = 60
ADULT: Final = 18
OLDEST: Final = 110

# Letters of any script, their marks, and what joins the parts of a name.
NAME: Final = re.compile(r"(?:[^\W\d_]|[ '’ʼ.\-\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670])+")
YEAR: Final = re.compile(r"(?:\d{1,2}[/.-]){0,2}(\d{4})|(\d{4})(?:[/.-]\d{1,2}){1,2}")
INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
LANGUAGES_SAID: Final = {
    normalise(word): code
    for code, name in (*LANGUAGES, ("ar", "عربية"), ("ar", "arabe"), ("ar", "arabic"), ("fr", "الفرنسية"))
    for word in (code, name)
} | {normalise(word): "fr" for word in ("فرنسية", "french")}


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said of a row, and of which of its `columns.FIELDS`; no field: of all of it."""

    row: int
    code: str
    column: str = ""
    refuses: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that can be read.

    words    her name as it is compared with others
    herself  her number and name, which no other row of the list may have; without a number the digest
    """

    row: int
    words: str
    herself: str
    arrival: SealedArrival

    @property
    def digest(self) -> bytes:
        """16 bytes, keyed: who she is at this place."""
        return self.arrival.row_index

    @property
    def number(self) -> bytes | None:
        """The index of her number."""
        return self.arrival.phone_index


class Illegible(Exception):
    """A cell that cannot be what its column says."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Answers:
    """The cells of one row, and what is wrong with them: all of it, so that the row is corrected once."""

    row: int
    cells: Cells
    columns: Mapping[str, int]
    notes: list[Note] = field(default_factory=list)

    def to(self, asked: str, read: Callable[[str], Answer], otherwise: Answer) -> Answer:
        place = self.columns.get(asked)
        if place is None:
            return otherwise
        try:
            return read(legible(self.cells[place]))
        except Illegible as illegible:
            self.notes.append(Note(self.row, illegible.code, asked))
            return otherwise


@dataclass(frozen=True)
class Reader:
    """How the rows of one list are read: its columns, its places, and the year we are in.

    `seals` false leaves her answers unsealed and away: enough to compare rows, and cheaper.
    """

    columns: Mapping[str, int]
    places: Places
    year: int
    seals: bool = True

    def judge(self, row: int, cells: Cells) -> Candidate | list[Note]:
        """Who this row is, or everything that is wrong with it."""
        answers = Answers(row, cells, self.columns)
        names = self._names(answers)
        number = answers.to(PHONE, number_in, "")
        year = answers.to(BIRTH_YEAR, self.birth_year_in, None)
        language = answers.to(LANGUAGE, language_in, ARABIC)
        place = answers.to(CENTRE, self.place_in, self.places.default)
        if place is None and not answers.notes:
            answers.notes.append(Note(row, "centre_unknown", CENTRE))
        if place is None or answers.notes:
            return answers.notes
        arrival = Arrival(
            names=names,
            language=language,
            home_id=place.pk,
            number=number,
            birth_year=year,
            hidden=place.hidden,
        )
        return candidate(row, arrival, place, seals=self.seals)

    def _names(self, answers: Answers) -> Names:
        if FULL_NAME in self.columns:
            return answers.to(FULL_NAME, full_name_in, Names())
        return Names(answers.to(FIRST_NAME, name_in, ""), answers.to(FAMILY_NAME, name_in, ""))

    def birth_year_in(self, text: str) -> int | None:
        """The year of `1990`, `12/05/1990` or `1990-05-12`; empty is unknown."""
        if not text:
            return None
        found = YEAR.fullmatch(western_digits(text))
        year = int(found[1] or found[2]) if found else 0
        if not self.year - OLDEST <= year <= self.year:
            raise Illegible("not_a_birth_year")
        if self.year - year < ADULT:
            raise Illegible("guardian_needed")
        return year

    def place_in(self, text: str) -> Place:
        place = self.places.named(text)
        if place is None:
            raise Illegible("centre_unknown")
        return place


def candidate(row: int, arrival: Arrival, place: Place, *, seals: bool) -> Candidate:
    """Seal her answers, and work out what she is recognised by."""
    words, number = name_words(arrival.names), arrival.number
    told_apart_by = number or f"without {arrival.birth_year or ''}"
    digest = keys.mac("blind_index", "imported", place.code, told_apart_by, words)[:16]
    herself = f"{number} {words}" if number else digest.hex()
    index = phone_index(number) if number else None
    return Candidate(
        row, words, herself, SealedArrival(seal_arrival(arrival) if seals else "", digest, index)
    )


def legible(cell: str | None) -> str:
    """A cell without what cannot be seen, and without the `'` that keeps a spreadsheet from computing it."""
    if cell is None:
        raise Illegible("formula")
    return INVISIBLE.sub("", cell).removeprefix("'").strip()


def name_in(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise Illegible("missing")
    if len(name) > NAME_LETTERS or not NAME.fullmatch(name) or not any(map(str.isalpha, name)):
        raise Illegible("not_a_name")
    return name


def full_name_in(text: str) -> Names:
    """First and family name in one cell: the first word, and the rest."""
    first, _space, family = name_in(text).partition(" ")
    if not family:
        raise Illegible("family_name_missing")
    return Names(first, family)


def number_in(text: str) -> str:
    """E.164; empty where she has no phone."""
    try:
        return normalise_phone(text) if text else ""
    except NotAMobile as refusal:
        raise Illegible(refusal.code) from refusal


def language_in(text: str) -> str:
    if text and normalise(text) not in LANGUAGES_SAID:
        raise Illegible("language_unknown")
    return LANGUAGES_SAID[normalise(text)] if text else ARABIC


def name_words(names: Names) -> str:
    """Her name as it is compared: no marks, one form of each letter, whichever name was written first."""
    return " ".join(sorted(word for part in names.full.split() for word in _word(part).split()))


@lru_cache(maxsize=8_192)
def _word(word: str) -> str:
    return normalise(word)
