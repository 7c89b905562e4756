"""A number as people write it: Arabic or Latin digits, a comma or a point before the decimals."""

import re
from decimal import Decimal
from typing import Final

NUMBER_AT_MOST: Final = 40  # characters
_WRITTEN = str.maketrans(
    {digit: str(index % 10) for index, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
    | {",": ".", "٫": ".", "،": ".", "\u2212": "-", "٬": None}
    | dict.fromkeys("\u200e\u200f\u061c\u00a0\u202f ")
)
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,10})?")


def number_of(text: str) -> Decimal | None:
    """The number written, or None. `٣٫٥`, `3,5` and `3.5` are one; a comma never parts thousands, a space may."""
    bare = text.translate(_WRITTEN)
    return Decimal(bare) if _NUMBER.fullmatch(bare) else None
