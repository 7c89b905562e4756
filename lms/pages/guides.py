"""The guides of docs/guide/, shown under Help.

A guide is `docs/guide/<language>/<slug>.md`; its first line is its title. Pictures stand in `docs/guide/images/`
and are named `../images/<name>`. We write the Markdown, yet it passes nh3 like all text that becomes HTML.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from lms.languages import ARABIC, FRENCH, base

SLUG: Final = re.compile(r"[a-z0-9-]{1,60}")
PICTURE: Final = re.compile(r"[a-z0-9-]{1,80}\.(?:png|webp|jpg|svg)")
PICTURES_AT: Final = "/help/images/"


@dataclass(frozen=True)
class GuideText:
    slug: str
    language: str
    title: str
    body: SafeString


def all_guides(language: str) -> list[GuideText]:
    """The guides in her language, ordered by name; where that has none, the Arabic ones."""
    slugs = sorted(path.stem for path in _folder(_language_of_guides(language)).glob("*.md"))
    return [guide for slug in slugs if (guide := read_guide(slug, language))]


def read_guide(slug: str, language: str) -> GuideText | None:
    """One guide, in her language or else in Arabic; None when there is none of that name."""
    if not SLUG.fullmatch(slug):
        return None
    for candidate in (_language_of_guides(language), ARABIC):
        path = _folder(candidate) / f"{slug}.md"
        if path.is_file():
            return _guide(path, candidate, path.stat().st_mtime_ns)
    return None


def picture(name: str) -> Path | None:
    """The file of a guide's picture; None when the name is not one of ours."""
    path = _root() / "images" / name
    return path if PICTURE.fullmatch(name) and path.is_file() else None


@lru_cache(maxsize=200)
def _guide(path: Path, language: str, _written: int) -> GuideText:
    first, _newline, rest = path.read_text(encoding="utf-8").strip().partition("\n")
    html = MarkdownIt("commonmark").enable("table").render(rest)
    html = re.sub(r'src="(?:\.\./)?images/', f'src="{PICTURES_AT}', html)
    return GuideText(
        slug=path.stem,
        language=language,
        title=first.lstrip("# ").strip(),
        body=mark_safe(nh3.clean(html)),  # noqa: S308 — cleaned on this line
    )


def _language_of_guides(language: str) -> str:
    return FRENCH if base(language) == FRENCH else ARABIC


def _folder(language: str) -> Path:
    return _root() / language


def _root() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "guide"
