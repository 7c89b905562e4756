"""The certificate as a document: what it says, what it looks like, and that it is always the same."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps
from pypdf import PdfReader

from learners.certificates.drawing import document
from learners.certificates.drawing.document import CannotBeDrawn, CertificateFacts, Drawing, Signatory, draw

MILLIMETRES_PER_POINT = 25.4 / 72
URL = "https://jisr.example/v/7Hq2mXk9TzRb4WcN?s=JSR-2026-000123-7"
TRAINER = Signatory(
    name={"ar": "كريمة الإدريسي", "fr": "Karima EL IDRISSI"},
    function={"ar": "مسؤولة التكوين عن بعد", "fr": "Responsable de la formation à distance"},
    institution={"ar": "المعهد الوطني للعمل الاجتماعي", "fr": "Institut national de l’action sociale"},
)
DIRECTOR = Signatory(
    name={"ar": "نزهة بنعلي", "fr": "Nezha BENALI"},
    function={"ar": "مديرة المركز", "fr": "Directrice du centre"},
    institution={
        "ar": "مركز التربية والتكوين بالعرائش",
        "fr": "Centre d’éducation et de formation de Larache",
    },
)
FATIMA = CertificateFacts(
    serial="JSR-2026-000123-7",
    verification_url=URL,
    name="فاطمة الزهراء العلوي",
    name_latin="Fatima Zahra ALAOUI",
    course_title={"ar": "أساسيات ريادة الأعمال", "fr": "Les bases de l’entrepreneuriat"},
    hours=24,
    completed_on=date(2026, 11, 22),
    issued_at=datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC),
    language="ar",
    signatories=(DIRECTOR, TRAINER),
    institution={"ar": "جسر للتمكين والريادة", "fr": "Jisr pour l’autonomisation et le leadership"},
    specimen=False,
)
BILINGUAL = replace(FATIMA, language="ar+fr")

# Digests of all that decides the drawing besides the facts, by template version. A change here gets a new version.
INGREDIENTS = {"1": "c8e7793449113075", "2": "bd597a31ebd5d0cd"}

MONTHS = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "ماي",
    "يونيو",
    "يوليوز",
    "غشت",
    "شتنبر",
    "أكتوبر",
    "نونبر",
    "دجنبر",
]

needs_poppler = pytest.mark.skipif(
    not (shutil.which("pdftoppm") and shutil.which("pdftotext")),
    reason="needs poppler-utils: apt-get install -y poppler-utils",
)


def opened(drawing: Drawing) -> PdfReader:
    return PdfReader(BytesIO(drawing.pdf))


def metadata(drawing: Drawing) -> Any:
    found = opened(drawing).metadata
    assert found is not None
    return found


def xmp(drawing: Drawing) -> str:
    stream: Any = opened(drawing).trailer["/Root"]["/Metadata"]  # type: ignore[index]
    return str(stream.get_data().decode())


def text(drawing: Drawing) -> str:
    return opened(drawing).pages[0].extract_text()


def printed(drawing: Drawing) -> str:
    """The words in reading order without spaces: kerning makes poppler see gaps inside Arabic words."""
    command = ["pdftotext", "-layout", "-", "-"]
    shown = subprocess.run(command, input=drawing.pdf, capture_output=True, check=True).stdout.decode()
    return "".join(sign for sign in shown if not sign.isspace() and sign not in "\u202a\u202b\u202c")


def places(drawing: Drawing) -> dict[str, float]:
    """Each word of the page and how far from the left edge it begins, as the eye sees it."""
    command = ["pdftotext", "-bbox", "-", "-"]
    shown = subprocess.run(command, input=drawing.pdf, capture_output=True, check=True).stdout.decode()
    words = re.findall(r'<word xMin="([\d.]+)"[^>]*>([^<]*)</word>', shown)
    first_last = reversed(words)  # of a word that stands twice, the higher one counts
    return {
        word[::-1] if re.search("[\u0600-\u06ff]", word) else word: float(left) for left, word in first_last
    }


def picture(drawing: Drawing, dots_per_inch: int = 150, *, mode: str = "-gray") -> Image.Image:
    """The page in shades of grey; with an empty `mode` in its colours."""
    command = ["pdftoppm", "-r", str(dots_per_inch), *filter(None, [mode]), "-singlefile", "-"]
    return Image.open(
        BytesIO(subprocess.run(command, input=drawing.pdf, capture_output=True, check=True).stdout)
    )


def qr_box(drawing: Drawing) -> tuple[float, float, float]:
    """Left, top and side in millimetres of the QR code: it is the first thing on the page that can be followed."""
    page = opened(drawing).pages[0]
    annotation: Any = page["/Annots"][0]  # type: ignore[index]
    left, bottom, right, top = (float(edge) for edge in annotation.get_object()["/Rect"])
    height = float(page.mediabox.height)
    side = (right - left) * MILLIMETRES_PER_POINT
    assert top - bottom == pytest.approx(right - left, abs=0.01)
    return left * MILLIMETRES_PER_POINT, (height - top) * MILLIMETRES_PER_POINT, side


def modules_drawn(drawing: Drawing, size: int) -> list[list[int]]:
    """The QR code as it stands on paper: the middle of each module, 1 where dark, quiet zone included."""
    resolution = 300
    page = picture(drawing, resolution)
    left, top, side = (length * resolution / 25.4 for length in qr_box(drawing))
    step = side / size

    grey = page.tobytes()

    def dark(row: int, column: int) -> int:
        x, y = int(left + (column + 0.5) * step), int(top + (row + 0.5) * step)
        return int(grey[y * page.width + x] < 128)

    return [[dark(row, column) for column in range(size)] for row in range(size)]


def modules_meant(url: str) -> list[list[int]]:
    return [list(row) for row in segno.make_qr(url, error="m").matrix_iter(border=4)]


# ── The same facts, the same bytes ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("facts", [FATIMA, BILINGUAL, replace(FATIMA, specimen=True)])
def test_the_same_facts_give_the_same_bytes(facts: CertificateFacts) -> None:
    first, other, again = draw(facts), draw(replace(facts, name="خديجة المنصوري")), draw(facts)
    assert first.pdf == again.pdf
    assert first.sha256 == again.sha256 == hashlib.sha256(first.pdf).hexdigest()
    assert other.sha256 != first.sha256


def test_a_fresh_process_gives_the_same_bytes_from_the_stored_facts() -> None:
    program = (
        "import json, sys\n"
        "from learners.certificates.drawing.document import CertificateFacts, draw\n"
        "print(draw(CertificateFacts.from_json(json.load(sys.stdin))).sha256)\n"
    )
    stored = json.dumps(BILINGUAL.to_json())
    fresh = subprocess.run(
        [sys.executable, "-c", program],
        input=stored,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(document.__file__).parents[3],
    )
    assert fresh.stdout.strip() == draw(BILINGUAL).sha256


def test_four_threads_drawing_at_once_give_the_same_bytes_as_one() -> None:
    every = [replace(FATIMA, serial=f"JSR-2026-{number:06d}-0") for number in range(12)]
    alone = [draw(facts).sha256 for facts in every]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda facts: draw(facts).sha256, every))
    assert together == alone


def test_a_process_forked_after_a_drawing_refuses_instead_of_waiting_for_ever() -> None:
    program = (
        "import json, os, sys, warnings\n"
        "from learners.certificates.drawing.document import CertificateFacts, draw\n"
        "warnings.simplefilter('ignore')\n"
        "facts = CertificateFacts.from_json(json.load(sys.stdin))\n"
        "draw(facts)\n"
        "child = os.fork()\n"
        "if child:\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "try:\n"
        "    draw(facts)\n"
        "except RuntimeError as refusal:\n"
        "    os._exit(7 if 'forked' in str(refusal) else 1)\n"
        "os._exit(0)\n"
    )
    forked = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(FATIMA.to_json()),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(document.__file__).parents[3],
    )
    assert forked.returncode == 7, forked.stderr


def test_a_changed_template_or_font_has_a_new_version() -> None:
    fonts = [path for folder in document.FONTS for path in sorted(folder.glob("*.ttf"))]
    assert {"Amiri-Regular.ttf", "IBMPlexSansArabic-Regular.ttf", "NotoSansTifinagh-Regular.ttf"} <= {
        path.name for path in fonts
    }
    digest = hashlib.sha256()
    for path in [document.TEMPLATE, *fonts]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    assert INGREDIENTS[document.TEMPLATE_VERSION] == digest.hexdigest()[:16]


def test_the_drawing_names_what_drew_it() -> None:
    drawing = draw(FATIMA)
    assert drawing.template_version == document.TEMPLATE_VERSION
    assert drawing.typst_version == document.typst_version() != ""


# ── Frozen facts ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "facts", [FATIMA, BILINGUAL, replace(FATIMA, hours=None, name_latin=None, signatories=(), specimen=True)]
)
def test_facts_come_back_from_json_as_they_were(facts: CertificateFacts) -> None:
    assert CertificateFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_are_stored_in_utc_and_draw_the_same_from_another_zone() -> None:
    elsewhere = replace(FATIMA, issued_at=FATIMA.issued_at.astimezone(timezone(timedelta(hours=9))))
    assert elsewhere.to_json() == FATIMA.to_json()
    assert draw(elsewhere).sha256 == draw(FATIMA).sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "fr"},
        {"issued_at": datetime(2026, 11, 22, 10, 30)},  # noqa: DTZ001 — the naive moment is what is refused
        {"signatories": (DIRECTOR, TRAINER, DIRECTOR)},
        {"verification_url": "javascript:alert(1)"},
        {"name": " \u200f "},
        {"course_title": {"fr": "Les bases"}},
        {"institution": {}},
        {"hours": 0},
    ],
)
def test_facts_that_make_no_certificate_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(FATIMA, **changes)


# ── The document ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["فاطمة الزهراء العلوي", "Fatima Zahra EL ALAOUI", "ⴼⴰⵟⵉⵎⴰ ⵜⴰⵎⵖⵏⴰⵙⵜ", "رَشِيدَة آيت‌علي"]
)
def test_the_exact_name_stands_in_title_and_xmp(name: str) -> None:
    drawing = draw(replace(FATIMA, name=name))
    assert f" — {name} — أساسيات ريادة الأعمال" in metadata(drawing).title
    assert name in xmp(drawing)


def test_serial_institution_language_and_moment_stand_in_the_metadata() -> None:
    drawing = draw(FATIMA)
    found = metadata(drawing)
    assert found["/Keywords"] == FATIMA.serial
    assert found.author == "جسر للتمكين والريادة"
    assert found.creation_date == FATIMA.issued_at
    assert str(opened(drawing).trailer["/Root"]["/Lang"]).startswith("ar")  # type: ignore[index]


@pytest.mark.parametrize("facts", [FATIMA, BILINGUAL, replace(FATIMA, specimen=True)])
def test_it_declares_pdf_a_3a_and_pdf_ua_1(facts: CertificateFacts) -> None:
    declared = xmp(draw(facts))
    assert "<pdfaid:part>3</pdfaid:part>" in declared
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in declared
    assert "<pdfuaid:part>1</pdfuaid:part>" in declared


def test_it_is_tagged_and_the_code_has_words_for_those_who_cannot_see_it() -> None:
    root: Any = opened(draw(FATIMA)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 — pypdf's own boolean
    described: list[str] = []
    waiting = [root["/StructTreeRoot"]]
    kinds = set()
    while waiting:
        node = waiting.pop().get_object()
        if not isinstance(node, dict):
            waiting.extend(node if isinstance(node, list) else [])
            continue
        kinds.add(node.get("/S"))
        described.extend([str(node["/Alt"])] if "/Alt" in node else [])
        waiting.extend([node["/K"]] if "/K" in node else [])
    assert "/H1" in kinds
    assert any("jisr.example/v/7Hq2mXk9TzRb4WcN" in words for words in described)


def test_it_is_one_a4_page_in_landscape_with_every_font_inside() -> None:
    pages = opened(draw(BILINGUAL)).pages
    assert len(pages) == 1
    width, height = (float(side) * MILLIMETRES_PER_POINT for side in pages[0].mediabox[2:])
    assert (round(width), round(height)) == (297, 210)
    fonts: Any = pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    descriptors = [font.get_object()["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts.values()]
    assert descriptors
    assert all("/FontFile2" in font or "/FontFile3" in font for font in descriptors)


def test_latin_words_serial_and_address_can_be_read_out_of_it() -> None:
    words = text(draw(BILINGUAL))
    for expected in (
        "Attestation de fin de formation",
        "Nous attestons que l’apprenante Fatima Zahra ALAOUI a achevé avec succès la formation",
        "d’une durée de 24 heures, le 22 novembre 2026.",
        "Vérifiez l’authenticité de cette attestation",
        "JSR-2026-000123-7",
        "jisr.example/v/7Hq2mXk9TzRb4WcN",
        "Directrice du centre",
        "Karima EL IDRISSI",
    ):
        assert expected in words


def test_an_arabic_certificate_holds_no_french() -> None:
    words = text(draw(FATIMA))
    assert "Attestation" not in words
    assert "Directrice" not in words


def test_without_french_words_the_french_sentence_uses_the_arabic_ones() -> None:
    arabic = {"ar": "أساسيات"}
    words = text(draw(replace(BILINGUAL, name_latin=None, course_title=arabic, institution=arabic)))
    assert "Nous attestons que l’apprenante" in words
    assert "None" not in words


@needs_poppler
def test_arabic_is_read_in_order_with_western_digits() -> None:
    words = printed(draw(FATIMA))
    for expected in (
        "شهادةإتمامالتكوين",
        "فاطمةالزهراءالعلوي",
        "«أساسياتريادةالأعمال»",
        "22نونبر2026",
        "منصحةهذهالشهادة",
    ):
        assert expected in words
    assert not set(words) & set("٠١٢٣٤٥٦٧٨٩")


@needs_poppler
def test_latin_words_and_digits_keep_their_order_inside_arabic() -> None:
    seen = places(draw(replace(FATIMA, course_title={"ar": "Excel 2016 للمبتدئات (مستوى 1)"})))
    from_the_left = ["نونبر", "22", "بتاريخ", "24", "1", "للمبتدئات", "Excel", "2016", "تكوين", "بنجاح", "قد"]
    assert sorted(from_the_left, key=seen.__getitem__) == from_the_left


@needs_poppler
def test_the_first_signatory_stands_on_the_right() -> None:
    seen = places(draw(BILINGUAL))
    assert seen["Karima"] < seen["JSR-2026-000123-7"] < seen["Nezha"]


@pytest.mark.parametrize(
    ("month", "name"),
    list(enumerate(MONTHS, start=1)),
)
def test_the_twelve_months_are_morocco_s(month: int, name: str) -> None:
    drawing = draw(
        replace(FATIMA, completed_on=date(2026, month, 9), issued_at=datetime(2027, 1, 31, tzinfo=UTC))
    )
    assert name in text(drawing)


def test_the_day_of_issue_is_counted_in_morocco() -> None:
    just_before_midnight_in_greenwich = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    shown = text(draw(replace(FATIMA, issued_at=just_before_midnight_in_greenwich)))
    assert "دجنبر" in shown


@pytest.mark.parametrize(
    ("hours", "arabic", "french"),
    [
        (1, "ساعة واحدة", "1 heure"),
        (2, "ساعتان", "2 heures"),
        (3, "3 ساعات", "3 heures"),
        (10, "10 ساعات", "10 heures"),
        (11, "11 ساعة", "11 heures"),
        (100, "100 ساعة", "100 heures"),
        (103, "103 ساعات", "103 heures"),
        (111, "111 ساعة", "111 heures"),
    ],
)
def test_hours_are_counted_as_each_language_counts(hours: int, arabic: str, french: str) -> None:
    assert document._view(replace(FATIMA, hours=hours))["hours"] == {"ar": arabic, "fr": french}


def test_a_course_without_hours_says_nothing_of_them() -> None:
    words = text(draw(replace(BILINGUAL, hours=None)))
    assert "durée" not in words
    assert "heure" not in words
    assert ", le 22 novembre 2026." in words


# ── Facts are data ───────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = ["#panic()", '"]', "*b* _i_ $x$ @a <b>", "\\u{41} // /* `raw`", "#sys.inputs", "{{ name }} %s"]


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_in_a_fact_is_printed_as_it_stands(words: str) -> None:
    spoken = {"ar": words, "fr": words}
    drawing = draw(
        replace(
            BILINGUAL,
            name=words,
            name_latin=words,
            course_title=spoken,
            institution=spoken,
            signatories=(Signatory(name=spoken, function=spoken, institution=spoken),),
        )
    )
    assert words in metadata(drawing).title
    # Institution twice, name, course in Arabic, both again in French, and six lines of the signatory.
    assert "".join(text(drawing).split()).count("".join(words.split())) == 12


def test_invisible_controls_cannot_turn_the_text_around() -> None:
    drawing = draw(replace(FATIMA, name="\u202eفاطمة\u2069 \u0000العلوي\n", serial="JSR\u202e-2026"))
    assert "فاطمة العلوي" in metadata(drawing).title
    assert metadata(drawing)["/Keywords"] == "JSR-2026"


def test_a_letter_in_no_font_is_refused_and_named() -> None:
    with pytest.raises(CannotBeDrawn, match="😀"):
        draw(replace(FATIMA, name="فاطمة 😀"))
    assert draw(FATIMA).pdf.startswith(b"%PDF")


ARABIC_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة"
LETTERS = st.sampled_from(
    [ARABIC_LETTERS, "abcdefghijklmnopqrstuvwxyzéèçïÉ'-", "ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥ"]
)
NAMES = LETTERS.flatmap(
    lambda letters: st.lists(st.text(letters, min_size=1, max_size=24), min_size=1, max_size=9).map(" ".join)
)


@settings(max_examples=25, deadline=None, database=None)
@given(name=NAMES, title=NAMES)
def test_any_name_in_any_of_the_three_scripts_is_drawn_on_one_page(name: str, title: str) -> None:
    drawing = draw(replace(BILINGUAL, name=name, course_title={"ar": title}))
    assert name in metadata(drawing).title
    assert len(opened(drawing).pages) == 1


# ── On paper ─────────────────────────────────────────────────────────────────────────────────────────────────

LONG_NAME = "فاطمة الزهراء بنت مولاي عبد الرحمان الإدريسي العلوي المدغري الحسني بنجلون التويمي"
LONG_TITLE = "المهارات الحياتية والقيادة وتدبير المشاريع الصغرى المدرة للدخل في التعاونيات والجمعيات النسائية"
LONG_WORDS = {"ar": LONG_TITLE, "fr": "Compétences de vie, leadership et gestion de petits projets " * 2}
LONG = replace(
    BILINGUAL,
    name=LONG_NAME,
    name_latin="Fatima Zahra bint Moulay Abderrahmane EL IDRISSI EL ALAOUI EL MDAGHRI BENJELLOUN",
    course_title=LONG_WORDS,
    institution=LONG_WORDS,
    signatories=(Signatory(name=LONG_WORDS, function=LONG_WORDS, institution=LONG_WORDS),) * 2,
)
UNBROKEN = replace(
    BILINGUAL, name="ب" * 120, name_latin="W" * 90, course_title={"ar": "ك" * 120, "fr": "W" * 90}
)


@needs_poppler
@pytest.mark.parametrize(
    "facts",
    [
        FATIMA,
        BILINGUAL,
        replace(FATIMA, specimen=True),
        replace(FATIMA, signatories=(TRAINER,)),
        replace(FATIMA, signatories=()),
        LONG,
        UNBROKEN,
        replace(FATIMA, verification_url="http://127.0.0.1:8000/v/" + "Wm" * 20 + "?s=JSR-2026-000123-7"),
    ],
    ids=["arabic", "bilingual", "specimen", "one", "none", "long", "unbroken", "address"],
)
def test_the_code_on_paper_is_the_link_whatever_stands_around_it(facts: CertificateFacts) -> None:
    meant = modules_meant(facts.verification_url)
    assert modules_drawn(draw(facts), len(meant)) == meant


def outside_the_arch(drawing: Drawing) -> Image.Image:
    """The page with everything inside the inner arch painted white."""
    page, dots = picture(drawing), 150 / 25.4
    brush = ImageDraw.Draw(page)
    brush.ellipse([length * dots for length in (148.5 - 134, 149 - 134, 148.5 + 134, 149 + 134)], fill=255)
    brush.rectangle([length * dots for length in (0, 191.5, 297, 210)], fill=0)
    brush.rectangle([length * dots for length in (148.5 - 134, 149, 148.5 + 134, 191.5)], fill=255)
    return page


@needs_poppler
@pytest.mark.parametrize("facts", [LONG, UNBROKEN, replace(LONG, language="ar", specimen=True)])
def test_no_word_touches_the_arch_or_leaves_it(facts: CertificateFacts) -> None:
    drawing = draw(facts)
    assert len(opened(drawing).pages) == 1
    assert outside_the_arch(drawing).tobytes() == outside_the_arch(draw(FATIMA)).tobytes()


@needs_poppler
def test_the_margins_are_white() -> None:
    drawing = draw(LONG)
    left, top, right, bottom = ImageOps.invert(picture(drawing)).getbbox() or (0, 0, 0, 0)
    width, height = picture(drawing).size
    margin = 8 * 150 / 25.4
    assert left > margin
    assert top > margin
    assert right < width - margin
    assert bottom < height - margin


def sizes(drawing: Drawing) -> list[float]:
    """The size in points of every run of text, in the order of the page."""
    found: list[float] = []

    def seen(words: str, _cm: Any, matrix: list[float], _font: Any, size: float) -> None:
        if words.strip():
            found.append(round(abs(matrix[3]) * size, 2))

    opened(drawing).pages[0].extract_text(visitor_text=seen)
    return found


def test_the_name_is_the_largest_of_all_and_shrinks_when_it_must() -> None:
    largest = [max(sizes(draw(facts))) for facts in (FATIMA, BILINGUAL, LONG)]
    assert largest == [48, 48, 36]  # on LONG the title of the document, 36 points, is left as the largest
    assert max(size for size in sizes(draw(LONG)) if size < 36) >= 24


@needs_poppler
def test_a_specimen_says_so_across_the_sheet_and_in_its_title() -> None:
    plain, specimen = draw(FATIMA), draw(replace(FATIMA, specimen=True))
    assert "نموذج — SPÉCIMEN" in metadata(specimen).title
    assert "SPÉCIMEN" not in metadata(plain).title
    assert "SPÉCIMEN" in text(specimen)

    def pale(drawing: Drawing) -> int:
        return picture(drawing).histogram()[226]

    assert pale(specimen) > 20_000 > 10 * pale(plain)


def has_colours(drawing: Drawing) -> bool:
    red, green, blue = picture(drawing, 40, mode="").split()
    return not red.tobytes() == green.tobytes() == blue.tobytes()


@needs_poppler
def test_for_a_black_printer_it_says_the_same_without_any_colour_or_grey() -> None:
    facts = replace(BILINGUAL, specimen=True)
    assert text(draw(facts, "ink")) == text(draw(facts))
    assert has_colours(draw(facts))
    assert not has_colours(draw(facts, "ink"))
    shades = picture(draw(BILINGUAL, "ink"), 600).histogram()
    assert (
        sum(shades[64:192]) < sum(shades[:64]) / 5
    )  # nothing but the edges of letters is between black and white
