"""One written form for words that people spell in several ways: for search, sorting and short answers."""

import re
import unicodedata

_ARABIC_MARKS = re.compile(r"[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "گ": "ك",
    }
    | {digit: str(index % 10) for index, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
)
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Lower case, no marks or accents, one form of alef, ya and ta marbuta, digits 0–9, single spaces.

    `فَاطِمَة` and `فاطمه` become the same, as do `Échéance` and `echeance`.
    """
    bare = _ARABIC_MARKS.sub("", text.translate(_LETTERS))
    decomposed = unicodedata.normalize("NFKD", bare.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _BETWEEN_WORDS.sub(" ", letters.translate(_LETTERS)).strip()
