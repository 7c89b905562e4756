"""Lists of learners as centres send them, and the ways in which they go wrong."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

HEADER: Final = ("الاسم الشخصي", "الاسم العائلي", "الهاتف", "سنة الازدياد")
WOMEN: Final = (
    ("فاطمة", "العمراني", "0612345678", "1990"),
    ("خديجة", "بن يعيش", "+212623456789", "1985"),
    ("مريم", "الإدريسي", "00212634567890", "1979"),
    ("Aïcha", "N’Aït-Saïd", "٠٦٤٥٦٧٨٩٠١", "2001"),
)
IMPORTS: Final = "/api/v1/imports"

Rows = Iterable[Sequence[Any]]


def as_csv(
    rows: Rows, *, header: Sequence[str] = HEADER, delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([header, *rows])
    return target.getvalue().encode(encoding)


def as_xlsx(
    rows: Rows, *, header: Sequence[str] = HEADER, also: Callable[[Any, Any], None] | None = None
) -> bytes:
    """A workbook; `also` does more with it and its first sheet before it is written."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": False}) as book:
        sheet = book.add_worksheet("المتدربات")
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
        if also:
            also(book, sheet)
    return target.getvalue()


def packed_again(workbook: bytes, changed: dict[str, bytes]) -> bytes:
    """The same package with other bytes in some of its parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist() + [name for name in changed if name not in old.namelist()]:
            new.writestr(name, changed[name] if name in changed else old.read(name))
    return target.getvalue()


def send(client: APIClient, content: bytes, name: str = "list.csv", **fields: Any) -> Any:
    """Send a list for a centre (`organisation="larache-centre"` unless said otherwise)."""
    fields = {"organisation": "larache-centre", **fields}
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, content), **fields}, format="multipart")
