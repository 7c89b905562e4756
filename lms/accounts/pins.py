"""PINs: they choose between people who share a number, and are worth nothing without the pepper.

Argon2id over HMAC(pepper, PIN): a stolen database alone does not let anyone try 10,000 PINs. The pepper's key id
stands before the hash, so that the pepper can be rotated.
"""

import hmac
import re
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy as _

from lms import keys
from lms.errors import Refusal

FORM: Final = re.compile(r"[0-9]{4,8}")
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


class NotAPin(Refusal):
    code = "not_a_pin"
    message = _("A PIN has 4 to 8 digits.")


def western_digits(text: str) -> str:
    """Digits as people type them, in Arabic or Western form and with spaces, to 0–9."""
    return "".join(text.split()).translate(_DIGITS)


def seal_pin(pin: str) -> str:
    """What is stored; anything but 4 to 8 digits is `not_a_pin`."""
    digits = western_digits(pin)
    if not FORM.fullmatch(digits):
        raise NotAPin
    key = keys.current("pin_pepper")
    return f"{key.id}:{make_password(_peppered(digits, key))}"


def pin_matches(pin: str, stored: str) -> bool:
    key_id, _, hashed = stored.partition(":")
    key = keys.ring("pin_pepper").get(key_id)
    return key is not None and check_password(_peppered(western_digits(pin), key), hashed)


def _peppered(digits: str, key: keys.Key) -> str:
    return hmac.digest(key.secret, b"pin:" + digits.encode(), "sha256").hex()
