"""The people of the demonstration who have a name in its story. Addresses and numbers belong to nobody."""

from dataclasses import dataclass
from typing import Final

from learners.demonstration import places
from lms.access import policy

# Told to everyone who runs the demonstration; production refuses to start with it (guard.py).
PASSWORD: Final = "jisr-namoudaj-2026"  # noqa: S105  # printed by `manage.py tour`, opens invented people only


@dataclass(frozen=True)
class Staff:
    """Someone who holds a role at a node and signs in by e-mail and password."""

    role: str
    place: str
    address: str
    first: str
    family: str

    @property
    def email(self) -> str:
        return f"{self.address}@jisr.example"


STAFF: Final = (
    Staff(policy.TRAINER, places.INSTITUTE, "mukawwina", "سناء", "الوزاني"),
    Staff(policy.PUBLISHER, places.INSTITUTE, "nachira", "حفيظة", "الرحماني"),
    Staff(policy.FACILITATOR, places.HER_CENTRE, "muyassira.larache", "كريمة", "العروسي"),
    Staff(policy.CENTRE_ADMIN, places.HER_CENTRE, "markaz.larache", "لطيفة", "البقالي"),
    Staff(policy.PROVINCE_ADMIN, places.LARACHE, "larache", "نادية", "الحراق"),
    Staff(policy.PROVINCE_ADMIN, places.TETOUAN, "tetouan", "بشرى", "اللنجري"),
    Staff(policy.REGION_ADMIN, places.NORTH, "chamal", "ربيعة", "الغماري"),
    Staff(policy.MINISTRY_ADMIN, places.ROOT, "qotb", "نزهة", "الشرقاوي"),
    Staff(policy.AUDITOR, places.ROOT, "iftihas", "وفاء", "بنعيسى"),
    Staff(policy.OPERATOR, places.ROOT, "tachghil", "إلهام", "قدوري"),
    Staff(policy.CENTRE_ADMIN, places.LISTENING_CENTRE, "markaz.warda", "سهام", "الطاهري"),
    Staff(policy.FACILITATOR, places.PARTNER, "jamiya", "هند", "بلحاج"),
)


@dataclass(frozen=True)
class Heard:
    """A learner with a part in the story. `course` is that of the demonstration she is on (0, 1), if any."""

    part: str
    place: str
    first: str
    family: str
    number: int  # the end of her phone number
    birth_year: int
    joined_days_ago: int
    course: int | None
    done: str = ""  # "all", "all but the last text and the quiz", or how many lessons
    discreet: bool = False
    pin: str = ""
    language: str = "ar"


ALL: Final = "all"
BUT_TWO: Final = "all but the last text and quiz"

HEROINE: Final = Heard("heroine", places.HER_CENTRE, "حليمة", "الزروالي", 11, 1991, 74, 0, done=BUT_TWO)

LEARNERS: Final = (
    HEROINE,
    Heard("certified", places.HER_CENTRE, "خديجة", "الحمداوي", 12, 1986, 96, 0, done=ALL),
    Heard("discreet", places.LISTENING_CENTRE, "نعيمة", "السباعي", 13, 1994, 51, 0, done="6", discreet=True),
    Heard("mother", places.HER_CENTRE, "رحمة", "الصالحي", 14, 1975, 63, 1, done="9", pin="2468"),
    Heard("daughter", places.HER_CENTRE, "سلمى", "الإدريسي", 14, 2004, 40, 0, done="4", pin="1357"),
    Heard("neighbour", "c-tetouan-01", "أسماء", "الخمليشي", 15, 1997, 44, 0, done="8", language="fr"),
    Heard("new", places.HER_CENTRE, "أمينة", "المرضي", 16, 1999, 2, None),
)

# Three women whose registration waits for the centre.
WAITING: Final = (
    ("زهرة", "الجبلي", 21, 1989),
    ("هاجر", "بوزيان", 22, 2001),
    ("يامنة", "الريفي", 23, 1972),
)


def phone(number: int) -> str:
    """A number of a range that the demonstration keeps to: +2126000xxxxx."""
    return f"+2126000{number:05d}"
