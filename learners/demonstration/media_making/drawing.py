"""Slides and worksheets drawn by typst with the fonts of the product's wheels, without system fonts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import fontpkg_amiri
import fontpkg_ibm_plex_sans_arabic
import typst

HERE = Path(__file__).parent
FONTS = [str(Path(package.ROOT) / "files") for package in (fontpkg_amiri, fontpkg_ibm_plex_sans_arabic)]
# A fixed day, so that drawing the same text again gives the same bytes.
DRAWN_AT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())


def draw_slide(target: Path, *, picture: str, title: str, language: str, step: int, steps: int) -> None:
    """Draw one slide of a film as a PNG of 640 x 360 pixels."""
    inputs = {
        "picture": picture,
        "title": title,
        "language": language,
        "step": str(step),
        "steps": str(steps),
    }
    typst.compile(
        str(HERE / "slide.typ"),
        output=str(target),
        root=str(HERE),
        font_paths=FONTS,
        ignore_system_fonts=True,
        format="png",
        ppi=72,
        sys_inputs=inputs,
    )


def draw_sheet(target: Path, *, slug: str, number: int) -> None:
    """Draw one worksheet as a tagged PDF (PDF/UA-1), A4, one page."""
    typst.compile(
        str(HERE / "sheets" / slug / f"m{number}.typ"),
        output=str(target),
        root=str(HERE),
        font_paths=FONTS,
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=DRAWN_AT,
    )
