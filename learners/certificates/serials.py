"""Serials for people to read aloud, and codes for links nobody can guess."""

import secrets
from collections.abc import Sequence

from django.db import connection

# Crockford's base 32: no I, L, O or U, so that a printed code is typed right.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SYMBOLS = 20


def next_serials(years: Sequence[int]) -> list[str]:
    """`JSR-2026-000123-31` for each year asked for: year, a number from one sequence, and two check digits.

    The digits are ISO 7064, MOD 97-10. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('certificate_serial') FROM generate_series(1, %s)", [len(years)])
        numbers = [number for (number,) in cursor.fetchall()]
    return [with_check_digits(year, number) for year, number in zip(years, numbers, strict=True)]


def with_check_digits(year: int, number: int) -> str:
    check = 98 - int(f"{year}{number:06d}00") % 97
    return f"JSR-{year}-{number:06d}-{check:02d}"


def new_code() -> str:
    """100 random bits; knowing one code says nothing about another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_SYMBOLS))
