"""The tokens are readable, the style sheet mirrors, and no page asks another host for anything."""

import re
from pathlib import Path

import pytest

from lms.templatetags.jisr import ICONS, LESSON_ICONS, NOTICE_ICONS, TURNING

PROJECT = Path(__file__).resolve().parents[3]
STATIC = PROJECT / "lms" / "static" / "lms"
CSS = (STATIC / "jisr.css").read_text(encoding="utf-8")
STAFF_CSS = (STATIC / "staff.css").read_text(encoding="utf-8")
TEMPLATES = sorted(
    path for package in ("lms", "courses", "learners") for path in (PROJECT / package).rglob("*.html")
)
# Programs that show letters read no style but that of the elements.
PAGES = [path for path in TEMPLATES if path.name != "letter.html"]


def tokens(scheme: str) -> dict[str, str]:
    """Name → colour of the light scheme, or of the dark one over it."""
    light, dark = re.findall(r":root \{([^}]*)\}", CSS)[:2]
    blocks = [light] if scheme == "light" else [light, dark]
    return {
        name: colour for block in blocks for name, colour in re.findall(r"--([a-z-]+): (#[0-9A-F]{6})", block)
    }


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_defines_it() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21
    assert round(contrast("#777777", "#FFFFFF"), 2) == 4.48


GROUNDS = ("paper", "sheet")
PALES = ("teal-pale", "saffron-pale", "henna-pale", "olive-pale")
NEEDED = [
    *(("ink", ground, 7.0) for ground in (*GROUNDS, *PALES)),
    *(("ink-soft", ground, 4.5) for ground in (*GROUNDS, "teal-pale")),
    *((colour, ground, 4.5) for colour in ("teal", "henna", "olive") for ground in GROUNDS),
    *(("teal", "teal-pale", 4.5), ("henna", "henna-pale", 4.5), ("olive", "olive-pale", 4.5)),
    *(("on-teal", "teal", 4.5), ("on-teal", "teal-deep", 4.5)),
    *(("saffron", ground, 3.0) for ground in (*GROUNDS, "saffron-pale")),  # icons and bars: WCAG 1.4.11
    *(("edge", ground, 3.0) for ground in GROUNDS),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), NEEDED)
def test_every_pair_of_tokens_is_readable(scheme: str, front: str, ground: str, least: float) -> None:
    colours = tokens(scheme)
    assert contrast(colours[front], colours[ground]) >= least


def test_both_schemes_have_the_same_roles() -> None:
    light, dark = re.findall(r":root \{([^}]*)\}", CSS)[:2]
    names = [set(re.findall(r"--([a-z-]+):", block)) for block in (light, dark)]
    assert names[0] == names[1]


@pytest.mark.parametrize("css", [CSS, STAFF_CSS], ids=["jisr", "staff"])
def test_the_style_sheet_knows_no_left_and_no_right(css: str) -> None:
    assert re.findall(r"\b(?:left|right)\b", css) == []
    assert re.findall(r"[;{ ](?:width|height|top|bottom|margin-top|margin-bottom):", css) == []


@pytest.mark.parametrize("css", [CSS, STAFF_CSS], ids=["jisr", "staff"])
def test_nothing_moves_by_itself(css: str) -> None:
    assert re.findall(r"animation|transition|@keyframes|scroll-behavior", css) == []


def test_the_style_sheet_and_script_stay_small() -> None:
    assert len(CSS.encode()) <= 18 * 1024
    assert (STATIC / "jisr.js").stat().st_size <= 3 * 1024


def test_every_icon_is_drawn_and_only_those() -> None:
    drawn = re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8"))
    assert sorted(drawn) == sorted(ICONS)
    assert ICONS >= TURNING
    assert {*LESSON_ICONS.values(), *NOTICE_ICONS.values()} <= ICONS


@pytest.mark.parametrize("path", [*TEMPLATES, *sorted(STATIC.glob("*.[!p]*"))], ids=lambda path: path.name)
def test_nothing_is_asked_of_another_host(path: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text(encoding="utf-8"))
    assert [address for address in addresses if address != "http://www.w3.org"] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_has_script_or_style_inside(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:", html) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []


def test_what_is_read_and_reached_by_keys_stands_in_the_order_of_the_page() -> None:
    """WCAG 2.2, 1.3.2 and 2.4.3."""
    assert not re.search(r"[;{\s]order\s*:|flex-flow:[^;]*reverse|-reverse", CSS + STAFF_CSS)
    jumping = [path.name for path in TEMPLATES if re.search(r'tabindex="?[1-9]', path.read_text())]
    assert not jumping
