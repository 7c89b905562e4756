"""What an SMS costs: its parts, as 3GPP TS 23.038 (alphabets) and TS 23.040, 9.2.3.24.1 (concatenation) count them.

    7-bit alphabet   160 septets alone, 153 in each of several parts; some signs take two
    UCS-2            70 units of 16 bits alone, 67 in each of several parts

One letter outside the 7-bit alphabet makes the whole message UCS-2: Arabic always is, French is with ê, ç or œ.
"""

from dataclasses import dataclass
from typing import Final, Literal

GSM_7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Size:
    """How a text travels: its alphabet, its units (septets or 16 bits) and the parts that are paid for."""

    alphabet: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def size_of(text: str) -> Size:
    """The cost of a text; an empty one is one part."""
    if all(sign in GSM_7 or sign in GSM_7_EXTENDED for sign in text):
        return _sized("gsm7", [2 if sign in GSM_7_EXTENDED else 1 for sign in text], alone=160, joined=153)
    return _sized("ucs2", [2 if ord(sign) > 0xFFFF else 1 for sign in text], alone=70, joined=67)


def _sized(alphabet: Literal["gsm7", "ucs2"], widths: list[int], *, alone: int, joined: int) -> Size:
    units = sum(widths)
    return Size(alphabet, units, 1 if units <= alone else _filled(widths, joined))


def _filled(widths: list[int], room: int) -> int:
    """Parts needed when a sign of two units may not stand half in one part and half in the next."""
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts
