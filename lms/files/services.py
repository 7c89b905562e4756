"""Taking in files: received in parts straight into quarantine, put together, checked by content, then kept."""

import logging
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.errors import Refusal
from lms.events.services import publish
from lms.files import parts, storage
from lms.files.checks import CheckedFile, FileRefused, check_file
from lms.files.checks import Purpose as CheckedPurpose
from lms.files.events import UploadReceived
from lms.files.models import StoredFile, Upload, UploadState
from lms.files.reasons import CONTENT_DIFFERS, NEVER_FINISHED, OBJECT_LOST
from lms.files.renditions import ask_anew
from lms.files.storage import ObjectMissing

log = logging.getLogger(__name__)

QUARANTINE: Final = "quarantine/"
KEPT_FOR: Final = timedelta(days=7)


class PartsMissing(Refusal):
    code = "parts_missing"
    status = 409
    message = _("Some parts have not arrived. Ask for their addresses and send them.")


class PartDiffers(Refusal):
    code = "part_differs"
    message = _("A part is not the one you sent. Send it again.")


class PartUnknown(Refusal):
    code = "part_unknown"
    message = _("The file has no such part.")


class SizeDiffers(Refusal):
    code = "size_differs"
    message = _("The file does not have the size that was announced.")


class OriginalGone(Refusal):
    code = "original_gone"
    status = 409
    message = _("The file is no longer here. Send it again.")


def missing_parts(upload: Upload) -> tuple[list[int], list[parts.Received]]:
    """Which parts are still to be sent (or sent again), and those that arrived whole."""
    sizes = parts.part_sizes(upload)
    arrived = parts.received_parts(upload)
    whole = [
        arrived[number]
        for number, size in sizes.items()
        if number in arrived and arrived[number].size == size
    ]
    return sorted(set(sizes) - {part.number for part in whole}), whole


def addresses_for(*, upload: Upload, checksums: Mapping[int, str]) -> list[dict[str, Any]]:
    """Where to send these parts (number → SHA-256), once more too. Refuses with `part_unknown`; none once received."""
    unknown = sorted(set(checksums) - set(parts.part_sizes(upload)))
    if unknown:
        raise PartUnknown(errors=_at(unknown, PartUnknown))
    return parts.checked_urls(upload, checksums) if upload.state == UploadState.RECEIVING else []


def complete_upload(
    *, upload: Upload, etags: Mapping[int, str], at: datetime, checksums: Mapping[int, str] | None = None
) -> Upload:
    """All parts were sent: put them together and have the file checked. Safe to repeat.

    `etags`: what the storage answered to each part; `checksums`: the SHA-256 (hexadecimal) of each, needed where the
    file was announced with a fingerprint. A refusal leaves the upload open: every part can be sent again.
    """
    if upload.state != UploadState.RECEIVING:
        return upload
    try:
        sent = {number: etag.strip('"') for number, etag in etags.items()}
        arrived = parts.received_parts(upload, sent)
        _refuse_unfinished(upload, arrived, sent, checksums or {})
        parts.assemble(upload, arrived, checksums or {})
    except ObjectMissing:
        log.info("upload %s was put together before", upload.uuid)
    return _hand_over(upload, at)


def _refuse_unfinished(
    upload: Upload,
    arrived: Mapping[int, parts.Received],
    etags: Mapping[int, str],
    checksums: Mapping[int, str],
) -> None:
    """Only what was announced, arrived and was sent by this client becomes a file."""
    sizes = parts.part_sizes(upload)
    missing = [number for number in sizes if number not in arrived]
    if missing:
        raise PartsMissing(errors=_at(missing, PartsMissing))
    wrong = [number for number, part in arrived.items() if part.size != sizes.get(number)]
    if wrong:
        raise SizeDiffers(errors=_at(wrong, SizeDiffers))
    unsaid = set(sizes) - set(checksums) if upload.fingerprint else set()
    unsent = [number for number in sizes if etags.get(number) != arrived[number].etag or number in unsaid]
    if unsent:
        raise PartDiffers(errors=_at(unsent, PartDiffers))


def _at(numbers: list[int], refusal: type[Refusal]) -> list[dict[str, str]]:
    return [
        {"pointer": f"/parts/{number - 1}", "code": refusal.code, "detail": str(refusal.message)}
        for number in numbers
    ]


def _hand_over(upload: Upload, at: datetime) -> Upload:
    try:
        size = storage.size_of(upload.key)
    except ObjectMissing:
        return refuse(upload, OBJECT_LOST, at)
    if size != upload.size:
        return refuse(upload, SizeDiffers.code, at)
    with transaction.atomic():
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if upload.state == UploadState.RECEIVING:
            upload.state, upload.completed_at = UploadState.CHECKING, at
            upload.save(update_fields=["state", "completed_at"])
            publish(UploadReceived(upload_id=upload.pk))
    return upload


