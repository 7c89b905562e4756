"""Many people at once: sealed in one pass, copied into a staging table, and merged by one statement a table.

What is staged is sealed already: a plain name or number stands in no table, not even for a moment.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction

from lms.accounts.names import Names
from lms.accounts.pseudonyms import new_pseudonym
from lms.accounts.search import name_tokens
from lms.ids import uuid7
from lms.sealing import seal_row

# Of this connection alone, empty outside a transaction, never logged or copied to a standby.
STAGE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged_person (
    id bigint NOT NULL, phone_index bytea, row_index uuid NOT NULL, uuid uuid NOT NULL, pseudonym text NOT NULL,
    password text NOT NULL, language text NOT NULL, home_organisation_id bigint,
    names bytea NOT NULL, phone bytea NOT NULL, birth_year bytea NOT NULL, search_tokens bigint[] NOT NULL
) ON COMMIT DELETE ROWS
"""
NEW_KEYS: Final = """
SELECT array_agg(nextval(sequence))
  FROM (SELECT pg_get_serial_sequence('person', 'id')::regclass AS sequence OFFSET 0) AS person, generate_series(1, %s)
"""
INTO_PERSON: Final = """
INSERT INTO person (id, uuid, pseudonym, password, language, is_active, pin, discreet, home_organisation_id, created_at)
SELECT id, uuid, pseudonym, password, language, true, '', false, home_organisation_id, %s
  FROM staged_person ORDER BY id
"""
INTO_IDENTITY: Final = """
INSERT INTO identity (person_id, names, phone, email, birth_year, phone_index, row_index, search_tokens)
SELECT id, names, phone, '', birth_year, phone_index, row_index, search_tokens FROM staged_person ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A woman about to be known, her answers checked before. `number` is E.164 or nothing; `hidden` keeps her out
    of the name search, as in a confidential centre."""

    names: Names
    language: str
    home_id: int | None
    number: str = ""
    birth_year: int | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SealedArrival:
    """What is staged of her.

    row_index    16 bytes, unique: the row of a list that she is, so that it makes her once
    phone_index  where her number finds her; None where she has none
    """

    cells: str
    row_index: bytes
    phone_index: bytes | None


def seal_arrival(arrival: Arrival) -> str:
    """Seal her names, number and year of birth, and work out her search tokens: `SealedArrival.cells`.

    Reaches no database. Every cell is hexadecimal, a number or of our own making: COPY's text form needs no escaping.
    """
    uuid = str(uuid7())
    texts = {
        "names": arrival.names.text,
        "phone": arrival.number,
        "birth_year": str(arrival.birth_year or ""),
    }
    names, phone, birth_year = seal_row(texts, table="identity", row=uuid)
    tokens = [] if arrival.hidden else name_tokens(arrival.names)
    home = r"\N" if arrival.home_id is None else arrival.home_id
    return (
        f"{uuid}\t{new_pseudonym()}\t{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(20)}\t{arrival.language}\t{home}"
        f"\t\\\\x{names.hex()}\t\\\\x{phone.hex()}\t\\\\x{birth_year.hex()}\t{{{str(tokens)[1:-1]}}}\n"
    )


@transaction.atomic
def write_arrivals(arrivals: Sequence[SealedArrival], *, at: datetime) -> list[int]:
    """Write people and their sealed identities; returns their primary keys in the order given.

    They have neither password nor PIN: nothing is hashed here. Six statements, however many people. An arrival
    whose `phone_index` was taken away keeps her number sealed, but is not found by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.execute(NEW_KEYS, [len(arrivals)])
        people: list[int] = cursor.fetchone()[0]
        with cursor.copy("COPY staged_person FROM STDIN") as copy:
            copy.write("".join(map(_line, people, arrivals)))
        cursor.execute(INTO_PERSON, [at])
        cursor.execute(INTO_IDENTITY)
        cursor.execute("DELETE FROM staged_person")
    return people


def _line(pk: int, arrival: SealedArrival) -> str:
    index = r"\N" if arrival.phone_index is None else rf"\\x{arrival.phone_index.hex()}"
    return f"{pk}\t{index}\t{arrival.row_index.hex()}\t{arrival.cells}"
