"""Voice notes: taken in and sealed, checked by content and written anew as speech, played to whoever may, forgotten."""

import hashlib
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms import sealing
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.events.services import publish
from lms.files import storage
from lms.files.checks import CheckedFile, FileRefused, check_file
from lms.files.reasons import OBJECT_LOST
from lms.files.services import QUARANTINE
from lms.files.storage import ObjectMissing
from lms.voice.events import VoiceForgotten, VoiceReceived
from lms.voice.models import VoiceNote, VoiceState

LONGEST_SECONDS: Final = 60
LARGEST: Final = 2 * 1024 * 1024  # bytes: a minute, as any phone records it
AN_HOUR: Final = timedelta(hours=1)
NOTES_AN_HOUR: Final = 20
UNATTACHED_FOR: Final = timedelta(days=7)
SEALED: Final = "application/octet-stream"


class VoiceTooLarge(Refusal):
    code = "voice_too_large"
    status = 413
    message = _("The recording is too long. One minute is enough.")


class NothingRecorded(Refusal):
    code = "voice_empty"
    message = _("Nothing was recorded.")


class VoiceIdTaken(Refusal):
    """Another sound under an id that is used already."""

    code = "voice_id_reused"
    status = 409
    message = _("This recording was sent already, with another sound.")


class TooManyVoices(Refusal):
    code = "voice_too_many"
    status = 429
    message = _("You recorded a lot in one hour. Record again later.")


class VoiceUnknown(Refusal):
    code = "voice_unknown"
    status = 409
    message = _("We do not have this recording. Send it again.")


def receive_voice(*, owner: Person, id_: UUID, sound: bytes, at: datetime) -> tuple[VoiceNote, bool]:
    """Keep what she recorded until it is checked; returns the note and whether it is new.

    Safe to repeat under the same id. Refusals: `voice_empty`, `voice_too_large`, `voice_too_many`, `voice_id_reused`.
    """
    digest = hashlib.sha256(sound).hexdigest()
    if known := VoiceNote.objects.filter(uuid=id_).first():
        return _same(known, owner, digest), False
    _refuse(owner, sound, at)
    key = f"{QUARANTINE}{uuid4()}"
    _store(sound, id_, key)
    try:
        with transaction.atomic():
            note = VoiceNote.objects.create(uuid=id_, owner=owner, key=key, sha256=digest, created_at=at)
            publish(VoiceReceived(voice_id=note.pk))
    except IntegrityError:  # twice at this moment
        storage.delete(key)
        return _same(VoiceNote.objects.get(uuid=id_), owner, digest), False
    return note, True


def _same(known: VoiceNote, owner: Person, digest: str) -> VoiceNote:
    if (known.owner_id, known.sha256) != (owner.pk, digest):
        raise VoiceIdTaken
    return known


def _refuse(owner: Person, sound: bytes, at: datetime) -> None:
    if not sound:
        raise NothingRecorded
    if len(sound) > LARGEST:
        raise VoiceTooLarge
    if VoiceNote.objects.filter(owner=owner, created_at__gt=at - AN_HOUR).count() >= NOTES_AN_HOUR:
        raise TooManyVoices(retry_after=int(AN_HOUR.total_seconds()))


def _store(sound: bytes, id_: UUID, key: str) -> None:
    """Sealed for the note alone."""
    sealed = sealing.seal_bytes(sound, table="voice_note", column="object", row=id_)
    storage.put_bytes(sealed, key, sha256=hashlib.sha256(sealed).hexdigest(), content_type=SEALED)