def check_upload(*, upload_id: int, at: datetime) -> None:
    """Look into a received file and keep or refuse it. Safe to repeat: the key is the upload's own.

    Fetching, decoding and storing wait outside any transaction. What was refused stays in quarantine for seven days,
    so that it can be checked again without being sent again.
    """
    upload = Upload.objects.get(pk=upload_id)
    if upload.state == UploadState.READY:
        _empty_quarantine(upload.key)  # whoever kept it may have died before this
    if upload.state != UploadState.CHECKING:
        return
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        workdir = Path(folder)
        workdir.chmod(0o711)  # the decoder's unprivileged process must pass through
        try:
            storage.fetch(upload.key, workdir / "received")
            _refuse_other_content(upload, workdir / "received")
            checked = check_file(
                workdir / "received", purpose=cast("CheckedPurpose", upload.purpose), workdir=workdir
            )
        except (ContentDiffers, FileRefused, ObjectMissing) as error:
            refuse(upload, getattr(error, "code", OBJECT_LOST), at)
            return
        key = f"files/{checked.sha256[:2]}/{upload.uuid}"
        storage.put(checked.path, key, sha256=checked.sha256, content_type=checked.content_type)
    _keep(upload, checked, key, at)


class ContentDiffers(Exception):
    """What lies in quarantine is not what its sender announced."""

    code = CONTENT_DIFFERS


def _refuse_other_content(upload: Upload, received: Path) -> None:
    if upload.fingerprint and parts.fingerprint_of(received, upload.part_size) != upload.fingerprint:
        raise ContentDiffers


def _keep(upload: Upload, checked: CheckedFile, key: str, at: datetime) -> None:
    with transaction.atomic():
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if upload.state == UploadState.CHECKING:
            upload.file = StoredFile.objects.create(
                purpose=upload.purpose,
                key=key,
                content_type=checked.content_type,
                bytes=checked.bytes,
                sha256=checked.sha256,
                seconds=checked.seconds,
                width=checked.width,
                height=checked.height,
                pages=checked.pages,
                note=checked.note,
                created_at=at,
            )
            upload.state = UploadState.READY
            upload.save(update_fields=["state", "file"])
    _empty_quarantine(upload.key)


def refuse_upload(*, upload_id: int, code: str, at: datetime) -> None:
    """Refuse a file whose check could not come to an end. Safe to repeat."""
    upload = Upload.objects.filter(pk=upload_id, state=UploadState.CHECKING).first()
    if upload:
        refuse(upload, code, at)


def refuse(upload: Upload, code: str, at: datetime) -> Upload:
    with transaction.atomic():
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if upload.state in {UploadState.RECEIVING, UploadState.CHECKING}:
            upload.state, upload.code = UploadState.REFUSED, code
            upload.completed_at = upload.completed_at or at
            upload.save(update_fields=["state", "code", "completed_at"])
    return upload


@transaction.atomic
def check_again(*, upload: Upload, at: datetime) -> Upload:
    """Have a refused file checked once more, or the renditions of a kept one made that could not be. Safe to repeat.

    Refuses with `original_gone` what was called off, never arrived, or was refused more than seven days ago.
    """
    upload = Upload.objects.select_for_update(no_key=True, of=("self",)).get(pk=upload.pk)
    if upload.state == UploadState.READY and upload.file:
        ask_anew(file=upload.file, at=at)
    elif upload.state == UploadState.REFUSED:
        try:
            storage.size_of(upload.key)
        except ObjectMissing as error:
            raise OriginalGone from error
        upload.state, upload.code = UploadState.CHECKING, ""
        upload.save(update_fields=["state", "code"])
        publish(UploadReceived(upload_id=upload.pk))
    return upload


def _empty_quarantine(key: str) -> None:
    """What stays behind while the storage is away is swept by `sweep_quarantine`."""
    with suppress(storage.StorageUnavailable):
        storage.delete(key)


def sweep_quarantine(*, at: datetime) -> int:
    """Give up uploads unfinished for seven days and free their parts; returns how many. Safe to repeat.

    Also frees what no row speaks of any more: parts whose row was never written, objects already dealt with.
    """
    overdue = Upload.objects.filter(state=UploadState.RECEIVING, created_at__lt=at - KEPT_FOR)
    for upload in (given_up := list(overdue.order_by("id")[:1000])):
        with suppress(ObjectMissing):
            parts.abandon(upload.key, upload.multipart_id)
        refuse(upload, NEVER_FINISHED, at)
    _sweep_multiparts(at - KEPT_FOR)
    _sweep_objects(at - KEPT_FOR)
    return len(given_up)


def _sweep_multiparts(before: datetime) -> None:
    with storage.reaching_storage():
        pages = storage.storage().get_paginator("list_multipart_uploads")
        found = [
            (upload["Key"], upload["UploadId"])
            for page in pages.paginate(Bucket=settings.STORAGE_BUCKET, Prefix=QUARANTINE)
            for upload in page.get("Uploads", ())
            if upload["Initiated"] < before
        ]
    for key, multipart_id in found:
        with suppress(ObjectMissing):
            parts.abandon(key, multipart_id)


def _sweep_objects(before: datetime) -> None:
    with storage.reaching_storage():
        pages = storage.storage().get_paginator("list_objects_v2")
        found = [
            item["Key"]
            for page in pages.paginate(Bucket=settings.STORAGE_BUCKET, Prefix=QUARANTINE)
            for item in page.get("Contents", ())
            if item["LastModified"] < before
        ]
    waiting = set(
        Upload.objects.filter(key__in=found, state=UploadState.CHECKING).values_list("key", flat=True)
    )
    for key in set(found) - waiting:
        storage.delete(key)
