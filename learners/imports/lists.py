"""A list as it was sent: checked and read in a confined process, and its rows kept sealed in the storage."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lms import sealing
from lms.api.problems import TooLarge
from lms.errors import Refusal
from lms.files import storage
from lms.files.checks import FileRefused, check_file

FOLDER: Final = "imports/"
SAMPLE_ROWS: Final = 5
TITLE_LETTERS: Final = 201  # as the reader cuts cells
ENDINGS: Final = {"csv": (".csv", ".txt", ".tsv"), "xlsx": (".xlsx",)}


class ListTooLong(Refusal):
    code = "too_many_rows"
    message = _("A list has at most 100,000 rows. Send it in parts.")


class ListTooWide(Refusal):
    code = "too_many_columns"
    message = _("A list has at most 60 columns. Remove those that are not needed.")


class NotAList(Refusal):
    """Also a good file of another kind than its name says."""

    code = "type_mismatch"
    message = _("This is not a CSV or XLSX file, or not the one that its name says.")


class ListBroken(Refusal):
    code = "file_broken"
    message = _("The file is damaged or was cut short. Export it again and send it once more.")


class ListTooHeavy(Refusal):
    code = "decoder_limit"
    message = _("The file takes too much work to read. Copy the columns that are needed to a new one.")


class ListEmpty(Refusal):
    code = "list_empty"
    message = _("There is no row in this list: the first one holds the titles, the women stand below.")


_BY_CODE: Final[dict[str, type[Refusal]]] = {
    "file_empty": ListEmpty,
    "file_too_large": TooLarge,
    **{refusal.code: refusal for refusal in (ListTooLong, ListTooWide, NotAList, ListTooHeavy)},
}
REFUSALS: Final = (TooLarge, ListTooLong, ListTooWide, NotAList, ListBroken, ListTooHeavy, ListEmpty)


@dataclass(frozen=True)
class Sheet:
    """A list that was read: its titles, and a line of JSON for each row, `[number, cell, …]`."""

    header: list[str]
    lines: list[bytes]

    def sample(self) -> dict[str, Any]:
        """The titles and the first rows, to choose the columns by."""
        rows = [[cell or "" for cell in orjson.loads(line)[1:]] for line in self.lines[:SAMPLE_ROWS]]
        return {"header": self.header, "rows": rows}


def read_list(path: Path, *, name: str, workdir: Path) -> Sheet:
    """Read the file at `path`, which its sender calls `name`. Refusals: `lists.REFUSALS`.

    What it is was decided by its bytes; that it is what its name says is asked afterwards.
    """
    try:
        checked = check_file(path, purpose="sheet", workdir=workdir)
        head, *lines = checked.path.read_bytes().splitlines()
        kind, header = _head(orjson.loads(head))
        for line in lines:
            _refuse_odd_row(orjson.loads(line), len(header))
    except FileRefused as refused:
        raise _BY_CODE.get(refused.code, ListBroken) from refused
    except (orjson.JSONDecodeError, ValueError) as error:
        raise ListBroken from error
    if PurePath(name).suffix.lower() not in ("", *ENDINGS[kind]):
        raise NotAList
    if not lines:
        raise ListEmpty
    return Sheet(header, lines)


def _head(head: Any) -> tuple[str, list[str]]:
    """The process that read the file may have been taken over by it: its answer is read as input, not as truth."""
    kind, header = (head.get("kind"), head.get("header")) if isinstance(head, dict) else (None, None)
    if (
        kind not in ENDINGS
        or not isinstance(header, list)
        or not all(isinstance(title, str) for title in header)
    ):
        raise ListBroken
    return kind, header


def _refuse_odd_row(row: Any, columns: int) -> None:
    whole = isinstance(row, list) and len(row) == columns + 1 and type(row[0]) is int
    if not whole or not all(cell is None or isinstance(cell, str) for cell in row[1:]):
        raise ListBroken


def seal_sample(sheet: Sheet, row: UUID) -> bytes:
    return sealing.seal(orjson.dumps(sheet.sample()).decode(), table="import", column="sample", row=row)


def unseal_sample(sample: bytes | memoryview, row: UUID) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        sealing.unseal(sample, table="import", column="sample", row=row) or '{"header": [], "rows": []}'
    )
    return found


def keep_rows(sheet: Sheet, row: UUID, *, workdir: Path) -> str:
    """Put the rows into the storage, sealed under the import they belong to; returns their key."""
    text = b"\n".join(sheet.lines).decode()
    sealed = sealing.seal(text, table="import", column="rows", row=row)
    path, key = workdir / "sealed", f"{FOLDER}{row}"
    path.write_bytes(sealed)
    storage.put(path, key, sha256=hashlib.sha256(sealed).hexdigest(), content_type="application/octet-stream")
    return key


def kept_rows(key: str, row: UUID) -> list[bytes]:
    """The lines again. Raises `storage.ObjectMissing` once they were forgotten."""
    sealed = b"".join(storage.read(key))
    return sealing.unseal(sealed, table="import", column="rows", row=row).encode().splitlines()


def cells_of(lines: Sequence[bytes]) -> Iterator[tuple[int, list[str | None]]]:
    for line in lines:
        number, *cells = orjson.loads(line)
        yield number, cells


def forget_lists(before: datetime) -> None:
    """Remove what was kept before that moment, also what no import speaks of. Safe to repeat."""
    with storage.reaching_storage():
        pages = storage.storage().get_paginator("list_objects_v2")
        found = [
            item["Key"]
            for page in pages.paginate(Bucket=settings.STORAGE_BUCKET, Prefix=FOLDER)
            for item in page.get("Contents", ())
            if item["LastModified"] < before
        ]
    for key in found:
        storage.delete(key)