def check_voice(*, voice_id: int) -> None:
    """Look into a received voice note and keep it as plain speech, or refuse it. Safe to repeat.

    Fetching, decoding and storing wait outside any transaction.
    """
    note = VoiceNote.objects.filter(pk=voice_id, state=VoiceState.CHECKING).first()
    if note is None:
        return
    with tempfile.TemporaryDirectory(prefix="voice-") as folder:
        workdir = Path(folder)
        workdir.chmod(0o711)  # the decoder's unprivileged process must pass through
        try:
            (workdir / "received").write_bytes(open_voice(note))
            checked = check_file(workdir / "received", purpose="voice", workdir=workdir)
        except (FileRefused, ObjectMissing) as error:
            refuse_voice(voice_id=note.pk, code=getattr(error, "code", OBJECT_LOST))
            return
        key = note.key.replace(QUARANTINE, "voice/")  # drawn twice it is the same object
        _store(checked.path.read_bytes(), note.uuid, key)
    _keep(note, checked, key)


@transaction.atomic
def _keep(note: VoiceNote, checked: CheckedFile, key: str) -> None:
    row = VoiceNote.objects.select_for_update(no_key=True).filter(pk=note.pk).first()
    if row is None:  # forgotten meanwhile
        publish(VoiceForgotten(stored=key))
        return
    if row.state != VoiceState.CHECKING:
        return
    publish(VoiceForgotten(stored=row.key))
    row.state, row.key = VoiceState.READY, key
    row.content_type, row.seconds = checked.content_type, checked.seconds or 0.0
    row.save(update_fields=["state", "key", "content_type", "seconds"])


@transaction.atomic
def refuse_voice(*, voice_id: int, code: str) -> None:
    """Say that a voice note cannot be played, and why. Safe to repeat; its sound goes."""
    row = (
        VoiceNote.objects.select_for_update(no_key=True)
        .filter(pk=voice_id, state=VoiceState.CHECKING)
        .first()
    )
    if row:
        row.state, row.code = VoiceState.REFUSED, code
        row.save(update_fields=["state", "code"])
        publish(VoiceForgotten(stored=row.key))


def attach_voice(*, owner: Person, id_: UUID, at: datetime) -> VoiceNote:
    """The note of this id, hers, that something will speak of from now on; within the caller's transaction.

    Refusals: `voice_unknown` where it never came, was refused for good, or is spoken of already.
    """
    note = (
        VoiceNote.objects.select_for_update(no_key=True)
        .filter(uuid=id_, owner=owner, attached_at=None)
        .first()
    )
    if note is None or note.state == VoiceState.REFUSED:
        raise VoiceUnknown
    note.attached_at = at
    note.save(update_fields=["attached_at"])
    return note


def release_voice(*, owner: Person, id_: UUID, at: datetime) -> VoiceNote:
    """The same of a note that belongs to nobody from now on, and says the day only. Refusals: `voice_unknown`."""
    note = attach_voice(owner=owner, id_=id_, at=at)
    note.owner = None
    note.created_at = note.attached_at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    note.save(update_fields=["owner", "created_at", "attached_at"])
    return note


def open_voice(note: VoiceNote) -> bytes:
    """The sound, opened. Raises `ObjectMissing` where the storage has lost it."""
    sealed = b"".join(storage.read(note.key))
    return sealing.unseal_bytes(sealed, table="voice_note", column="object", row=note.uuid)


def playable(note: VoiceNote | None) -> VoiceNote:
    """The note, where it can be played; `not_found` else."""
    if note is None or note.state != VoiceState.READY:
        raise NotFound
    return note


@transaction.atomic
def forget_voices(notes: Iterable[VoiceNote]) -> int:
    """Remove notes, and in time their sound; returns how many."""
    chosen = list(notes)
    VoiceNote.objects.filter(pk__in=[note.pk for note in chosen]).delete()
    publish(*(VoiceForgotten(stored=note.key) for note in chosen))
    return len(chosen)


def forget_unattached(*, at: datetime) -> int:
    """Forget what nothing has spoken of for a week; returns how many. Safe to repeat."""
    return forget_voices(
        VoiceNote.objects.filter(attached_at=None, created_at__lt=at - UNATTACHED_FOR).order_by("pk")[:1000]
    )


def remove_sound(*, key: str) -> None:
    """Remove a forgotten note's object. Safe to repeat."""
    storage.delete(key)
