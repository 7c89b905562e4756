"""Importing learners: a list is taken in, tried out if wished, and worked off in chunks that survive any crash."""

import hashlib
import logging
import tempfile
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.cohorts.models import Cohort
from learners.events import ImportDone, RowsWaiting
from learners.imports.columns import Columns, chosen, guess, refuse_missing
from learners.imports.lists import (
    Sheet,
    cells_of,
    forget_lists,
    keep_rows,
    kept_rows,
    read_list,
    seal_sample,
)
from learners.imports.merging import Chunk, Judged, Ledger, bring_in
from learners.imports.models import OPEN, Import, ImportState
from learners.imports.places import open_to, places_below
from learners.imports.rows import Candidate, Reader
from lms.access.scoping import Scope
from lms.accounts.models import Person
from lms.api.problems import TooLarge
from lms.audit.services import record_change
from lms.errors import NotFound, Refusal
from lms.events.services import publish
from lms.files import storage
from lms.files.receiving import LARGEST
from lms.files.storage import ObjectMissing
from lms.ids import uuid7
from lms.organisations.models import Organisation
from lms.organisations.queries import JOINABLE, scope_of
from lms.registrations.services import CONSENT_VERSION

log = logging.getLogger(__name__)

ABILITY: Final = "learner.import"
ROWS_AT_ONCE: Final = 1_000
KEPT_FOR: Final = timedelta(days=30)
COUNTERS: Final = ("cursor", "created", "known", "refused", "enrolled", "sharing")
PIECE: Final = 1024 * 1024


class ImportUnderWay(Refusal):
    code = "import_under_way"
    status = 409
    message = _("This list is being worked off, or it was already.")


class RowsForgotten(Refusal):
    code = "rows_forgotten"
    status = 409
    message = _("A list is kept for 30 days. Send it again.")


class TakenOver(Exception):
    """Another worker goes on with this list; this one's delivery stays open until the list is done."""


@dataclass(frozen=True, kw_only=True)
class NewList:
    """A list as staff send it.

    hold     only read it: its columns are confirmed first
    columns  field → title; None where they are to be guessed
    consent  she assures that each of the women agreed to be kept (law 09-08)
    """

    name: str
    file: BinaryIO
    organisation: Organisation
    cohort: Cohort | None = None
    dry_run: bool = False
    hold: bool = False
    columns: Mapping[str, str] | None = None
    consent: bool = False


def send_list(*, sent: NewList, by: Person, at: datetime) -> Import:
    """Take a list in and begin to work it off (or wait, where she wants to see its columns first).

    The same list twice at once is one import. Reading, sealing and storing wait outside any transaction. Refusals:
    `not_found` outside her reach, `lists.REFUSALS`, `columns_missing`, `column_unknown`, `storage_unavailable`.
    """
    if not _may_fill(sent, by.scope):
        raise NotFound
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        workdir = Path(folder)
        workdir.chmod(0o711)  # the reader's unprivileged process must pass through
        fingerprint = _receive(sent, workdir / "received")
        if same := _open_import(by, fingerprint):
            return same
        sheet = read_list(workdir / "received", name=sent.name, workdir=workdir)
        columns = chosen(sheet.header, sent.columns) if sent.columns else guess(sheet.header)
        if not sent.hold:
            refuse_missing(columns, needs_centre=needs_centre(sent.organisation, sent.cohort))
        made = Import(
            uuid=uuid7(),
            by=by,
            organisation=sent.organisation,
            cohort=sent.cohort,
            name=sent.name,
            fingerprint=fingerprint,
            columns=columns,
            consent_version=CONSENT_VERSION if sent.consent else "",
            dry_run=sent.dry_run,
            state=ImportState.WAITING if sent.hold else ImportState.RUNNING,
            rows=len(sheet.lines),
            created_at=at,
        )
        return _keep(made, sheet, workdir, at)


def _may_fill(sent: NewList, scope: Scope) -> bool:
    """Whether the place is hers to fill, and the cohort is one of that place with something to learn."""
    if not open_to(sent.organisation, scope):
        return False
    cohort = sent.cohort
    return cohort is None or (
        cohort.organisation.path.startswith(sent.organisation.path)
        and open_to(cohort.organisation, scope)
        and cohort.course.newest_id is not None
        and cohort.course.withdrawn_at is None
    )


