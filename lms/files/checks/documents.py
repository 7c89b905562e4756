"""PDF documents, kept byte for byte when nothing in them acts, hides or carries another file.

Three looks, because readers disagree about broken files and an attacker chooses the reader: every telling name in
the raw bytes; every `N G obj` anywhere in the file, known to its cross-reference or not, with what object streams
hold; every object the cross-reference points to.
Source: ISO 32000-1:2008 (7.3.5 names, 7.5.7 object streams, 12.6 actions).
"""

import logging
import mmap
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final

from pypdf import PdfReader, filters, overwrite_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    read_object,
)

from lms.files.checks.confinement import INPUT
from lms.files.checks.verdict import FileRefused, Finding

# pypdf imports its filters on first use; shut in, the child could no longer read them.
LATE_MODULES: Final = (filters,)
PAGES: Final = 2_000
OBJECTS: Final = 300_000
PARTS_OF_AN_OBJECT: Final = 1_000_000
OBJECT_STREAM_BYTES: Final = 24 * 1024 * 1024
END_BYTES: Final = 2_048

ACTIVE: Final = frozenset({
    "/JavaScript", "/JS", "/AA", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/Rendition",
    "/RichMedia", "/RichMediaContent", "/RichMediaSettings", "/RichMediaExecute", "/GoTo3DView", "/XFA",
    "/FFilter",
})  # fmt: skip
EMBEDDED: Final = frozenset({"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/FileAttachment", "/GoToE"})
ENCRYPTED: Final = frozenset({"/Encrypt"})
# Ordinary words elsewhere (a font, a tag), so only as the kind of an action or annotation.
ACTIVE_KINDS: Final = frozenset({"/Movie", "/Sound", "/Screen", "/3D"})
KIND_KEYS: Final = ("/S", "/Subtype")
# Short enough to appear by chance among compressed bytes: the raw look leaves them to the other two.
LONG_ENOUGH: Final = 6
SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
# A key given twice is read first by some and last by others: harmless for a font, not for these.
DECISIVE_KEYS: Final = frozenset({
    "/A", "/DecodeParms", "/F", "/Filter", "/First", "/Kids", "/N", "/OpenAction", "/Pages", "/Ref",
    "/Root", "/S", "/Subtype", "/Type", "/URI",
})  # fmt: skip

NAME: Final = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]{2,150})")
ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
OBJECT: Final = re.compile(rb"(?<![0-9])[0-9]{1,10}[\x00\t\n\x0c\r ]+[0-9]{1,5}[\x00\t\n\x0c\r ]+obj")
MARKUP: Final = re.compile(rb"<(?:!doctype|html|script|svg|iframe|body|\?php|\?xml)", re.IGNORECASE)
SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*)\s*:")


def examine(purpose: str, *, program_path: str) -> Finding:  # noqa: ARG001 - every decoder is called alike
    """Check the document at `INPUT` and count its pages. Refuses as `type_mismatch`, `file_broken`, `pdf_encrypted`,
    `pdf_active_content`, `pdf_embedded_file`, `decoder_limit`."""
    doubts = Doubts()
    watch(doubts)
    overwrite_configuration(
        zlib_maximum_output_length=OBJECT_STREAM_BYTES,
        lzw_maximum_output_length=OBJECT_STREAM_BYTES,
        run_length_maximum_output_length=OBJECT_STREAM_BYTES,
        stream_decoding_work_maximum_length=2 * OBJECT_STREAM_BYTES,
        jbig2dec_binary=None,
    )
    with INPUT.open("rb") as file:
        # Not closed: a refusal raised while a pattern still looks at it would become a BufferError.
        raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        refuse_other_types(file, raw)
        refuse_names(names_in(raw, shortest=LONG_ENOUGH))
        try:
            pages = read_document(file, raw)
        except LimitReachedError as error:
            raise FileRefused("decoder_limit") from error
        except (PyPdfError, RecursionError) as error:
            raise FileRefused("file_broken") from error
    if doubts.found:
        raise FileRefused(doubts.found)
    return Finding(content_type="application/pdf", kept_original=True, pages=pages)


