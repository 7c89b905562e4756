"""Files in fewer bytes, and their stills: asked for, made by a worker, kept beside the original that always serves."""

import logging
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction

from lms.events.services import publish
from lms.files import storage
from lms.files.checks import CheckedFile, FileRefused, check_file
from lms.files.checks import Purpose as CheckedPurpose
from lms.files.events import RenditionsAsked, RenditionSettled
from lms.files.models import Purpose, Rendition, RenditionKind, RenditionState, StoredFile

log = logging.getLogger(__name__)

KINDS: Final[Mapping[str, Sequence[str]]] = {
    Purpose.VIDEO: (
        RenditionKind.POSTER,
        RenditionKind.VIDEO_240P,
        RenditionKind.AUDIO,
        RenditionKind.VIDEO_480P,
    ),
    Purpose.AUDIO: (RenditionKind.AUDIO,),
    Purpose.IMAGE: (RenditionKind.IMAGE_320, RenditionKind.IMAGE_800),
    Purpose.DOCUMENT: (RenditionKind.POSTER,),
}
MADE_AS: Final[Mapping[tuple[str, str], CheckedPurpose]] = {
    (Purpose.VIDEO, RenditionKind.POSTER): "still",
    (Purpose.VIDEO, RenditionKind.VIDEO_240P): "film_240p",
    (Purpose.VIDEO, RenditionKind.VIDEO_480P): "film_480p",
    (Purpose.VIDEO, RenditionKind.AUDIO): "sound_alone",
    (Purpose.AUDIO, RenditionKind.AUDIO): "sound_alone",
    (Purpose.IMAGE, RenditionKind.IMAGE_320): "picture_320",
    (Purpose.IMAGE, RenditionKind.IMAGE_800): "picture_800",
    (Purpose.DOCUMENT, RenditionKind.POSTER): "first_page",
}
# A film that weighs no more than itself at fewer lines, a sound that weighs no more than its speech.
ITSELF: Final = frozenset(
    {
        (Purpose.VIDEO, RenditionKind.VIDEO_240P),
        (Purpose.VIDEO, RenditionKind.VIDEO_480P),
        (Purpose.AUDIO, RenditionKind.AUDIO),
    }
)
LINES: Final[Mapping[str, int]] = {RenditionKind.VIDEO_480P: 480}
FRUGAL: Final = 60_000  # bytes a second: what a film at 480 lines weighs at most
ASK_AGAIN: Final = timedelta(days=1)


@transaction.atomic
def ask_for_renditions(*, files: Iterable[StoredFile], at: datetime) -> int:
    """Ask for what these films and sounds do not have, and again for what has waited a day; returns how many files.

    Safe to repeat, also at the same time: the files' rows are locked, those that another holds are left to it.
    """
    chosen = StoredFile.objects.filter(pk__in=[file.pk for file in files], purpose__in=KINDS)
    locked = list(chosen.select_for_update(no_key=True, skip_locked=True).order_by("pk"))
    known = {(row.file_id, row.kind): row for row in Rendition.objects.filter(file__in=locked)}
    new = [
        Rendition(file=file, kind=kind, asked_at=at)
        for file in locked
        for kind in KINDS[file.purpose]
        if (file.pk, kind) not in known
    ]
    late = [row for row in known.values() if _is_late(row, at)]
    Rendition.objects.bulk_create(new)
    Rendition.objects.filter(pk__in=[row.pk for row in late]).update(asked_at=at)
    asked = sorted({row.file_id for row in (*new, *late)})
    publish(*(RenditionsAsked(file_id=file) for file in asked))
    return len(asked)


def _is_late(row: Rendition, at: datetime) -> bool:
    return row.state == RenditionState.WAITING and row.asked_at <= at - ASK_AGAIN


def make_renditions(*, file_id: int, at: datetime) -> None:
    """Make what is asked for of a file and not there yet. Safe to repeat: the same file gives the same objects.

    Fetching, drawing and storing wait outside any transaction.
    """
    waiting = Rendition.objects.filter(file=file_id, state=RenditionState.WAITING).select_related("file")
    rows = list(waiting)
    if not rows:
        return
    rows.sort(key=lambda row: KINDS[row.file.purpose].index(row.kind))  # what phones need first
    with tempfile.TemporaryDirectory(prefix="rendition-") as folder:
        workdir = Path(folder)
        workdir.chmod(0o711)  # the decoder's unprivileged process must pass through
        original = workdir / "original"
        storage.fetch(rows[0].file.key, original, sha256=rows[0].file.sha256)
        for row in rows:
            _make(row, original, workdir, at)


def _make(row: Rendition, original: Path, workdir: Path, at: datetime) -> None:
    if _is_frugal(row):
        _settle(row, **_itself(row.file), made_at=at)
        return
    try:
        made = check_file(original, purpose=MADE_AS[row.file.purpose, row.kind], workdir=workdir)
    except FileRefused as refusal:
        _settle(row, state=RenditionState.NONE, code=refusal.code, made_at=at)
        return
    if made.note:
        log.warning("a rendition of a file waits: %s", made.note)
        _settle(row, code=made.note)
    elif made.bytes >= row.file.bytes and (row.file.purpose, row.kind) in ITSELF:
        _settle(row, **_itself(row.file), made_at=at)
    else:
        _settle(row, **_stored(row, made), made_at=at)


def _is_frugal(row: Rendition) -> bool:
    """A film that has no more lines and bytes than the rendition may have needs no drawing."""
    file, lines = row.file, LINES.get(row.kind)
    if lines is None or not (file.width and file.height and file.seconds):
        return False
    return min(file.width, file.height) <= lines and file.bytes <= FRUGAL * file.seconds


def _itself(file: StoredFile) -> dict[str, object]:
    """What is already as small as its rendition would be serves as it."""
    return {
        "state": RenditionState.READY,
        "code": "",
        "key": file.key,
        "content_type": file.content_type,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "seconds": file.seconds,
    }


def _stored(row: Rendition, made: CheckedFile) -> dict[str, object]:
    key = f"renditions/{made.sha256[:2]}/{row.file.uuid}-{row.kind}-{made.sha256[:32]}"
    storage.put(made.path, key, sha256=made.sha256, content_type=made.content_type)
    return {
        "state": RenditionState.READY,
        "code": "",
        "key": key,
        "content_type": made.content_type,
        "bytes": made.bytes,
        "sha256": made.sha256,
        "seconds": made.seconds,
    }


@transaction.atomic
def _settle(row: Rendition, **facts: object) -> None:
    """Write down what became of it, and tell where it waits no more; what another worker has settled stays."""
    mine = Rendition.objects.filter(pk=row.pk, state=RenditionState.WAITING).update(**facts)
    if mine and "state" in facts:
        publish(RenditionSettled(file_id=row.file_id))


@transaction.atomic
def ask_anew(*, file: StoredFile, at: datetime) -> int:
    """Ask once more for those renditions of a file that could not be made; returns how many. Safe to repeat."""
    refused = Rendition.objects.filter(file=file, state=RenditionState.NONE)
    again = refused.update(state=RenditionState.WAITING, code="", asked_at=at, made_at=None)
    if again:
        publish(RenditionsAsked(file_id=file.pk))
    return again


def give_up(*, file_id: int, code: str, at: datetime) -> None:
    """Leave the original to serve where making its renditions could not come to an end. Safe to repeat."""
    waiting = Rendition.objects.filter(file=file_id, state=RenditionState.WAITING)
    waiting.update(state=RenditionState.NONE, code=code, made_at=at)
