"""Who of a list is known already: by the row that once made her, or by her number and name.

Only people whom the sender of the list may reach count as known: that a woman belongs elsewhere, or to a confidential
centre, shows in no number of an import.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection

from learners.imports.rows import Candidate, name_words
from lms import sealing
from lms.access.scoping import Scope
from lms.accounts.names import Names

# Taken in one order by everyone: the same numbers at once, in another list or at a registration, wait for each other.
LOCK: Final = "SELECT count(pg_advisory_xact_lock(number)) FROM unnest(%s::bigint[]) AS number"

# OFFSET 0: each row is looked up by its index, also while the planner still believes the tables small.
BY_ROW: Final = """
SELECT asked.place, made.person_id, made.is_active
  FROM unnest(%s::uuid[]) WITH ORDINALITY AS asked (digest, place)
 CROSS JOIN LATERAL (SELECT identity.person_id, person.is_active FROM identity JOIN person ON person.id = person_id
                      WHERE row_index = asked.digest OFFSET 0) AS made
"""
BY_NUMBER: Final = """
SELECT asked.place, holder.person_id
  FROM unnest(%s::bytea[]) WITH ORDINALITY AS asked (phone_index, place)
 CROSS JOIN LATERAL (SELECT person_id FROM identity WHERE phone_index = asked.phone_index OFFSET 0) AS holder
 ORDER BY holder.person_id
"""
HOLDERS: Final = """
SELECT person.id, person.uuid, identity.names, person.is_active, home.path, kind.confidential,
       (SELECT organisation.path FROM registration JOIN organisation ON organisation.id = registration.organisation_id
         WHERE registration.person_id = person.id AND registration.state = 'waiting')
  FROM person
  JOIN identity ON identity.person_id = person.id
  LEFT JOIN organisation AS home ON home.id = person.home_organisation_id
  LEFT JOIN centre_type AS kind ON kind.id = home.centre_type_id
 WHERE person.id = ANY(%s::bigint[])
"""


@dataclass(frozen=True)
class Known:
    """Someone who is with us already."""

    person_id: int
    is_active: bool


@dataclass
class Met:
    """What is known of the rows of one chunk.

    known     by digest: she herself
    numbers   numbers that are someone's way in; true where the sender may know that
    """

    known: dict[bytes, Known] = field(default_factory=dict)
    numbers: dict[bytes, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Holder:
    """Whoever has a number: her sealed names, and where she belongs or asked to."""

    person_id: int
    uuid: UUID
    names: bytes
    is_active: bool
    home: str | None
    confidential: bool | None
    asked: str | None

    def reached_by(self, scope: Scope) -> bool:
        """Whether the sender may know of her: at home in her reach, or without a home and waiting where she works.

        A confidential centre is in the reach of its own staff alone, as in `places.open_to`.
        """
        if self.home is None:
            return self.asked in scope.home_paths
        return scope.reaches(self.home) and (not self.confidential or self.home in scope.home_paths)

    @property
    def words(self) -> str:
        text = sealing.unseal(self.names, table="identity", column="names", row=self.uuid)
        return name_words(Names.parse(text))


def array(values: Iterable[object]) -> str:
    """PostgreSQL's text form of an array of numbers or hexadecimals: one parameter instead of a thousand."""
    return f"{{{','.join(map(str, values))}}}"


def lock_rows(candidates: Sequence[Candidate]) -> None:
    """One at a time for these numbers, until the transaction ends; for who has none, for her digest."""
    indexes = (each.number or each.digest for each in candidates)
    numbers = sorted({int.from_bytes(index[:8], "big", signed=True) for index in indexes})
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [array(numbers)])


def meet(candidates: Sequence[Candidate], scope: Scope) -> Met:
    """At most three statements, however many rows; one where every row is known."""
    met = Met()
    with connection.cursor() as cursor:
        cursor.execute(BY_ROW, [array(each.digest.hex() for each in candidates)])
        for place, person_id, is_active in cursor.fetchall():
            met.known[candidates[place - 1].digest] = Known(person_id, is_active)
    strangers = [each for each in candidates if each.number and each.digest not in met.known]
    if strangers:
        _meet_by_number(met, strangers, scope)
    return met


def _meet_by_number(met: Met, candidates: Sequence[Candidate], scope: Scope) -> None:
    """By the first of those on a number whose name is the row's."""
    with connection.cursor() as cursor:
        cursor.execute(BY_NUMBER, [array(rf'"\\x{(each.number or b"").hex()}"' for each in candidates)])
        found = cursor.fetchall()
        if not found:
            return
        cursor.execute(HOLDERS, [array({person_id for _place, person_id in found})])
        holders = {row[0]: Holder(*row) for row in cursor.fetchall()}
    for place, person_id in found:
        candidate, holder = candidates[place - 1], holders[person_id]
        index = candidate.number or b""
        reached = holder.reached_by(scope)
        met.numbers[index] = met.numbers.get(index, False) or reached
        if reached and holder.words == candidate.words:
            met.known.setdefault(candidate.digest, Known(holder.person_id, holder.is_active))
