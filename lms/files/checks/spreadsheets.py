"""Lists of people, CSV and XLSX, read into one plain form: a JSON line for each row, nothing else of the file remains.

The first line is `{"kind": "csv" | "xlsx", "header": [text, …]}`, then `[number, cell, …]` for each row that is not
blank: its number as the spreadsheet shows it, and a text for each column, or null where a formula stands.
Sources: RFC 4180 (CSV), ECMA-376 part 1, 18.3 (sheets) and part 2 (packages).
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final
from xml.etree import ElementTree

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from lms.files.checks.confinement import INPUT, RESULT
from lms.files.checks.verdict import FileRefused, Finding

ROWS: Final = 100_000
COLUMNS: Final = 60
# More than any name has; what is longer is cut one letter above, so that its reader sees it and refuses.
CELL_LETTERS: Final = 200
ENTRIES: Final = 2_000
UNPACKED_BYTES: Final = 512 * 1024 * 1024
CHUNK_BYTES: Final = 256 * 1024
DELIMITERS: Final = (",", ";", "\t")
ZIP: Final = b"PK\x03\x04"
WORKBOOK: Final = "xl/workbook.xml"
RELATIONS: Final = "xl/_rels/workbook.xml.rels"
# Macros, and what only other kinds of workbook hold.
NOT_IN_XLSX: Final = frozenset({"xl/vbaProject.bin", "xl/workbook.bin"})
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe]")
MARKUP: Final = re.compile(r"\s*(?:<[!?a-zA-Z/]|%PDF-|\{\\rtf)")
DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
QUOTED: Final = re.compile(r'="([^"]*)"')
FORMULA: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f\b')

# Python loads these on first use; shut in, it could no longer read its own library.
LATE_CODECS: Final = [codecs.lookup(name) for name in ("utf-8-sig", "utf-16", "cp1256", "cp437")]

Row = list[str | None]


def examine(purpose: str, *, program_path: str) -> Finding:  # noqa: ARG001 - every decoder is called alike
    """Read the list at `INPUT` and write its plain form. Refuses as `type_mismatch`, `file_broken`,
    `too_many_rows`, `too_many_columns`, `decoder_limit`."""
    with INPUT.open("rb") as file:
        head = file.read(len(ZIP))
        file.seek(0)
        kind, rows = ("xlsx", rows_of_workbook(file)) if head == ZIP else ("csv", rows_of_text(file.read()))
        write(kind, numbered(rows))
    return Finding(content_type="application/jsonl", kept_original=False)


def numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """The rows that hold something, with their numbers; the first of them is the header."""
    for number, row in enumerate(rows, 1):
        if any(row) or None in row:
            yield number, row


def write(kind: str, rows: Iterator[tuple[int, Row]]) -> None:
    _number, titles = next(rows, (0, []))
    header = trimmed(titles)
    if len(header) > COLUMNS:
        raise FileRefused("too_many_columns")
    with RESULT.open("wb") as result:
        result.write(as_line({"kind": kind, "header": [cell or "" for cell in header]}))
        for count, (number, row) in enumerate(rows, 1):
            if count > ROWS:
                raise FileRefused("too_many_rows")
            cells = [*row[: len(header)], *[""] * (len(header) - len(row))]
            result.write(as_line([number, *cells]))


def as_line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def trimmed(titles: Row) -> Row:
    """Without the empty columns that spreadsheets leave at the end."""
    last = max((place for place, title in enumerate(titles, 1) if title != ""), default=0)
    return titles[:last]


# --- text


def rows_of_text(raw: bytes) -> Iterator[Row]:
    text = decode(raw)
    if CONTROL.search(text) or MARKUP.match(text):
        raise FileRefused("type_mismatch")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        for row in reader:
            yield [as_formula_or_text(cell) for cell in row]
    except csv.Error as error:
        raise FileRefused("file_broken") from error


def decode(raw: bytes) -> str:
    """UTF-16 where it says so, else UTF-8, else Windows-1256, as Excel writes CSV on an Arabic Windows."""
    try:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Letters beyond ASCII that were good UTF-8 up to here: a cut or damaged file, not another code page.
        if error.encoding != "utf-8" or not raw[: error.start].removeprefix(codecs.BOM_UTF8).isascii():
            raise FileRefused("file_broken") from error
        return raw.decode("cp1256")


def delimiter_of(text: str) -> str:
    """The one that makes the most columns of the first line that is not blank."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([line], delimiter=delimiter), [])))


