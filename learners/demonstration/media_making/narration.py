"""What the films and sound files of the demonstration show and say, read from `texts/<slug>.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("ar", "fr")
SLUGS = ("asasiyat-riyadat-al-aamal", "maharat-hayatiya-wa-qiyada")
TEXTS = Path(__file__).parent / "texts"

SHORT_VOWEL = "[\u064b-\u0652]"
# These marks carry meaning for a reader: «كِ» speaks to a woman, «ًا» is ordinary spelling.
KEPT_MARKS = re.compile(r"(?:(?<=ك)\u0650(?![ء-ي])|\u064b(?=ا))")


@dataclass(frozen=True, kw_only=True)
class Slide:
    """One picture of a film: what stands on the screen and what is said meanwhile, per language."""

    picture: str
    show: dict[str, str]
    say: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ModuleTexts:
    """The film (slides in order) and the spoken summary (sentences in order, per language) of a module."""

    number: int
    slides: tuple[Slide, ...]
    summary: dict[str, tuple[str, ...]]


def texts_of(slug: str) -> tuple[ModuleTexts, ...]:
    """The texts of one course's modules, in the course's order."""
    modules = yaml.safe_load((TEXTS / f"{slug}.yaml").read_text(encoding="utf-8"))
    return tuple(_module(number, module) for number, module in enumerate(modules, start=1))


def _module(number: int, module: dict[str, Any]) -> ModuleTexts:
    return ModuleTexts(
        number=number,
        slides=tuple(Slide(**slide) for slide in module["film"]),
        summary={language: tuple(module["sound"][language]) for language in LANGUAGES},
    )


def plain(text: str) -> str:
    """The text as a reader expects it: without the short vowels that only the speech engine needs."""
    marked = KEPT_MARKS.sub(lambda mark: {"\u0650": "\x01", "\u064b": "\x02"}[mark.group()], text)
    return re.sub(SHORT_VOWEL, "", marked).replace("\x01", "\u0650").replace("\x02", "\u064b")


def as_spoken(text: str) -> str:
    """The text as it is read aloud: Arabic drops the case vowel before a pause; «كِ» stays, it means *you, woman*."""
    return re.sub(rf"(?<!ك){SHORT_VOWEL}(?=\s*(?:[،.؟]|$))", "", text)
