"""A certificate on paper: from frozen facts to the bytes of an A4 document. Knows no database and no clock."""

import hashlib
import json
import os
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

import segno
import typst

from lms import languages

# Raise this with every change of the template, the words it is given or the fonts: stored documents name it.
TEMPLATE_VERSION: Final = "2"

HERE: Final = Path(__file__).resolve().parent
TEMPLATE: Final = HERE / "template.typ"
FONTS: Final = (
    Path(str(files("fontpkg_amiri"))) / "files",
    Path(str(files("fontpkg_ibm_plex_sans_arabic"))) / "files",
    HERE / "fonts",
)
# ISO 19005-3 level A (to be kept for decades) and ISO 14289-1 (to be read aloud), both at once.
STANDARDS: Final = ("a-3a", "ua-1")
MOST_SIGNATORIES: Final = 2

CertificateLanguage = Literal["ar", "ar+fr"]
# `colour` is the certificate; `ink` is the same one for a printer that has only black.
Design = Literal["colour", "ink"]
Words = Mapping[str, str]


class CannotBeDrawn(ValueError):
    """The facts hold a letter that none of the certificate's fonts has; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who answers for the certificate. Each fact by language: `ar` always, `fr` where there is one."""

    name: Words
    function: Words
    institution: Words

    def to_json(self) -> dict[str, dict[str, str]]:
        """The three facts, each by language, as plain JSON values."""
        return {
            "name": dict(self.name),
            "function": dict(self.function),
            "institution": dict(self.institution),
        }


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """All that a certificate says, frozen at issue.

    `name` is printed as given (Arabic, Latin or Tifinagh letters), `name_latin` beside it where she has one.
    Words by language hold `ar` always and `fr` where there is one. `completed_on` is a day in Africa/Casablanca,
    `issued_at` an aware moment. `hours` are whole hours, None where the course states none. A `specimen` carries
    «نموذج — SPÉCIMEN» across. Raises ValueError for facts that make no certificate.
    """

    serial: str
    verification_url: str
    name: str
    name_latin: str | None
    course_title: Words
    hours: int | None
    completed_on: date
    issued_at: datetime
    language: CertificateLanguage
    signatories: tuple[Signatory, ...]
    institution: Words
    specimen: bool

    def __post_init__(self) -> None:
        if self.language not in ("ar", "ar+fr"):
            raise ValueError(f"A certificate is drawn in ar or ar+fr, not in {self.language!r}.")
        if self.issued_at.tzinfo is None:
            raise ValueError("The moment of issue has no time zone.")
        if len(self.signatories) > MOST_SIGNATORIES:
            raise ValueError("A certificate has room for two signatories.")
        if self.hours is not None and self.hours < 1:
            raise ValueError("A course of no hours states none.")
        if not self.verification_url.startswith(("https://", "http://")):
            raise ValueError("The verification link is not a web address.")
        if not _line(self.name) or not self.course_title.get("ar") or not self.institution.get("ar"):
            raise ValueError("A certificate names the woman and, in Arabic, the course and the institution.")

    def to_json(self) -> dict[str, Any]:
        """The facts as plain JSON values, to be stored; `from_json` gives them back equal."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "course_title": dict(self.course_title),
            "institution": dict(self.institution),
            "signatories": [signatory.to_json() for signatory in self.signatories],
            "completed_on": self.completed_on.isoformat(),
            "issued_at": self.issued_at.astimezone(UTC).isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The facts that `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            **{
                **stored,
                "signatories": tuple(Signatory(**signatory) for signatory in stored["signatories"]),
                "completed_on": date.fromisoformat(stored["completed_on"]),
                "issued_at": datetime.fromisoformat(stored["issued_at"]),
            }
        )


@dataclass(frozen=True)
class Drawing:
    """A drawn document. The same facts, design, template version and typst version give the same bytes."""

    pdf: bytes
    sha256: str
    template_version: str
    typst_version: str


def draw(facts: CertificateFacts, design: Design = "colour") -> Drawing:
    """Draw the certificate in one of its designs: one A4 page, landscape, PDF/A-3a and PDF/UA-1.

    Safe to repeat and to call from several threads. Raises CannotBeDrawn when a letter is in none of our fonts,
    RuntimeError in a process forked from one that has drawn (start such workers before the first drawing).
    """
    inputs = {"facts": json.dumps(_view(facts), ensure_ascii=False, sort_keys=True), "design": design}
    try:
        pdf = _engine().compile(inputs)
    except typst.TypstError as refusal:
        if "could not be displayed" not in str(refusal):
            raise
        raise CannotBeDrawn(str(refusal)) from refusal
    return Drawing(pdf, hashlib.sha256(pdf).hexdigest(), TEMPLATE_VERSION, typst_version())


@cache
def typst_version() -> str:
    """The version of the wheel that draws, as it is kept beside each document."""
    return version("typst")


class _Engine:
    """One warm compiler. It keeps fonts and the parsed template; a drawing then takes milliseconds."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.compiler = typst.Compiler(
            str(TEMPLATE),
            root=str(HERE),
            font_paths=[str(folder) for folder in FONTS],
            ignore_system_fonts=True,
        )

    def compile(self, inputs: dict[str, str]) -> bytes:
        if self.process != os.getpid():
            # The compiler's own threads stay behind in the parent: a drawing here would wait for them for ever.
            raise RuntimeError(
                "This process was forked from one that has drawn certificates; it cannot draw."
            )
        with self.lock:  # two threads in one compiler: the second is refused with "Already borrowed"
            drawn = self.compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=list(STANDARDS))
        return cast("bytes", drawn)