def needs_centre(organisation: Organisation, cohort: Cohort | None) -> bool:
    """Whether each row must name its centre: nobody belongs to a ministry or a partner."""
    return (cohort.organisation if cohort else organisation).kind not in JOINABLE


def _receive(sent: NewList, path: Path) -> bytes:
    """Write the file down, at most `LARGEST` bytes of it, and tell which list it is and what is wanted of it."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while piece := sent.file.read(PIECE):
            size += len(piece)
            if size > LARGEST:
                raise TooLarge
            digest.update(piece)
            file.write(piece)
    wanted = (sent.organisation.pk, sent.cohort and sent.cohort.pk, sent.dry_run, sent.hold, sent.columns)
    digest.update(repr(wanted).encode())
    return digest.digest()


def _open_import(by: Person, fingerprint: bytes | memoryview) -> Import | None:
    return Import.objects.filter(by=by, fingerprint=fingerprint, state__in=OPEN).first()


def _keep(made: Import, sheet: Sheet, workdir: Path, at: datetime) -> Import:
    """Of two that sent the same list at once, one has made the import and the other gets it too."""
    made.key = keep_rows(sheet, made.uuid, workdir=workdir)
    made.sample = seal_sample(sheet, made.uuid)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            _record(made, "import.sent", at)
            if made.state == ImportState.RUNNING:
                publish(RowsWaiting(import_id=made.pk))
    except IntegrityError:
        storage.delete(made.key)
        same = _open_import(made.by, made.fingerprint)
        if same is None:
            raise
        return same
    return made


def _record(job: Import, verb: str, at: datetime) -> None:
    record_change(actor=job.by, verb=verb, subject=f"import:{job.uuid}", at=at, fields=sorted(job.columns))


@transaction.atomic
def start_import(*, job: Import, columns: Columns | None, dry_run: bool, at: datetime) -> Import:
    """Work off a list that waits, or one that was only tried out, with these columns (None: as they are).

    Refusals: `import_under_way`, `rows_forgotten`, `columns_missing`.
    """
    job = _locked(Import.objects.filter(pk=job.pk)).get()
    if job.state != ImportState.WAITING and not (job.dry_run and job.state == ImportState.DONE):
        raise ImportUnderWay
    if not job.key:
        raise RowsForgotten
    if columns is not None:
        job.columns = columns
    refuse_missing(job.columns, needs_centre=needs_centre(job.organisation, job.cohort))
    job.notes.all().delete()
    for counter in COUNTERS:
        setattr(job, counter, 0)
    job.state, job.dry_run, job.finished_at = ImportState.RUNNING, dry_run, None
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as error:
        raise ImportUnderWay from error
    _record(job, "import.started", at)
    publish(RowsWaiting(import_id=job.pk))
    return job


def _locked(jobs: QuerySet[Import]) -> QuerySet[Import]:
    related = ("by", "organisation__centre_type", "cohort__course", "cohort__organisation")
    return jobs.select_related(*related).select_for_update(no_key=True, of=("self",))


def work_off(*, import_id: int, at: datetime, patience: float) -> None:
    """Bring a list in, chunk by chunk, for about `patience` seconds; what is left then waits as a fact of its own.

    Each chunk is one transaction that moves the cursor: a worker that dies leaves whole chunks behind, and whoever
    takes over goes on with the next. Safe to repeat. Raises `TakenOver` when another worker is at it.
    """
    job = (
        Import.objects.select_related(
            "by", "organisation__centre_type", "cohort__organisation", "cohort__course__newest"
        )
        .filter(pk=import_id, state=ImportState.RUNNING)
        .first()
    )
    if job is None:
        return
    scope = scope_of(job.by, at=at).narrowed(ABILITY)
    if not job.by.is_active or not open_to(job.organisation, scope):
        _stop(job, "not_allowed", at)
        return
    try:
        lines = kept_rows(job.key, job.uuid)
    except ObjectMissing:
        _stop(job, "rows_lost", at)
        return
    _work_off(job, lines, scope, at, until=time.monotonic() + patience)


def _work_off(job: Import, lines: list[bytes], scope: Scope, at: datetime, *, until: float) -> None:
    places = places_below(job.organisation, scope, default=(job.cohort or job).organisation)
    reader = Reader(job.columns, places, timezone.localdate(at).year, seals=not job.dry_run)
    ledger = _ledger_of(replace(reader, seals=False), lines[: job.cursor])
    with closing(_judged_ahead(reader, lines, job.cursor)) as chunks:
        for start, judged in chunks:
            done = _work_off_chunk(job, start, judged, ledger, scope, at)
            if not done and time.monotonic() >= until:
                with transaction.atomic():
                    publish(RowsWaiting(import_id=job.pk))
                return


def _ledger_of(reader: Reader, lines: list[bytes]) -> Ledger:
    """What stood in the rows that were worked off before."""
    ledger = Ledger()
    for row in _judge(reader, lines):
        if isinstance(row, Candidate) and not ledger.repeats(row):
            ledger.shares(row)
    return ledger


def _judge(reader: Reader, lines: list[bytes]) -> list[Judged]:
    return [reader.judge(number, cells) for number, cells in cells_of(lines)]


def _judged_ahead(
    reader: Reader, lines: list[bytes], cursor: int
) -> Generator[tuple[int, list[Judged]], None, None]:
    """Chunks of judged rows; while the database writes one, a thread beside reads and seals the next."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        ahead = beside.submit(_judge, reader, lines[cursor : cursor + ROWS_AT_ONCE])
        for start in range(cursor, len(lines), ROWS_AT_ONCE):
            judged, after = ahead.result(), start + ROWS_AT_ONCE
            ahead = beside.submit(_judge, reader, lines[after : after + ROWS_AT_ONCE])
            yield start, judged


