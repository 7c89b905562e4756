"""What an SMS costs is counted as the networks count it."""

import pytest

from lms.messages.parts import GSM_7, size_of


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("é" * 160, "gsm7", 160, 1),  # French accents of the alphabet cost nothing
        ("ê" + "a" * 69, "ucs2", 70, 1),  # but one outside of it makes all UCS-2
        ("ê" + "a" * 70, "ucs2", 71, 2),
        ("م" * 70, "ucs2", 70, 1),
        ("م" * 71, "ucs2", 71, 2),
        ("م" * 134, "ucs2", 134, 2),
        ("م" * 135, "ucs2", 135, 3),
        ("مَ" * 35, "ucs2", 70, 1),  # a vowel sign is a unit of its own
        ("€" * 80, "gsm7", 160, 1),  # two septets each
        ("€" * 81, "gsm7", 162, 2),
        ("ⵊⵉⵙⵔ", "ucs2", 4, 1),
        ("😀" * 35, "ucs2", 70, 1),  # two units each
        ("😀" * 36, "ucs2", 72, 2),
    ],
)
def test_parts_are_counted_as_they_are_paid(text: str, alphabet: str, units: int, parts: int) -> None:
    size = size_of(text)
    assert (size.alphabet, size.units, size.parts) == (alphabet, units, parts)


def test_no_sign_is_torn_between_two_parts() -> None:
    # 152 + a sign of two: it moves to the second part whole, whose 153 then hold 2 + 151.
    assert size_of("a" * 152 + "€" + "a" * 151).parts == 2
    assert size_of("a" * 152 + "€" + "a" * 152).parts == 3
    assert size_of("م" * 66 + "😀" + "م" * 65).parts == 2
    assert size_of("م" * 66 + "😀" + "م" * 66).parts == 3


def test_the_alphabet_has_its_128_places_less_the_way_out() -> None:
    assert len(GSM_7) == 127
