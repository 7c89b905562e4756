"""Pictures: JPEG, PNG and WebP, drawn again from their pixels so that nothing else of the file remains.

Sources: PNG (W3C, third edition), JPEG (ITU-T T.81), WebP container (RFC 9649), Exif orientation (CIPA DC-008).
"""

import struct
from typing import BinaryIO, Final

from PIL import (
    Image,
    ImageColor,
    ImageFile,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from lms.files.checks.confinement import INPUT, RESULT
from lms.files.checks.verdict import FileRefused, Finding

PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 2560

# The formats are registered by importing them; the rest of Pillow's sixty decoders stays unloaded.
PLUGINS: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
# Pillow imports these on first use (the TIFF reader for Exif); shut in, the child could no longer read them.
LATE_MODULES: Final = (ImageColor, ImageFile, ImagePalette, TiffImagePlugin)
FORMATS: Final = {
    "JPEG": ("image/jpeg", {"quality": 85, "optimize": True, "progressive": True}),
    "PNG": ("image/png", {"compress_level": 6}),
    "WEBP": ("image/webp", {"quality": 82, "method": 4}),
}
ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MALFORMED: Final = (
    EOFError,
    IndexError,
    KeyError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    struct.error,
)


def examine(purpose: str, *, program_path: str) -> Finding:  # noqa: ARG001 - every decoder is called alike
    """Check the picture at `INPUT` and draw its clean copy. Refuses as `type_mismatch`, `picture_too_large`,
    `picture_animated`, `file_broken`."""
    with INPUT.open("rb") as file:
        name = sniff(file.read(16))
        refuse_large_webp(file, name)
        file.seek(0)
        try:
            with open_picture(file, name) as picture:
                clean = redraw(picture)
        except MALFORMED as error:
            raise FileRefused("file_broken") from error
    content_type, options = FORMATS[name]
    clean.save(RESULT, format=name, **options)
    return Finding(content_type=content_type, kept_original=False, width=clean.width, height=clean.height)


def sniff(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    raise FileRefused("type_mismatch")


def refuse_large_webp(file: BinaryIO, name: str) -> None:
    """Pillow asks libwebp for the whole canvas on opening, so its size is read here first."""
    if name != "WEBP":
        return
    file.seek(12)
    head = file.read(18)
    if len(head) < 18:
        raise FileRefused("file_broken")
    width, height = webp_size(head)
    if width * height > PIXELS:
        raise FileRefused("picture_too_large")


def webp_size(head: bytes) -> tuple[int, int]:
    """Canvas size from the first chunk of a WebP file (its header of 8 bytes and 10 bytes of content)."""
    kind, body = head[:4], head[8:]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise FileRefused("file_broken")


def open_picture(file: BinaryIO, name: str) -> Image.Image:
    """Read the header only, and refuse by it before a pixel is decoded."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit below is the stricter one
    try:
        picture = Image.open(file, formats=[name])
    except UnidentifiedImageError as error:
        raise FileRefused("file_broken") from error
    if picture.width * picture.height > PIXELS:
        raise FileRefused("picture_too_large")
    # A camera's JPEG may hold a second, smaller copy (MPO); the first is the picture.
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        raise FileRefused("picture_animated")
    return picture


def redraw(picture: Image.Image) -> Image.Image:
    """The same picture upright, at most 2560 pixels a side, in a plain mode, with nothing attached."""
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    upright = turn_upright(shrink(in_plain_mode(picture)), picture)
    upright.info = {}
    return upright


def in_plain_mode(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey: convert() alone would clip, not scale
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in {"L", "LA", "RGB", "RGBA"} and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def shrink(picture: Image.Image) -> Image.Image:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def turn_upright(picture: Image.Image, original: Image.Image) -> Image.Image:
    """Apply the camera's orientation; unreadable Exif is no reason to refuse a picture, it is thrown away."""
    try:
        orientation = original.getexif().get(ORIENTATION)
    except MALFORMED:
        orientation = None
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture.copy()
