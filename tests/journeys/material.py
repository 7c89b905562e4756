"""What the journey brings along, made fresh each time: a woman, a course, a film in parts, a worksheet, a quiz."""

import io
import os
import random
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pypdf import PdfWriter

FILM = Path(__file__).parent.parent / "data" / "journey" / "film.mp4"
FIRST_NAMES = ("فاطمة", "خديجة", "مليكة", "رقية", "حسناء", "يامنة", "بشرى")
FAMILY_NAMES = ("العبدلاوي", "الزرهوني", "بنعمر", "الشفشاوني", "التمسماني", "الودراسي")
MEBIBYTE = 1024 * 1024


def film(*, size: int) -> bytes:
    """A real film, made `size` bytes long by a `free` box (ISO/IEC 14496-12, 8.1.2), and never twice the same."""
    content = FILM.read_bytes()
    padding = size - len(content)
    box = padding.to_bytes(4, "big") + b"free" + os.urandom(16).hex().encode()
    return content + box.ljust(padding, b"\0")


def worksheet() -> bytes:
    """A PDF of one page, never twice the same."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": f"worksheet {secrets.token_hex(8)}"})
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


@dataclass
class Woman:
    """A woman nobody has met, with a number of the demonstration's range."""

    first: str = field(default_factory=lambda: random.choice(FIRST_NAMES))
    family: str = field(default_factory=lambda: random.choice(FAMILY_NAMES))
    number: str = field(default_factory=lambda: f"+2126000{50_000 + secrets.randbelow(50_000):05d}")

    @property
    def name(self) -> str:
        return f"{self.first} {self.family}"


@dataclass
class Course:
    """A bilingual course of three modules: two texts and one more; a film and a sheet; a quiz."""

    slug: str = field(default_factory=lambda: f"rihla-{secrets.token_hex(4)}")
    title: dict[str, str] = field(
        default_factory=lambda: {"ar": "البيع في السوق الأسبوعي", "fr": "Vendre au souk de la semaine"}
    )
    summary: dict[str, str] = field(
        default_factory=lambda: {"ar": "كيف تختارين المكان والثمن.", "fr": "Choisir sa place et son prix."}
    )

    def draft(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "languages": ["ar", "fr"],
            "open": True,
            "title": self.title,
            "summary": self.summary,
            "topic": "enterprise",
            "hours": 3,
        }


# Kinds of lesson, module by module.
MODULES: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
    ({"ar": "المكان والثمن", "fr": "La place et le prix"}, ("text", "text", "text")),
    ({"ar": "شاهدي وجربي", "fr": "Regarder et essayer"}, ("video", "document")),
    ({"ar": "ما تعلمت", "fr": "Ce que j'ai appris"}, ("quiz",)),
)
BODIES = {
    "ar": "## قبل السوق\n\nاحسبي **التكلفة** أولًا، ثم اختاري الثمن.",
    "fr": "## Avant le souk\n\nCalculez d'abord le **coût**, puis choisissez le prix.",
}
CAPTIONS = {
    "ar": "WEBVTT\n\n00:00.000 --> 00:03.000\nمرحبًا بكِ في السوق\n",
    "fr": "WEBVTT\n\n00:00.000 --> 00:03.000\nBienvenue au souk\n",
}


def questions(language: str) -> list[dict[str, Any]]:
    """One question of each kind; ids are ours so that both languages ask the same."""
    words = _WORDS[language]
    return [
        {
            "id": "profit",
            "kind": "single",
            "text": words["profit"],
            "choices": [
                {"id": "rest", "text": words["rest"], "correct": True},
                {"id": "all", "text": words["all"], "correct": False},
            ],
            "feedback": words["rest"],
        },
        {
            "id": "costs",
            "kind": "multiple",
            "text": words["costs"],
            "choices": [
                {"id": "flour", "text": words["flour"], "correct": True},
                {"id": "road", "text": words["road"], "correct": True},
                {"id": "praise", "text": words["praise"], "correct": False},
            ],
        },
        {
            "id": "loss",
            "kind": "true_false",
            "text": words["loss"],
            "choices": [
                {"id": "true", "text": words["true"], "correct": False},
                {"id": "false", "text": words["false"], "correct": True},
            ],
        },
        {"id": "sum", "kind": "short", "text": words["sum"], "accepted": ["400", words["four hundred"]]},
    ]


RIGHT = [
    {"question": "profit", "choices": ["rest"]},
    {"question": "costs", "choices": ["flour", "road"]},
    {"question": "loss", "choices": ["false"]},
    {"question": "sum", "text": "٤٠٠"},
]
WRONG = [
    {"question": "profit", "choices": ["all"]},
    {"question": "costs", "choices": ["praise"]},
    {"question": "loss", "choices": ["true"]},
    {"question": "sum", "text": "12"},
]

_WORDS = {
    "ar": {
        "profit": "ما هو الربح؟",
        "rest": "ما يبقى بعد التكلفة",
        "all": "كل ما يدخل الصندوق",
        "costs": "أي هذه تكلفة؟",
        "flour": "الدقيق",
        "road": "الطريق",
        "praise": "كلمة شكر",
        "loss": "البيع بأقل من التكلفة ربح.",
        "true": "صحيح",
        "false": "خطأ",
        "sum": "180 و120 و100 درهم: كم المجموع؟",
        "four hundred": "أربعمائة",
    },
    "fr": {
        "profit": "Qu'est-ce que le bénéfice ?",
        "rest": "Ce qui reste après le coût",
        "all": "Tout ce qui entre en caisse",
        "costs": "Lesquels sont des coûts ?",
        "flour": "La farine",
        "road": "Le trajet",
        "praise": "Un merci",
        "loss": "Vendre sous le coût est un bénéfice.",
        "true": "Vrai",
        "false": "Faux",
        "sum": "180, 120 et 100 dirhams : quel total ?",
        "four hundred": "quatre cents",
    },
}