@transaction.atomic
def _work_off_chunk(
    job: Import, start: int, judged: list[Judged], ledger: Ledger, scope: Scope, at: datetime
) -> bool:
    """One chunk and the cursor after it; true where it was the last."""
    rows = Import.objects.filter(pk=job.pk, state=ImportState.RUNNING, cursor=start, dry_run=job.dry_run)
    current = rows.filter(columns=job.columns).select_for_update(no_key=True).first()
    if current is None:
        raise TakenOver
    current.by, current.cohort = job.by, job.cohort
    _count(current, bring_in(current, judged, ledger=ledger, scope=scope, at=at))
    if current.cursor == current.rows:
        _end(current, ImportState.DONE, "import.tried" if current.dry_run else "import.done", at)
    current.save(update_fields=[*COUNTERS, "state", "finished_at"])
    return current.state == ImportState.DONE


def _count(job: Import, chunk: Chunk) -> None:
    job.cursor += chunk.rows
    job.created += len(chunk.new)
    job.known += len(chunk.known)
    job.refused += chunk.refused
    job.enrolled += chunk.enrolled
    job.sharing += chunk.sharing


def _end(job: Import, state: ImportState, verb: str, at: datetime) -> None:
    job.state, job.finished_at = state, at
    _record(job, verb, at)
    publish(ImportDone(import_id=job.pk))


@transaction.atomic
def _stop(job: Import, why: str, at: datetime) -> None:
    job.stopped_for = why
    _end(job, ImportState.STOPPED, "import.stopped", at)
    job.save(update_fields=["stopped_for", "state", "finished_at"])


def forget_rows(*, at: datetime) -> int:
    """Remove the rows of lists older than 30 days, their counts stay; returns how many. Safe to repeat.

    A list that still waited by then is stopped.
    """
    before = at - KEPT_FOR
    old = Import.objects.filter(created_at__lt=before).exclude(key="")
    with transaction.atomic():
        old.filter(state=ImportState.WAITING).update(state=ImportState.STOPPED, stopped_for="rows_lost")
        forgotten = old.exclude(state__in=OPEN).update(key="", sample=b"")
    forget_lists(before)
    return forgotten
