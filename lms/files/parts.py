"""Receiving a file in parts: which there are, which have arrived, where the others go (S3 multipart upload)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

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


def begin(key: str) -> str:
    """Open a multipart upload in quarantine; returns its id at the storage."""
    with reaching_storage():
        answer = storage().create_multipart_upload(
            Bucket=settings.STORAGE_BUCKET, Key=key, ContentType="application/octet-stream"
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


def part_urls(upload: Upload, numbers: Sequence[int]) -> list[dict[str, str | int]]:
    """Where the client `PUT`s these parts, for twelve hours."""
    return [
        {
            "number": number,
            "url": signed(
                "upload_part",
                seconds=PART_URL_SECONDS,
                Key=upload.key,
                UploadId=upload.multipart_id,
                PartNumber=number,
            ),
        }
        for number in numbers
    ]


def assemble(upload: Upload, parts: Mapping[int, Received]) -> None:
    """Make one object of the parts. Raises `ObjectMissing` when that was done before."""
    listed = [{"PartNumber": number, "ETag": parts[number].etag} for number in sorted(parts)]
    with reaching_storage():
        storage().complete_multipart_upload(**_place(upload), MultipartUpload={"Parts": listed})


def abandon(key: str, multipart_id: str) -> None:
    """Give up an upload and free what its parts took."""
    with reaching_storage():
        storage().abort_multipart_upload(Bucket=settings.STORAGE_BUCKET, Key=key, UploadId=multipart_id)


def _place(upload: Upload) -> dict[str, str]:
    return {"Bucket": settings.STORAGE_BUCKET, "Key": upload.key, "UploadId": upload.multipart_id}