def as_formula_or_text(cell: str) -> str | None:
    """A formula is what a spreadsheet would compute: `=…` and `@…`. A `+` or `-` may begin a phone number.

    `="0612345678"` is how some programs keep the first zero of a number: that is its text.
    """
    text = cell.strip()
    if not text.startswith(("=", "@")):
        return text[: CELL_LETTERS + 1]
    quoted = QUOTED.fullmatch(text)
    return quoted[1][: CELL_LETTERS + 1] if quoted else None


# --- workbooks


def rows_of_workbook(file: BinaryIO) -> Iterator[Row]:
    """The first sheet that can be seen. Every byte of the package was counted before a library reads it."""
    try:
        parts = unpacked_parts(file)
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        sheet, name = first_sheet(workbook)
        formulas = formula_places(parts.get(part_of(name, parts), b""))
    except (zipfile.BadZipFile, zlib.error, CalamineError, ElementTree.ParseError, EOFError) as error:
        raise FileRefused("file_broken") from error
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    for number, row in enumerate(rows):
        computed = formulas.get(number, ())
        texts: Row = [as_text(cell) for cell in row]
        for place in computed:
            if place < len(texts):
                texts[place] = None
        yield texts


def unpacked_parts(file: BinaryIO) -> dict[str, bytes]:
    """The parts that say where the rows are, and the sheets; all other parts are only counted."""
    with zipfile.ZipFile(file) as package:
        entries = package.infolist()
        names = {entry.filename for entry in entries}
        if WORKBOOK not in names or names & NOT_IN_XLSX or any(entry.flag_bits & 1 for entry in entries):
            raise FileRefused("type_mismatch")
        if len(entries) > ENTRIES or len(names) != len(entries):
            raise FileRefused("decoder_limit")
        parts, left = {}, UNPACKED_BYTES
        for entry in entries:
            wanted = entry.filename.endswith((".xml", ".rels")) and entry.filename.startswith("xl/")
            data, size = unpack(file, entry, left, keep=wanted)
            left -= size
            if wanted:
                parts[entry.filename] = data
        return parts


def unpack(file: BinaryIO, entry: zipfile.ZipInfo, left: int, *, keep: bool) -> tuple[bytes, int]:
    """What an entry really holds, at most `left` bytes: the sizes that a package declares are not believed."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused("type_mismatch")
    kept, size = bytearray(), 0
    for piece in pieces(file, entry):
        size += len(piece)
        if size > left:
            raise FileRefused("decoder_limit")
        if keep:
            kept += piece
    if size != entry.file_size:
        raise FileRefused("file_broken")
    return bytes(kept), size


def pieces(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    head = file.read(30)
    if not head.startswith(ZIP):
        raise FileRefused("file_broken")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), io.SEEK_CUR)
    remaining = entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while remaining > 0 and (packed := file.read(min(CHUNK_BYTES, remaining))):
        remaining -= len(packed)
        while packed:
            yield inflate.decompress(packed, CHUNK_BYTES) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""


def first_sheet(workbook: CalamineWorkbook) -> tuple[CalamineSheet, str]:
    seen = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    if not seen:
        raise FileRefused("file_broken")
    return workbook.get_sheet_by_name(seen[0]), seen[0]


def part_of(name: str, parts: dict[str, bytes]) -> str:
    """Where the package keeps the sheet of this name."""
    for data in (parts[WORKBOOK], parts.get(RELATIONS, b"")):
        if DOCTYPE.search(data):
            raise FileRefused("file_broken")
    sheets = ElementTree.fromstring(parts[WORKBOOK]).iter(f"{MAIN}sheet")  # noqa: S314 - without DTD, see above
    relation = next((sheet.get(RELATION_ID) for sheet in sheets if sheet.get("name") == name), None)
    for each in ElementTree.fromstring(parts.get(RELATIONS, b"<none/>")):  # noqa: S314 - without DTD, see above
        if each.get("Id") == relation:
            return str(PurePosixPath("xl") / each.get("Target", "")).removeprefix("/")
    return ""


def formula_places(sheet: bytes) -> dict[int, set[int]]:
    """Which cells are computed, by row and column counted from 0; the libraries show only what came out."""
    places: dict[int, set[int]] = {}
    if b"<f" not in sheet and b":f" not in sheet:
        return places
    for letters, digits in FORMULA.findall(sheet):
        places.setdefault(int(digits) - 1, set()).add(column_number(letters))
    return places


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def as_text(cell: object) -> str:
    """A cell as it is read aloud: whole numbers without a point (phones lose their zero, years do not), ISO days."""
    if isinstance(cell, str):
        return cell.strip()[: CELL_LETTERS + 1]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time | timedelta | bool | int | float):
        return str(cell)
    return ""
