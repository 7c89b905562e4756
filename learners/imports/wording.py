"""What an administrator reads beside a row, in her language."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from learners.imports.columns import FIELDS

REASONS: Final[dict[str, str | Promise]] = {
    "missing": _("nothing is written here"),
    "family_name_missing": _("write her family name too"),
    "not_a_name": _("this is not a name"),
    "not_a_mobile": _("this is not a Moroccan mobile number, like 06 12 34 56 78"),
    "not_a_birth_year": _("write the year she was born, like 1990"),
    "guardian_needed": _("she is under 18: register her at the centre with her guardian's consent"),
    "language_unknown": _("write ar, fr or en"),
    "centre_unknown": _("there is no such centre among yours: write its code"),
    "formula": _("a formula stands here: write the text itself"),
    "row_repeated": _("the same woman already stands higher up in the list"),
    "cohort_full": _("the group has no seat left"),
    "cohort_ended": _("the group has finished: choose another one"),
    "prerequisite_missing": _("she must first finish the course that this one builds on"),
    "account_closed": _("her account is closed: speak with the centre"),
}
STOPPED: Final[dict[str, str | Promise]] = {
    "not_allowed": _("Your role no longer includes importing here."),
    "rows_lost": _("The list is no longer there. Send it again."),
}


def reason(column: str, code: str) -> str:
    """One sentence: the column's name, and what is wrong with it."""
    text = str(REASONS.get(code, code))
    return gettext("%(column)s: %(reason)s") % {"column": FIELDS[column], "reason": text} if column else text


def reasons(notes: Iterable[tuple[str, str]]) -> str:
    return " · ".join(reason(column, code) for column, code in notes)
