"""Which column of a list is what: guessed from its titles, confirmed or corrected by whoever sent it."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.errors import InvalidInput
from lms.normalising import normalise

FIRST_NAME: Final = "first_name"
FAMILY_NAME: Final = "family_name"
FULL_NAME: Final = "full_name"
PHONE: Final = "phone"
BIRTH_YEAR: Final = "birth_year"
LANGUAGE: Final = "language"
CENTRE: Final = "centre"

# What a row may say, in the order in which it is asked for.
FIELDS: Final[dict[str, str | Promise]] = {
    FIRST_NAME: _("First name"),
    FAMILY_NAME: _("Family name"),
    FULL_NAME: _("First and family name together"),
    PHONE: _("Mobile number"),
    BIRTH_YEAR: _("Year or date of birth"),
    LANGUAGE: _("Language"),
    CENTRE: _("Centre"),
}

# Titles as they stand in the lists of centres and associations.
TITLES: Final[dict[str, tuple[str, ...]]] = {
    FIRST_NAME: (
        "first name",
        "firstname",
        "given name",
        "prénom",
        "prénoms",
        "الاسم الشخصي",
        "الاسم",
        "اسم",
    ),
    FAMILY_NAME: (
        *("family name", "familyname", "last name", "lastname", "surname", "nom", "nom de famille"),
        *("الاسم العائلي", "النسب", "اللقب", "العائلة", "اسم العائلة"),
    ),
    FULL_NAME: (
        *("full name", "name", "nom complet", "nom et prénom", "nom prénom", "prénom et nom", "prénom nom"),
        *("الاسم الكامل", "الاسم والنسب", "الاسم و النسب", "الاسم الشخصي والعائلي", "اسم المستفيدة"),
    ),
    PHONE: (
        *(
            "phone",
            "phone number",
            "mobile",
            "mobile number",
            "tél",
            "téléphone",
            "n° tél",
            "n° téléphone",
            "gsm",
        ),
        *("numéro", "numéro de téléphone", "portable", "téléphone portable"),
        *("الهاتف", "هاتف", "رقم الهاتف", "الهاتف المحمول", "رقم الهاتف المحمول", "الهاتف النقال"),
    ),
    BIRTH_YEAR: (
        *(
            "birth year",
            "year of birth",
            "birth date",
            "date of birth",
            "année de naissance",
            "date de naissance",
        ),
        *("سنة الازدياد", "تاريخ الازدياد", "سنة الميلاد", "تاريخ الميلاد", "الازدياد"),
    ),
    LANGUAGE: ("language", "langue", "اللغة", "لغة"),
    CENTRE: (
        *("centre", "center", "organisation", "organization", "code centre", "code du centre", "centre code"),
        *("المركز", "رمز المركز", "اسم المركز"),
    ),
}
FIELD_OF_TITLE: Final = {normalise(title): field for field, titles in TITLES.items() for title in titles}

Columns = dict[str, int]


class ColumnsMissing(InvalidInput):
    code = "columns_missing"
    message = _("Say in which columns the names stand.")


class ColumnUnknown(InvalidInput):
    code = "column_unknown"
    message = _("The list has no such column.")


def guess(header: Sequence[str]) -> Columns:
    """Field → column, where a title is one that we know; the first of two alike counts.

    «الاسم» or «Nom» with no other name beside it is the whole name.
    """
    columns: Columns = {}
    for place, title in enumerate(header):
        if field := FIELD_OF_TITLE.get(normalise(title)):
            columns.setdefault(field, place)
    halves = [field for field in (FIRST_NAME, FAMILY_NAME) if field in columns]
    if len(halves) == 2:
        columns.pop(FULL_NAME, None)
    elif halves:
        columns.setdefault(FULL_NAME, columns.pop(halves[0]))
    return columns


def chosen(header: Sequence[str], titles: Mapping[str, str]) -> Columns:
    """What she says, by the titles of the columns. Refusals: `column_unknown`."""
    columns: Columns = {}
    for field, title in titles.items():
        if field not in FIELDS or title not in header:
            raise ColumnUnknown.at(f"/columns/{field}", ColumnUnknown.code, ColumnUnknown.message)
        columns[field] = header.index(title)
    return columns


def missing(columns: Mapping[str, int], *, needs_centre: bool) -> list[str]:
    """The fields without which no row can be read: both names or one for both, and a centre where none is given."""
    fields = [] if FULL_NAME in columns else [FIRST_NAME, FAMILY_NAME]
    return [field for field in (*fields, *([CENTRE] if needs_centre else [])) if field not in columns]


def refuse_missing(columns: Mapping[str, int], *, needs_centre: bool) -> None:
    """Refusals: `columns_missing`, one pointer for each."""
    lacking = missing(columns, needs_centre=needs_centre)
    if lacking:
        raise ColumnsMissing(
            errors=[
                {"pointer": f"/columns/{field}", "code": "missing", "detail": str(FIELDS[field])}
                for field in lacking
            ]
        )
