"""Moroccan mobile numbers as people type them, in one form: +212 6/7XXXXXXXX (ANRT numbering plan)."""

import re

from django.utils.translation import gettext_lazy as _

from lms.errors import Refusal

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MOBILE = re.compile(r"(?:\+212|00212|212|0)?([67]\d{8})")


class NotAMobile(Refusal):
    code = "not_a_mobile"
    message = _("Write your mobile number, like 06 12 34 56 78.")


def normalise_phone(text: str) -> str:
    """`06 12-34.56 78`, `+212…`, `00212…`, Arabic digits → `+212612345678`; anything else is `not_a_mobile`."""
    digits = re.sub(r"[\s.\-()\u200e\u200f\u202a-\u202e]", "", text.translate(_DIGITS))
    match = _MOBILE.fullmatch(digits)
    if match is None:
        raise NotAMobile
    return f"+212{match.group(1)}"