class Doubts(logging.Handler):
    """pypdf repairs what it can and only says so in its log; where another reader may repair otherwise, we refuse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found = ""

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, dict) else {}
        message = str(record.msg)
        half_read = "exception" in arguments and record.name.endswith("_data_structures")
        if half_read or message.startswith("Circular"):
            self.found = self.found or "file_broken"
        elif "Multiple definitions" in message and arguments.get("key") in DECISIVE_KEYS:
            self.found = "pdf_active_content"


def watch(doubts: Doubts) -> None:
    pypdf_log = logging.getLogger("pypdf")
    pypdf_log.handlers = [doubts]
    pypdf_log.propagate = False


def refuse_other_types(file: BinaryIO, raw: mmap.mmap) -> None:
    """It begins as a PDF, ends as one, and is not at the same time a page or an archive."""
    if not re.match(rb"%PDF-[12]\.[0-9]", raw[:8]) or MARKUP.search(raw[:1024]):
        raise FileRefused("type_mismatch")
    if zipfile.is_zipfile(file):
        raise FileRefused("type_mismatch")
    end = raw[-END_BYTES:]
    _, mark, after = end.rpartition(b"%%EOF")
    if not mark or after.strip(b"\x00\t\n\x0c\r \x1a"):
        raise FileRefused("file_broken")


def names_in(raw: mmap.mmap | bytes, *, shortest: int) -> Iterator[str]:
    for match in NAME.finditer(raw):
        name = match[0]
        if b"#" in name:
            name = ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), name)
        if len(name) >= shortest:
            yield name.decode("latin-1")


def refuse_names(names: Iterator[str]) -> None:
    for name in names:
        refuse_name(name)


def refuse_name(name: str) -> None:
    if name in ACTIVE:
        raise FileRefused("pdf_active_content")
    if name in EMBEDDED:
        raise FileRefused("pdf_embedded_file")
    if name in ENCRYPTED:
        raise FileRefused("pdf_encrypted")


def read_document(file: BinaryIO, raw: mmap.mmap) -> int:
    """Look at every object; returns the number of pages."""
    reader = PdfReader(file)
    if reader.is_encrypted:
        raise FileRefused("pdf_encrypted")
    inspect(reader.trailer)
    seen: set[int] = set()
    for position, part in objects_by_sight(file, raw, reader):
        seen.add(position)
        inspect_with_contents(part, reader)
    for part in objects_by_reference(reader, seen):
        inspect_with_contents(part, reader)
    return count_pages(reader)


def objects_by_sight(file: BinaryIO, raw: mmap.mmap, reader: PdfReader) -> Iterator[tuple[int, PdfObject]]:
    for count, match in enumerate(OBJECT.finditer(raw)):
        if count >= OBJECTS:
            raise FileRefused("decoder_limit")
        file.seek(match.end())
        skip_blanks(file)
        yield match.start(), read_object(file, reader)
        forget(reader)


def skip_blanks(file: BinaryIO) -> None:
    """Also comments, which may stand between any two tokens."""
    while byte := file.read(1):
        if byte == b"%":
            file.readline()
        elif byte not in b"\x00\t\n\x0c\r ":
            file.seek(-1, 1)
            return


def objects_by_reference(reader: PdfReader, seen: set[int]) -> Iterator[PdfObject]:
    for generation, places in list(reader.xref.items()):
        for number, position in list(places.items()):
            if position in seen:
                continue
            part = reader.get_object(IndirectObject(number, generation, reader))
            forget(reader)
            if part is not None:
                yield part


def forget(reader: PdfReader) -> None:
    """pypdf keeps every object it read; one at a time is enough here."""
    reader.resolved_objects.clear()


def inspect_with_contents(part: PdfObject, reader: PdfReader) -> None:
    inspect(part)
    # Readers follow the reference and ask for /First, not for the /Type that would name it an object stream.
    if isinstance(part, StreamObject) and ("/First" in part or value_of(part, "/Type") == "/ObjStm"):
        inspect_object_stream(part, reader)


def inspect_object_stream(stream: StreamObject, reader: PdfReader) -> None:
    data = stream.get_data()
    if len(data) > OBJECT_STREAM_BYTES:
        raise FileRefused("decoder_limit")
    refuse_names(names_in(data, shortest=2))
    first = whole_number(value_of(stream, "/First"))
    header = data[:first].split()[: 2 * whole_number(value_of(stream, "/N"))]
    contents = BytesIO(data)
    for offset in header[1::2]:
        contents.seek(first + int(offset))
        skip_blanks(contents)
        inspect(read_object(contents, reader))


def whole_number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= OBJECT_STREAM_BYTES:
        raise FileRefused("file_broken")
    return int(value)


def inspect(part: PdfObject) -> None:
    """Look at an object and all that stands directly in it; what it refers to is an object of its own."""
    waiting: list[PdfObject] = [part]
    for _ in range(PARTS_OF_AN_OBJECT):
        if not waiting:
            return
        current = waiting.pop()
        if isinstance(current, NameObject):
            refuse_name(str(current))
        elif isinstance(current, DictionaryObject):
            inspect_dictionary(current)
            waiting += [*dict.keys(current), *dict.values(current)]
        elif isinstance(current, ArrayObject):
            waiting += list.__iter__(current)
    raise FileRefused("decoder_limit")


def inspect_dictionary(entries: DictionaryObject) -> None:
    kinds = [value_of(entries, key) for key in KIND_KEYS]
    if any(isinstance(kind, NameObject) and kind in ACTIVE_KINDS for kind in kinds):
        raise FileRefused("pdf_active_content")
    if "/URI" in entries:
        refuse_unsafe_link(value_of(entries, "/URI"))
    # A stream whose bytes, or a drawing whose page, would be fetched from a file beside the reader's.
    if isinstance(entries, StreamObject) and ("/F" in entries or "/Ref" in entries):
        raise FileRefused("pdf_active_content")


def value_of(entries: DictionaryObject, key: str) -> object:
    value = dict.get(entries, key)
    return value.get_object() if isinstance(value, IndirectObject) else value


def refuse_unsafe_link(target: object) -> None:
    if isinstance(target, DictionaryObject):  # the catalogue's base address
        return
    address = target.decode("latin-1") if isinstance(target, ByteStringObject) else target
    if not isinstance(address, str):
        raise FileRefused("pdf_active_content")
    scheme = SCHEME.match(address)
    if "\\" in address or (scheme and scheme[1].lower() not in SAFE_SCHEMES):
        raise FileRefused("pdf_active_content")


def count_pages(reader: PdfReader) -> int:
    """Walk the tree ourselves: no node twice, at least one page, no more than `PAGES`."""
    catalogue = value_of(reader.trailer, "/Root")
    if not isinstance(catalogue, DictionaryObject):
        raise FileRefused("file_broken")
    waiting: list[object] = [dict.get(catalogue, "/Pages")]
    visited: set[int] = set()
    pages = 0
    while waiting:
        node = follow(waiting.pop(), visited)
        kids = value_of(node, "/Kids")
        if isinstance(kids, ArrayObject):
            waiting += list.__iter__(kids)
        elif value_of(node, "/Type") == "/Page":
            pages += 1
        else:
            raise FileRefused("file_broken")
        if pages + len(waiting) > PAGES:
            raise FileRefused("decoder_limit")
    if pages == 0:
        raise FileRefused("file_broken")
    return pages


def follow(reference: object, visited: set[int]) -> DictionaryObject:
    if not isinstance(reference, IndirectObject) or reference.idnum in visited:
        raise FileRefused("file_broken")
    visited.add(reference.idnum)
    node = reference.get_object()
    if not isinstance(node, DictionaryObject):
        raise FileRefused("file_broken")
    return node
