"""The languages of the platform: their names, directions, months and days.

Imported by the settings, so nothing here needs a configured Django. Month and weekday names follow the Unicode
CLDR (version 47: locales ar-MA, fr, en, zgh); the Arabic ones are Morocco's, which Django's own `ar` does not have.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf.locale import LANG_INFO

ARABIC: Final = "ar"
FRENCH: Final = "fr"
ENGLISH: Final = "en"
AMAZIGH: Final = "zgh"

LANG_INFO.setdefault(
    AMAZIGH,
    {"bidi": False, "code": AMAZIGH, "name": "Standard Moroccan Amazigh", "name_local": "ⵜⴰⵎⴰⵣⵉⵖⵜ"},
)

# The interface, in the order in which the choice is offered. Each name is written in its own language.
LANGUAGES: Final = [
    (ARABIC, "العربية"),
    (FRENCH, "Français"),
    (ENGLISH, "English"),
    (AMAZIGH, "ⵜⴰⵎⴰⵣⵉⵖⵜ"),
]
CODES: Final = tuple(code for code, _name in LANGUAGES)

# Voices of a lesson: spoken more than written, so Darija stands in Arabic letters and the rest as CLDR names them.
VOICES: Final = [
    ("ary", "الدارجة"),
    ("shi", "ⵜⴰⵛⵍⵃⵉⵜ"),
    ("tzm", "Tamaziɣt n laṭlaṣ"),
    ("rif", "Tarifit"),
]
NAMES: Final = dict([*LANGUAGES, *VOICES])

RIGHT_TO_LEFT: Final = frozenset({ARABIC, "ary"})

CASABLANCA: Final = ZoneInfo("Africa/Casablanca")

# fmt: off
MONTHS: Final[dict[str, tuple[str, ...]]] = {
    ARABIC: ("يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو",
             "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"),
    FRENCH: ("janvier", "février", "mars", "avril", "mai", "juin",
             "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ENGLISH: ("January", "February", "March", "April", "May", "June",
              "July", "August", "September", "October", "November", "December"),
    AMAZIGH: ("ⵉⵏⵏⴰⵢⵔ", "ⴱⵕⴰⵢⵕ", "ⵎⴰⵕⵚ", "ⵉⴱⵔⵉⵔ", "ⵎⴰⵢⵢⵓ", "ⵢⵓⵏⵢⵓ",
              "ⵢⵓⵍⵢⵓⵣ", "ⵖⵓⵛⵜ", "ⵛⵓⵜⴰⵏⴱⵉⵔ", "ⴽⵜⵓⴱⵔ", "ⵏⵓⵡⴰⵏⴱⵉⵔ", "ⴷⵓⵊⴰⵏⴱⵉⵔ"),
}
# Monday first: that is where a Moroccan week begins.
WEEKDAYS: Final[dict[str, tuple[str, ...]]] = {
    ARABIC: ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    FRENCH: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    AMAZIGH: ("ⴰⵢⵏⴰⵙ", "ⴰⵙⵉⵏⴰⵙ", "ⴰⴽⵕⴰⵙ", "ⴰⴽⵡⴰⵙ", "ⴰⵙⵉⵎⵡⴰⵙ", "ⴰⵙⵉⴹⵢⴰⵙ", "ⴰⵙⴰⵎⴰⵙ"),
}
# fmt: on


def base(language: str) -> str:
    """`ar-MA` → `ar`: the language without its country."""
    return language.replace("_", "-").partition("-")[0].lower()


def supported(language: str | None) -> str | None:
    """The interface language that answers to this BCP 47 tag, or None: `fr-FR` → `fr`, `de` → None."""
    code = base(language) if language else ""
    return code if code in CODES else None


def direction(language: str) -> str:
    """`rtl` or `ltr`; an unknown language reads left to right."""
    return "rtl" if base(language) in RIGHT_TO_LEFT else "ltr"


def name(language: str) -> str:
    """What speakers call the language; its code where we do not know."""
    return NAMES.get(base(language), language)


def month(number: int, language: str) -> str:
    """The name of a month, 1–12. An unknown language gets the Arabic name."""
    return MONTHS.get(base(language), MONTHS[ARABIC])[number - 1]


def day(moment: date, language: str) -> str:
    """A day as people write it: `22 نونبر 2026`, `22 novembre 2026`, `1er mars 2026`.

    A moment with a time zone is first brought to Africa/Casablanca, because days are counted there.
    """
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(CASABLANCA)
    number = "1er" if moment.day == 1 and base(language) == FRENCH else str(moment.day)
    return f"{number} {month(moment.month, language)} {moment.year}"
