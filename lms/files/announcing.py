"""Before a file's first byte: it is announced, recognised where it was sent before, given room, or given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import Person
from lms.errors import Refusal
from lms.files import parts
from lms.files.models import Purpose, Upload, UploadQuerySet, UploadState
from lms.files.reasons import CANCELLED
from lms.files.services import QUARANTINE, refuse
from lms.files.storage import ObjectMissing
from lms.ids import uuid7
from lms.organisations.models import Organisation

LIMITS: Final = {
    Purpose.VIDEO: 2 * 1024 * parts.MEBIBYTE,
    Purpose.AUDIO: 300 * parts.MEBIBYTE,
    Purpose.IMAGE: 20 * parts.MEBIBYTE,
    Purpose.DOCUMENT: 50 * parts.MEBIBYTE,
}
ON_ITS_WAY: Final = (UploadState.RECEIVING, UploadState.CHECKING)


class FileTooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("The file is larger than we can take.")


class QuotaReached(Refusal):
    code = "quota_reached"
    status = 409
    message = _("There is no room left for your files. Ask your organisation's administrator for more.")


class AlreadyReceived(Refusal):
    code = "already_received"
    status = 409
    message = _("The file has arrived whole. It can no longer be called off.")


@dataclass(frozen=True)
class Room:
    """Bytes that files on their way and kept ones take, and how many may."""

    used: int
    allowed: int

    def holds(self, size: int) -> bool:
        return self.used + size <= self.allowed


def start_upload(
    *,
    owner: Person,
    name: str,
    size: int,
    purpose: str,
    at: datetime,
    fingerprint: str = "",
    organisation: Organisation | None = None,
) -> tuple[Upload, bool]:
    """Announce a file of `size` bytes; returns its upload and whether it is new.

    Her own file of the same `fingerprint` (hexadecimal SHA-256 over the SHA-256 of each part) is not sent twice: the
    one that is kept, or on its way, is answered. Nobody else's is, so that knowing a hash never gives a file. `name` is
    shown to its owner and used for nothing else. Refusals: `too_large`, `quota_reached`.
    """
    if size > LIMITS[Purpose(purpose)]:
        raise FileTooLarge
    same = Upload.objects.filter(owner=owner, purpose=purpose, size=size, fingerprint=fingerprint)
    if fingerprint and (known := _known(same)):
        return known, False
    uuid = uuid7()
    upload = Upload(
        uuid=uuid,
        owner=owner,
        purpose=purpose,
        name=name,
        size=size,
        part_size=parts.part_size_for(size),
        key=f"{QUARANTINE}{uuid}",
        organisation=organisation,
        fingerprint=fingerprint,
        created_at=at,
    )
    try:
        return _begin(upload), True
    except IntegrityError:  # the same file announced in two tabs at once
        return same.get(state__in=ON_ITS_WAY), False


def _known(same: UploadQuerySet) -> Upload | None:
    waiting = (*ON_ITS_WAY, UploadState.READY)
    return same.filter(state__in=waiting).select_related("file").order_by("-id").first()


@transaction.atomic
def _begin(upload: Upload) -> Upload:
    """Take the room under the lock of those whose it is, then open the upload at the storage."""
    Person.objects.select_for_update(no_key=True).get(pk=upload.owner_id)
    if not _room(settings.UPLOAD_QUOTA_PERSON, owner=upload.owner_id).holds(upload.size):
        raise QuotaReached
    if upload.organisation_id:
        Organisation.objects.select_for_update(no_key=True).get(pk=upload.organisation_id)
        theirs = _room(settings.UPLOAD_QUOTA_ORGANISATION, organisation=upload.organisation_id)
        if not theirs.holds(upload.size):
            raise QuotaReached
    upload.save(force_insert=True)
    upload.multipart_id = parts.begin(upload.key, checked=bool(upload.fingerprint))
    upload.save(update_fields=["multipart_id"])
    return upload


def rooms_of(*, owner: Person, organisation: Organisation | None) -> dict[str, Room]:
    """Her own room and that of the organisation where she writes. At most two statements."""
    rooms = {"person": _room(settings.UPLOAD_QUOTA_PERSON, owner=owner.pk)}
    if organisation:
        rooms["organisation"] = _room(settings.UPLOAD_QUOTA_ORGANISATION, organisation=organisation.pk)
    return rooms


def _room(allowed: int, **whose: int) -> Room:
    counted = Upload.objects.filter(**whose).exclude(state=UploadState.REFUSED)
    return Room(counted.aggregate(bytes=Sum("size"))["bytes"] or 0, allowed)


def cancel_upload(*, upload: Upload, at: datetime) -> Upload:
    """Give up a file that has not arrived whole, and free what its parts took. Safe to repeat.

    Refuses with `already_received` once its parts were put together.
    """
    if upload.state == UploadState.REFUSED and upload.code == CANCELLED:
        return upload
    if upload.state != UploadState.RECEIVING:
        raise AlreadyReceived
    try:
        parts.abandon(upload.key, upload.multipart_id)
    except ObjectMissing as error:
        raise AlreadyReceived from error
    return refuse(upload, CANCELLED, at)
