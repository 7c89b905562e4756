"""Bringing a chunk of a list in: who is new is written, who is known stays as she is, everyone takes her seat."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from learners.cohorts.models import Cohort
from learners.enrolments.services import enrol_many, free_seats, have_completed, hold, prerequisite_of
from learners.imports.columns import PHONE
from learners.imports.matching import Met, array, lock_rows, meet
from learners.imports.models import Import
from learners.imports.rows import Candidate, Note
from lms.access.scoping import Scope
from lms.accounts.arrivals import SealedArrival, write_arrivals

SITTING: Final = "SELECT learner_id FROM enrolment WHERE course_id = %s AND learner_id = ANY(%s::bigint[])"


@dataclass
class Ledger:
    """The rows of a list that came before: the same woman again is refused, the same number is shared."""

    women: set[str] = field(default_factory=set)
    numbers: set[bytes] = field(default_factory=set)

    def repeats(self, candidate: Candidate) -> bool:
        """Whether she stands higher up already; from now on she does."""
        if candidate.herself in self.women:
            return True
        self.women.add(candidate.herself)
        return False

    def shares(self, candidate: Candidate) -> bool:
        """Whether a row higher up has her number; from now on one does."""
        index = candidate.number
        if index is None:
            return False
        if index in self.numbers:
            return True
        self.numbers.add(index)
        return False


@dataclass
class Seats:
    """The cohort's seats, and who sits on its course already. Without a cohort nobody needs one.

    free      seats left; None where they are not counted
    ended     whether nobody joins any more
    prepared  who has completed what the course asks for first; None where it asks for nothing
    """

    cohort: Cohort | None
    taken_by: set[int] = field(default_factory=set)
    free: int | None = None
    ended: bool = False
    prepared: set[int] | None = None

    def needed_by(self, person_id: int | None) -> bool:
        return self.cohort is not None and person_id not in self.taken_by

    def take(self, person_id: int | None) -> str:
        """Take one for her; the code of what stands against it, else nothing."""
        if self.ended:
            return "cohort_ended"
        if self.prepared is not None and person_id not in self.prepared:
            return "prerequisite_missing"
        if self.free is None:
            return ""
        if self.free <= 0:
            return "cohort_full"
        self.free -= 1
        return ""


@dataclass
class Chunk:
    """What becomes of some rows of a list, worked out before anything is written."""

    rows: int
    new: list[SealedArrival] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    joining: list[int] = field(default_factory=list)  # those of the known who take a seat
    notes: list[Note] = field(default_factory=list)
    enrolled: int = 0

    @property
    def refused(self) -> int:
        return self.rows - len(self.new) - len(self.known)

    @property
    def sharing(self) -> int:
        return sum(not note.refuses for note in self.notes)


Judged = Candidate | list[Note]


def bring_in(job: Import, judged: Sequence[Judged], *, ledger: Ledger, scope: Scope, at: datetime) -> Chunk:
    """Work off one chunk inside the caller's transaction; a dry run only says what would become of it.

    At most 16 statements, however many rows.
    """
    chunk = Chunk(rows=len(judged))
    candidates = list(_told_apart(judged, ledger, chunk))
    if candidates:
        if not job.dry_run:
            lock_rows(candidates)
        met = meet(candidates, scope)
        seats = _seats(job, met, at)
        for candidate in candidates:
            _settle(chunk, candidate, met, seats, ledger)
    if not job.dry_run:
        _write(chunk, job, at)
    _keep_notes(job, chunk.notes)
    return chunk


def _told_apart(judged: Iterable[Judged], ledger: Ledger, chunk: Chunk) -> Iterator[Candidate]:
    for row in judged:
        if isinstance(row, list):
            chunk.notes += row
        elif ledger.repeats(row):
            chunk.notes.append(Note(row.row, "row_repeated"))
        else:
            yield row


def _seats(job: Import, met: Met, at: datetime) -> Seats:
    """The seats as they are now, held until the transaction ends. A dry run counts those it gave in thought."""
    if job.cohort is None:
        return Seats(None)
    cohort = hold(job.cohort)
    free = free_seats(cohort)
    if free is not None and job.dry_run:
        free -= job.enrolled
    return Seats(
        cohort,
        _sitting(cohort, met),
        free,
        ended=cohort.is_over(timezone.localdate(at)),
        prepared=_prepared(job.cohort, met),
    )


def _prepared(cohort: Cohort, met: Met) -> set[int] | None:
    first = prerequisite_of(cohort.course)
    return None if first is None else have_completed(first, {known.person_id for known in met.known.values()})


def _sitting(cohort: Cohort, met: Met) -> set[int]:
    if not met.known:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(SITTING, [cohort.course_id, array(known.person_id for known in met.known.values())])
        return {person_id for (person_id,) in cursor.fetchall()}


def _settle(chunk: Chunk, candidate: Candidate, met: Met, seats: Seats, ledger: Ledger) -> None:
    """One row: refused, known or new."""
    known = met.known.get(candidate.digest)
    person_id = known.person_id if known else None
    needs_seat = seats.needed_by(person_id)
    shares = ledger.shares(candidate)
    if known and not known.is_active:
        chunk.notes.append(Note(candidate.row, "account_closed"))
    elif needs_seat and (refused := seats.take(person_id)):
        chunk.notes.append(Note(candidate.row, refused))
    else:
        chunk.enrolled += needs_seat
        if known:
            chunk.known.append(known.person_id)
            chunk.joining += [known.person_id] if needs_seat else []
        else:
            _add(chunk, candidate, met, shares=shares)


def _add(chunk: Chunk, candidate: Candidate, met: Met, *, shares: bool) -> None:
    """Someone new. A number that is someone's way in already stays hers alone: two on one number need PINs to sign in.

    Whoever sent the list hears of it only where she may know the other.
    """
    arrival = candidate.arrival
    if shares or candidate.number in met.numbers:
        if shares or met.numbers[candidate.number or b""]:
            chunk.notes.append(Note(candidate.row, "number_shared", PHONE, refuses=False))
        arrival = replace(arrival, phone_index=None)
    chunk.new.append(arrival)


def _write(chunk: Chunk, job: Import, at: datetime) -> None:
    people = write_arrivals(chunk.new, at=at) if chunk.new else []
    learners = [*people, *chunk.joining]
    if job.cohort and learners:
        chunk.enrolled = enrol_many(learner_ids=learners, cohort=job.cohort, at=at)


def _keep_notes(job: Import, notes: Sequence[Note]) -> None:
    """Codes and numbers of ours only, so COPY's text form needs no escaping."""
    if not notes:
        return
    lines = [f"{job.pk}\t{note.row}\t{note.column}\t{note.code}\t{note.refuses}\n" for note in notes]
    with (
        connection.cursor() as cursor,
        cursor.copy('COPY import_note (source_id, "row", "column", code, refuses) FROM STDIN') as copy,
    ):
        copy.write("".join(lines))
