"""What a person uploads is decided by its bytes; what is kept holds nothing but the picture, the page, the sound."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typst
from PIL import Image, ImageCms, PngImagePlugin

from lms.files.checks import CheckedFile, CheckerFailed, FileRefused, Purpose, check_file, checking
from lms.files.checks.confinement import LIMITS, OUTPUT_FOLDER, RESULT, Limits
from lms.files.checks.verdict import Finding
from tests.lms.files import hostile

PROJECT = Path(__file__).resolve().parents[3]
CANARY = b"SECRET-CANARY"
NO_FFMPEG = ""
CHILD_BYTES = 200_000_000


def check(
    folder: Path, content: bytes, purpose: Purpose, program_path: str | None = NO_FFMPEG
) -> CheckedFile:
    path = folder / "upload"
    path.write_bytes(content)
    return check_file(path, purpose=purpose, workdir=folder, program_path=program_path)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def kept(checked: CheckedFile) -> Image.Image:
    return Image.open(io.BytesIO(checked.path.read_bytes()))


def test_no_hostile_file_is_accepted_and_no_child_takes_200_megabytes(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.lms.files.hostile", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    seen = json.loads(run.stdout)

    assert [outcome for outcome in seen["outcomes"] if outcome[1] != outcome[2]] == []
    assert len({name for name, _, _ in seen["outcomes"]}) == len(seen["outcomes"]) > 150
    assert seen["child_bytes"] < CHILD_BYTES
    assert all(name.startswith("upload of ") for name in seen["left"])


def camera_jpeg(orientation: int) -> bytes:
    """60 × 40, its left half red, with a place, a comment and a colour profile in it."""
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste("red", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = CANARY.decode()
    exif.get_ifd(0x8825)[2] = (35.0, 11.0, 3.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(picture, "JPEG", exif=exif, comment=CANARY, icc_profile=profile, quality=95)


def test_a_photograph_is_turned_upright_and_loses_its_place_comment_and_profile(tmp_path: Path) -> None:
    checked = check(tmp_path, camera_jpeg(6), "image")

    made = checked.path.read_bytes()
    picture = Image.open(io.BytesIO(made))
    assert (checked.content_type, checked.width, checked.height) == ("image/jpeg", 40, 60)
    red, _, blue = (
        picture.convert("RGB").crop((20, 5, 21, 6)).tobytes()
    )  # the left half is the upper half now
    assert red > 200
    assert blue < 80
    assert not picture.getexif()
    assert CANARY not in made
    assert b"ICC_PROFILE" not in made
    assert not checked.kept_original


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_a_camera_writes_is_applied(tmp_path: Path, orientation: int) -> None:
    checked = check(tmp_path, camera_jpeg(orientation), "image")

    assert (checked.width, checked.height) == ((60, 40) if orientation < 5 else (40, 60))


def test_unreadable_camera_data_is_thrown_away_and_not_refused(tmp_path: Path) -> None:
    content = saved(Image.new("RGB", (50, 40)), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f" + CANARY)

    assert CANARY not in check(tmp_path, content, "image").path.read_bytes()


def test_a_transparent_drawing_stays_transparent_and_loses_its_texts(tmp_path: Path) -> None:
    drawing = Image.new("RGBA", (30, 20), (0, 120, 0, 90))
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", CANARY.decode())

    checked = check(tmp_path, saved(drawing, "PNG", pnginfo=texts, dpi=(300, 300)), "image")

    assert checked.content_type == "image/png"
    assert kept(checked).getpixel((3, 3)) == (0, 120, 0, 90)
    assert CANARY not in checked.path.read_bytes()


def test_a_palette_drawing_with_one_transparent_colour_keeps_it(tmp_path: Path) -> None:
    drawing = Image.new("P", (10, 10), 1)
    drawing.putpalette([255, 0, 0, 0, 0, 255])

    checked = check(tmp_path, saved(drawing, "PNG", transparency=1), "image")

    assert kept(checked).convert("RGBA").getpixel((5, 5)) == (0, 0, 255, 0)


def test_sixteen_bits_of_grey_become_eight_without_clipping(tmp_path: Path) -> None:
    checked = check(tmp_path, saved(Image.new("I;16", (10, 10), 0x8000), "PNG"), "image")

    assert kept(checked).getpixel((5, 5)) == 0x80


def test_a_printers_four_colours_become_three(tmp_path: Path) -> None:
    checked = check(tmp_path, saved(Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG"), "image")

    assert kept(checked).mode == "RGB"


def test_a_webp_picture_loses_what_is_attached_to_it(tmp_path: Path) -> None:
    content = saved(Image.new("RGBA", (30, 20), (9, 8, 7, 100)), "WEBP", xmp=CANARY, lossless=True)

    checked = check(tmp_path, content, "image")

    assert (checked.content_type, checked.width, checked.height) == ("image/webp", 30, 20)
    assert CANARY not in checked.path.read_bytes()


def test_a_large_picture_is_drawn_with_2560_pixels_at_most(tmp_path: Path) -> None:
    checked = check(tmp_path, saved(Image.new("RGB", (5000, 3000), "teal"), "PNG"), "image")

    assert (checked.width, checked.height) == (2560, 1536)


def test_an_archive_behind_a_photograph_is_gone_from_the_copy(tmp_path: Path) -> None:
    checked = check(tmp_path, camera_jpeg(1) + hostile.archive(), "image")

    assert b"Evil.class" not in checked.path.read_bytes()


def worksheet() -> bytes:
    source = (
        '#set document(title: "Ma fiche")\n#set text(lang: "fr")\n= Le prix de revient\n'
        '#link("https://example.org")[La source] #link("mailto:a@example.org")[Écrire]\n#outline()\n#lorem(1500)'
    )
    return typst.compile(source.encode(), pdf_standards=["a-2a"])


def test_an_ordinary_document_is_kept_byte_for_byte(tmp_path: Path) -> None:
    content = worksheet()

    checked = check(tmp_path, content, "document")

    assert checked.path == tmp_path / "upload"
    assert checked.kept_original
    assert checked.content_type == "application/pdf"
    assert (checked.bytes, checked.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (tmp_path / "upload").read_bytes() == content


def test_the_good_twin_of_each_hostile_document_is_accepted(tmp_path: Path) -> None:
    link = b"/Annots [<< /Subtype /Link /A << /S /URI /URI (https://example.org/a?b=c) >> >>]"
    twins = {
        "opens at a page": hostile.pdf(catalogue=b"/OpenAction [3 0 R /Fit]"),
        "link": hostile.pdf(page=link),
        "object stream": hostile.pdf(hostile.object_stream(b"<< /Title (a) >>")),
        "older revision": hostile.with_hidden_object(b"9 0 obj\n<< /Title (a) >>\nendobj\n"),
        "update": hostile.with_update(b"1 0 obj\n%s\nendobj\n" % (hostile.CATALOGUE % b"")),
        "form": hostile.pdf(catalogue=b"/AcroForm << /Fields [] >>"),
        "short key in a text": hostile.pdf(hostile.stream(b"", b"BT (/JS /AA) Tj ET")),
    }

    refused = {}
    for name, content in twins.items():
        try:
            check(tmp_path, content, "document")
        except FileRefused as refusal:
            refused[name] = refusal.code
    assert refused == {}


def adts(payload: int = 100) -> bytes:
    bits = 0xFFF << 44 | 1 << 40 | 1 << 38 | 4 << 34 | 2 << 30 | (payload + 7) << 13 | 0x7FF << 2
    return bits.to_bytes(7) + bytes(payload)


@pytest.mark.parametrize(
    ("purpose", "content", "content_type", "seconds"),
    [
        ("video", hostile.FTYP + hostile.movie(hostile.track()) + hostile.MDAT, "video/mp4", 10.0),
        ("video", hostile.matroska(), "video/webm", None),
        ("video", hostile.matroska(document_type=b"matroska"), "video/x-matroska", None),
        (
            "audio",
            hostile.FTYP + hostile.movie(hostile.track(b"soun", b"mp4a")) + hostile.MDAT,
            "audio/mp4",
            10.0,
        ),
        ("audio", b"ID3\x04\x00\x00\x00\x00\x00\x05hello" + hostile.MP3_FRAME * 10, "audio/mpeg", 0.2612),
        ("audio", hostile.MP3_FRAME * 10 + b"TAG" + bytes(125), "audio/mpeg", 0.2612),
        ("audio", adts() * 10, "audio/aac", 0.2322),
        ("audio", hostile.wav(hostile.WAV_FORMAT, bytes(16_000)), "audio/wav", 1.0),
        ("audio", hostile.ogg_page(hostile.OPUS, flags=2) + hostile.ogg_page(bytes(200)), "audio/ogg", 1.0),
    ],
)
def test_without_ffmpeg_the_original_is_kept_and_the_operator_told(
    tmp_path: Path, purpose: Purpose, content: bytes, content_type: str, seconds: float | None
) -> None:
    checked = check(tmp_path, content, purpose)

    assert (checked.content_type, checked.note, checked.kept_original) == (
        content_type,
        "ffmpeg_absent",
        True,
    )
    assert checked.seconds == (None if seconds is None else pytest.approx(seconds, abs=1e-3))
    assert checked.path.read_bytes() == content
    assert (checked.width, checked.height) == ((640, 360) if purpose == "video" else (None, None))


def test_the_caller_keeps_its_file_and_finds_only_the_copy_beside_it(tmp_path: Path) -> None:
    content = camera_jpeg(1)
    (tmp_path / "upload").write_bytes(content)
    (tmp_path / "upload").chmod(0o600)

    checked = check_file(tmp_path / "upload", purpose="image", workdir=tmp_path)

    assert (tmp_path / "upload").read_bytes() == content
    assert (tmp_path / "upload").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"upload", checked.path.name}
    assert checked.sha256 == hashlib.sha256(checked.path.read_bytes()).hexdigest()


def test_a_file_above_its_limit_is_refused_before_anything_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(LIMITS["image"].input_bytes + 1)

    with pytest.raises(FileRefused, match="file_too_large"):
        check_file(path, purpose="image", workdir=tmp_path)


def test_a_decoder_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = Limits(
        input_bytes=10**9,
        output_bytes=0,
        address_space=0,
        cpu_seconds=0,
        wall_seconds=0,
        starts_programs=False,
    )
    monkeypatch.setitem(LIMITS, "image", impatient)

    with pytest.raises(FileRefused, match="decoder_limit"):
        check(tmp_path, camera_jpeg(1), "image")
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_a_checker_that_cannot_start_says_nothing_about_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PROJECT", tmp_path)

    with pytest.raises(CheckerFailed, match="lms"):
        check(tmp_path, camera_jpeg(1), "image")


GOOD_FINDING = {
    "content_type": "image/png",
    "kept_original": True,
    "seconds": None,
    "width": 1,
    "height": 1,
    "note": "",
}


@pytest.mark.parametrize(
    "lie",
    [
        {"refused": "<script>"},
        {"refused": ["list"]},
        {},
        {"finding": None},
        {"finding": {**GOOD_FINDING, "path": "/etc/passwd"}},
        {"finding": {**GOOD_FINDING, "content_type": "text/html"}},
        {"finding": {**GOOD_FINDING, "content_type": ["image/png"]}},
        {"finding": {**GOOD_FINDING, "kept_original": "no"}},
        {"finding": {**GOOD_FINDING, "width": True}},
        {"finding": {**GOOD_FINDING, "seconds": float("nan")}},
        {"finding": {**GOOD_FINDING, "note": "<script>"}},
    ],
)
def test_what_a_captured_decoder_answers_is_not_believed(lie: dict[str, object]) -> None:
    with pytest.raises(FileRefused, match="file_broken"):
        checking.read_finding(lie)


def test_a_copy_that_is_another_type_than_said_is_refused(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(hostile.PAGE)
    finding = Finding(content_type="image/png", kept_original=False)

    with pytest.raises(FileRefused, match="file_broken"):
        checking.describe(tmp_path / "copy", finding, {})


def test_a_link_planted_in_place_of_the_copy_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / OUTPUT_FOLDER).mkdir()
    for plant in ("symlink_to", "hardlink_to"):
        getattr(tmp_path / RESULT, plant)(secret)

        with pytest.raises(FileRefused, match="file_broken"):
            checking.take_result(tmp_path, tmp_path, "image/png")
        (tmp_path / RESULT).unlink()
    assert secret.exists()


def test_an_operator_hears_that_the_network_could_not_be_taken_away(caplog: pytest.LogCaptureFixture) -> None:
    answer = checking.read_answer(0, b'{"network_isolated": false, "refused": "file_broken"}', b"")

    assert answer["refused"] == "file_broken"
    assert "network_isolated: false" in caplog.text
