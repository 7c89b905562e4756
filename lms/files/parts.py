"""Receiving a file in parts: which there are, which have arrived, where the others go (S3 multipart upload)."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from lms.files.models import Upload
from lms.files.storage import reaching_storage, signed, storage

MEBIBYTE: Final = 1024 * 1024
SMALLEST_PART: Final = 5 * MEBIBYTE  # S3 takes no smaller one but the last
PARTS_AT_MOST: Final = 250
PART_URL_SECONDS: Final = 12 * 60 * 60


@dataclass(frozen=True)
class Received:
    """A part in the storage. `etag` without its quotes."""

    number: int
    size: int
    etag: str


def part_size_for(size: int) -> int:
    """Bytes of a part: small, so that a slow line that drops loses little, but never more than 250 parts."""
    needed = -(-size // PARTS_AT_MOST)
    return max(SMALLEST_PART, -(-needed // MEBIBYTE) * MEBIBYTE)


def part_sizes(upload: Upload) -> dict[int, int]:
    """The parts of an upload, counted from 1, and the bytes of each."""
    whole, rest = divmod(upload.size, upload.part_size)
    sizes = dict.fromkeys(range(1, whole + 1), upload.part_size)
    return sizes | ({whole + 1: rest} if rest else {})


def fingerprint_of(file: Path, part_size: int) -> str:
    """What a sender can say of a file before sending it: hexadecimal SHA-256 over the SHA-256 of each part."""
    whole = sha256()
    with file.open("rb") as parts:
        while part := parts.read(part_size):
            whole.update(sha256(part).digest())
    return whole.hexdigest()


def begin(key: str, *, checked: bool) -> str:
    """Open a multipart upload in quarantine; returns its id at the storage. `checked`: each part with its SHA-256."""
    how = {"ChecksumAlgorithm": "SHA256"} if checked else {}
    with reaching_storage():
        answer = storage().create_multipart_upload(
            Bucket=settings.STORAGE_BUCKET, Key=key, ContentType="application/octet-stream", **how
        )
    return str(answer["UploadId"])


def received_parts(upload: Upload, sent: Mapping[int, str] | None = None) -> dict[int, Received]:
    """The parts that have arrived, by number. Raises `ObjectMissing` when the storage closed the upload.

    A storage may list a part that was sent again beside the one it replaced: the one that the client means
    (`sent`: its ETags), else one of the announced size, stands for its number.
    """
    sizes, etags = part_sizes(upload), sent or {}
    with reaching_storage():
        pages = storage().get_paginator("list_parts").paginate(**_place(upload))
        listed = [
            Received(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
            for page in pages
            for part in page.get("Parts", ())
        ]
    listed.sort(key=lambda part: (part.etag == etags.get(part.number), part.size == sizes.get(part.number)))
    return {part.number: part for part in listed}


def part_urls(upload: Upload, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Where the client `PUT`s these parts, for twelve hours; no address before it has said their checksums."""
    checked = bool(upload.fingerprint)
    return [{"number": number, "url": None if checked else _url(upload, number)} for number in numbers]


def checked_urls(upload: Upload, checksums: Mapping[int, str]) -> list[dict[str, Any]]:
    """The same for parts whose SHA-256 (hexadecimal) is known: the storage itself refuses any other bytes.

    The client sends the `headers` along: Amazon S3 API, UploadPart, `x-amz-checksum-sha256`.
    """
    return [
        {
            "number": number,
            "url": _url(upload, number, ChecksumSHA256=(said := _base64(checksum))),
            "headers": {"x-amz-checksum-sha256": said},
        }
        for number, checksum in checksums.items()
    ]


def _base64(hexadecimal: str) -> str:
    return b64encode(bytes.fromhex(hexadecimal)).decode()


def _url(upload: Upload, number: int, **more: str) -> str:
    return signed(
        "upload_part",
        seconds=PART_URL_SECONDS,
        Key=upload.key,
        UploadId=upload.multipart_id,
        PartNumber=number,
        **more,
    )


def assemble(upload: Upload, parts: Mapping[int, Received], checksums: Mapping[int, str]) -> None:
    """Make one object of the parts. Raises `ObjectMissing` when that was done before."""
    listed = [
        {"PartNumber": number, "ETag": parts[number].etag}
        | ({"ChecksumSHA256": _base64(checksums[number])} if upload.fingerprint else {})
        for number in sorted(parts)
    ]
    with reaching_storage():
        storage().complete_multipart_upload(**_place(upload), MultipartUpload={"Parts": listed})


def abandon(key: str, multipart_id: str) -> None:
    """Give up an upload and free what its parts took."""
    with reaching_storage():
        storage().abort_multipart_upload(Bucket=settings.STORAGE_BUCKET, Key=key, UploadId=multipart_id)


def _place(upload: Upload) -> dict[str, str]:
    return {"Bucket": settings.STORAGE_BUCKET, "Key": upload.key, "UploadId": upload.multipart_id}