@cache
def _engine() -> _Engine:
    return _Engine()


def _view(facts: CertificateFacts) -> dict[str, Any]:
    """The facts in the words of the template: days, hours and addresses as text, the QR code as a drawing."""
    issued = facts.issued_at.astimezone(UTC)
    return {
        "serial": _line(facts.serial),
        "url": facts.verification_url,
        "address": facts.verification_url.partition("://")[2].partition("?")[0],
        "qr": _qr_svg(facts.verification_url),
        "name": _line(facts.name),
        "name_latin": _line(facts.name_latin or "") or None,
        "course": _words(facts.course_title),
        "institution": _words(facts.institution),
        "hours": {"ar": _hours_ar(facts.hours), "fr": _hours_fr(facts.hours)}
        if facts.hours is not None
        else None,
        "completed": {code: languages.day(facts.completed_on, code) for code in ("ar", "fr")},
        "issued": {code: languages.day(issued, code) for code in ("ar", "fr")},
        "issued_at": [issued.year, issued.month, issued.day, issued.hour, issued.minute, issued.second],
        "french": facts.language == "ar+fr",
        "specimen": facts.specimen,
        "signatories": [
            {fact: _words(words) for fact, words in signatory.to_json().items()}
            for signatory in facts.signatories
        ],
    }


def _words(words: Words) -> dict[str, str | None]:
    return {code: _line(words.get(code, "")) or None for code in ("ar", "fr")}


def _line(text: str) -> str:
    """One line of visible text.

    Invisible controls go: they can turn a serial around or hide a word. Only the joiners stay, which decide how
    Arabic letters are written.
    """
    kept = (
        character
        for character in " ".join(text.split())
        if character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return "".join(kept).strip()


def _hours_ar(hours: int) -> str:
    """Arabic counts by the last two digits: ساعة واحدة، ساعتان، 3 ساعات، 11 ساعة، 103 ساعات."""
    if hours <= 2:
        return ("ساعة واحدة", "ساعتان")[hours - 1]
    return f"{hours} ساعات" if 3 <= hours % 100 <= 10 else f"{hours} ساعة"


def _hours_fr(hours: int) -> str:
    return f"{hours} heure" if hours == 1 else f"{hours} heures"


def _qr_svg(url: str) -> str:
    """The link as a QR code (ISO/IEC 18004, level M or better), one unit a module, four modules of quiet zone."""
    code = segno.make_qr(url, error="m")
    return code.svg_inline(border=4, dark="#000", omitsize=True)
