"""The private object storage (S3): keys are ours, links are signed and short, what was stored is read back.

We talk to `STORAGE_ENDPOINT` and sign for `STORAGE_PUBLIC_URL`, which is where browsers reach the same storage. The
settings are read at each call. No answer within seconds is a refusal (503, `storage_unavailable`), never a wait.
"""

from __future__ import annotations

import hashlib
import logging
import mimetypes
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from storages.backends.s3 import S3Storage

from lms.errors import Refusal

log = logging.getLogger(__name__)

CHUNK: Final = 1024 * 1024
DOCUMENT_SECONDS: Final = 5 * 60
MEDIA_SECONDS: Final = 2 * 60 * 60
NO_SUCH_THING: Final = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})


class StorageUnavailable(Refusal):
    code = "storage_unavailable"
    status = 503
    message = _("The file store does not answer just now. Nothing is lost; try again in a moment.")


class ObjectMissing(Exception):
    """The storage has nothing under this key."""


class ObjectDamaged(Exception):
    """What came back is not what was stored."""


def client_config() -> Config:
    return Config(  # type: ignore[no-untyped-call]  # botocore has no types
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=2,
        read_timeout=5,
        retries={"total_max_attempts": 2, "mode": "standard"},
        # Otherwise signed addresses of parts carry the checksum of an empty body.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@lru_cache(maxsize=8)
def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    return boto3.session.Session().client(  # type: ignore[no-untyped-call]  # boto3 has no types
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=client_config(),
    )


def _client_at(endpoint: str) -> Any:
    return _client(
        endpoint, settings.STORAGE_REGION, settings.STORAGE_ACCESS_KEY, settings.STORAGE_SECRET_KEY
    )


def storage() -> Any:
    """The S3 client that talks to our storage; safe to share between threads."""
    return _client_at(settings.STORAGE_ENDPOINT)


def signed(operation: str, *, seconds: int, **parameters: Any) -> str:
    """An address at which a browser may do `operation` of S3 for some seconds. Reaches nobody."""
    return str(
        _client_at(settings.STORAGE_PUBLIC_URL).generate_presigned_url(
            operation, Params={"Bucket": settings.STORAGE_BUCKET, **parameters}, ExpiresIn=seconds
        )
    )


@contextmanager
def reaching_storage() -> Iterator[None]:
    """What goes wrong on the way becomes `StorageUnavailable`, what is not there `ObjectMissing`."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in NO_SUCH_THING:
            raise ObjectMissing from error
        log.warning("the storage refused: %s", error.response["Error"]["Code"])
        raise StorageUnavailable(retry_after=5) from error
    except (BotoCoreError, Boto3Error) as error:
        log.warning("the storage does not answer: %s", type(error).__name__)
        raise StorageUnavailable(retry_after=5) from error


def signed_link(key: str, *, seconds: int, content_type: str = "", filename: str = "document") -> str:
    """A link to one object that works for `seconds` (documents 5 min, films and sound 2 h).

    The file is named neutrally, `document.pdf`: a name on a shared phone betrays nothing.
    """
    parameters = {"Key": key}
    if content_type:
        ending = mimetypes.guess_extension(content_type) or ""
        parameters["ResponseContentType"] = content_type
        parameters["ResponseContentDisposition"] = f'inline; filename="{filename}{ending}"'
    return signed("get_object", seconds=seconds, **parameters)


def put(path: Path, key: str, *, sha256: str, content_type: str) -> None:
    """Store a file under our key and read it back: kept is only what has the same SHA-256 in the storage."""
    with reaching_storage():
        storage().upload_file(
            str(path), settings.STORAGE_BUCKET, key, ExtraArgs={"ContentType": content_type}
        )
    _read_back(key, sha256)


def put_bytes(content: bytes, key: str, *, sha256: str, content_type: str) -> None:
    """The same for what was made in memory."""
    with reaching_storage():
        storage().put_object(Bucket=settings.STORAGE_BUCKET, Key=key, Body=content, ContentType=content_type)
    _read_back(key, sha256)


def _read_back(key: str, sha256: str) -> None:
    digest = hashlib.sha256()
    for chunk in read(key):
        digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise ObjectDamaged(key)


def read(key: str) -> Iterator[bytes]:
    """The bytes of an object, piece by piece."""
    with reaching_storage():
        body = storage().get_object(Bucket=settings.STORAGE_BUCKET, Key=key)["Body"]
    with reaching_storage(), closing(body):
        yield from body.iter_chunks(CHUNK)


def fetch(key: str, path: Path, *, sha256: str = "") -> None:
    """Bring an object to a local file; with `sha256` given, nothing else is accepted."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in read(key):
            digest.update(chunk)
            file.write(chunk)
    if sha256 and digest.hexdigest() != sha256:
        raise ObjectDamaged(key)


def size_of(key: str) -> int:
    """The bytes of an object."""
    with reaching_storage():
        return int(storage().head_object(Bucket=settings.STORAGE_BUCKET, Key=key)["ContentLength"])


def sizes(prefix: str, *, after: str, until: str) -> dict[str, int]:
    """The bytes of each object under `prefix` whose key sorts behind `after` and not behind `until`."""
    found: dict[str, int] = {}
    with reaching_storage():
        pages = storage().get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=settings.STORAGE_BUCKET, Prefix=prefix, StartAfter=after):
            here = {item["Key"]: int(item["Size"]) for item in page.get("Contents", ())}
            found |= {key: size for key, size in here.items() if key <= until}
            if max(here, default="") > until:
                break
    return found


def delete(key: str) -> None:
    """Remove an object. Safe to repeat."""
    with reaching_storage():
        storage().delete_object(Bucket=settings.STORAGE_BUCKET, Key=key)


class PrivateStorage(S3Storage):
    """Django's default storage: the same bucket, the same patience, links signed for the public address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "client_config": client_config()})  # type: ignore[no-untyped-call]  # untyped

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(settings.STORAGE_BUCKET)

    def url(  # type: ignore[override]  # as S3Storage, which is untyped, has it
        self,
        name: str,
        parameters: dict[str, Any] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        return signed("get_object", seconds=expire or DOCUMENT_SECONDS, Key=name, **(parameters or {}))

    def _save(self, name: str, content: File[Any]) -> str:
        with reaching_storage():
            return str(super()._save(name, content))  # type: ignore[no-untyped-call]  # django-storages

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        try:
            with reaching_storage():
                file: File[Any] = super()._open(name, mode)  # type: ignore[no-untyped-call]  # django-storages
                return file
        except ObjectMissing as error:
            raise FileNotFoundError(name) from error

    def delete(self, name: str) -> None:
        delete(name)

    def exists(self, name: str) -> bool:
        try:
            size_of(name)
        except ObjectMissing:
            return False
        return True
