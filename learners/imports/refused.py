"""The refused rows of a list as a file that can be corrected and sent again."""

import csv
import io
from collections import defaultdict
from typing import Final

from django.utils.translation import gettext as _

from learners.imports.lists import cells_of, kept_rows, unseal_sample
from learners.imports.models import Import
from learners.imports.services import RowsForgotten
from learners.imports.wording import reasons
from lms.files.storage import ObjectMissing

# Excel tells UTF-8 from the old code pages by it.
BYTE_ORDER_MARK: Final = "\ufeff"
COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r")


def refused_file(job: Import, *, delimiter: str = ",") -> str:
    """CSV: the row's number, why, and its cells as they were sent. Reads no cell as a formula.

    Excel in Arabic and French wants `;` between cells. Refusals: `rows_forgotten`.
    """
    notes = defaultdict(list)
    for row, column, code in (
        job.notes.filter(refuses=True).order_by("row", "id").values_list("row", "column", "code")
    ):
        notes[row].append((column, code))
    target = io.StringIO()
    target.write(BYTE_ORDER_MARK)
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow([_("Row"), _("Why"), *map(as_text, unseal_sample(job.sample, job.uuid)["header"])])
    for row, cells in cells_of(_lines(job) if notes else []):
        if row in notes:
            writer.writerow([row, reasons(notes[row]), *(as_text(cell or "") for cell in cells)])
    return target.getvalue()


def _lines(job: Import) -> list[bytes]:
    try:
        return kept_rows(job.key, job.uuid) if job.key else _gone()
    except ObjectMissing:
        return _gone()


def _gone() -> list[bytes]:
    raise RowsForgotten


def as_text(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(COMPUTED) else cell
