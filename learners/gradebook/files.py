"""A gradebook as a spreadsheet: CSV and XLSX. No cell is ever computed."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]  # ships no types
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from learners.cohorts.models import Cohort
from learners.gradebook.queries import Grade, Row, columns_of, graded, members_of
from learners.imports.refused import BYTE_ORDER_MARK, as_text
from lms.accounts.models import Person
from lms.languages import ARABIC

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE: Final = 200

Cell = str | int | None


def lines_of(cohort: Cohort, *, staff: Person, at: datetime) -> Iterator[Sequence[Cell]]:
    """The header, then a line for each woman of the group. Of a confidential centre no name leaves in a file."""
    columns, language = columns_of(cohort), get_language()
    place = cohort.organisation.centre_type
    named = not (place and place.confidential)
    titles = [column.title_in(language) for column in columns]
    said = [_("Name")] if named else []
    yield [pgettext("a pseudonym", "Under"), *said, _("State"), "%", _("Completed on"), *titles]
    members = list(members_of(cohort))
    for start in range(0, len(members), AT_ONCE):
        some = members[start : start + AT_ONCE]
        for row in graded(some, columns, staff=staff, named=named, at=at):
            yield _line(row, named=named)


def _line(row: Row, *, named: bool) -> list[Cell]:
    her = row.enrolment
    return [
        her.learner.pseudonym,
        *([row.name] if named else []),
        her.get_state_display(),
        her.percent,
        her.completed_at.date().isoformat() if her.completed_at else None,
        *(_cell(grade) for grade in row.grades),
    ]


def _cell(grade: Grade) -> Cell:
    """The score of a quiz, else how much of the lesson is done; nothing where it was not opened."""
    return grade.score if grade.score is not None else grade.percent if grade.state else None


def as_csv(lines: Iterable[Sequence[Cell]], *, delimiter: str = ",") -> bytes:
    """Excel in Arabic and French wants `;` between cells."""
    target = io.StringIO()
    target.write(BYTE_ORDER_MARK)
    writer = csv.writer(target, delimiter=delimiter)
    for line in lines:
        writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in line])
    return target.getvalue().encode()


def as_xlsx(lines: Iterable[Sequence[Cell]]) -> bytes:
    target = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, {"in_memory": True, **plain}) as book:
        sheet = book.add_worksheet()
        if get_language() == ARABIC:
            sheet.right_to_left()
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
        sheet.freeze_panes(1, 1)
    return target.getvalue()
