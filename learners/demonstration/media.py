"""Keeping the demonstration's own films, sounds and sheets: material of ours, stored without quarantine.

What trainers send always goes through `lms.files.services`; nothing here is reachable from a request.
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from lms.accounts.models import Person
from lms.files import storage
from lms.files.checks import isobmff
from lms.files.models import StoredFile, Upload, UploadState

SENT_AT_ONCE: Final = 4
CONTENT_TYPES: Final = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".pdf": "application/pdf"}


@dataclass(frozen=True, kw_only=True)
class Material:
    """One file on disk, measured."""

    path: Path
    purpose: str
    key: str
    sha256: str
    bytes: int
    seconds: float | None = None
    width: int | None = None
    height: int | None = None

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.path.suffix]


def keep_trusted(
    files: Mapping[str, tuple[Path, str]], *, owner: Person, at: datetime, home: str
) -> dict[str, Upload]:
    """Store files (name → path, purpose) and return their uploads, ready to be named in lessons. Safe to repeat.

    The key is the content's own under `home`, so that what an interrupted load had stored is stored once.
    """
    materials = {name: _measure(path, purpose, home) for name, (path, purpose) in files.items()}
    with ThreadPoolExecutor(SENT_AT_ONCE) as pool:
        list(pool.map(_send, {material.key: material for material in materials.values()}.values()))
    with transaction.atomic():
        return {name: _keep(material, owner, at) for name, material in materials.items()}


def _measure(path: Path, purpose: str, home: str) -> Material:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{home}/{sha256}{path.suffix}"
    if purpose == "document":
        return Material(path=path, purpose=purpose, key=key, sha256=sha256, bytes=len(content))
    with path.open("rb") as file:
        contents = isobmff.read(file, len(content))
    return Material(
        path=path,
        purpose=purpose,
        key=key,
        sha256=sha256,
        bytes=len(content),
        seconds=contents.seconds,
        width=contents.width if purpose == "video" else None,
        height=contents.height if purpose == "video" else None,
    )


def _send(material: Material) -> None:
    storage.put(material.path, material.key, sha256=material.sha256, content_type=material.content_type)


def _keep(material: Material, owner: Person, at: datetime) -> Upload:
    file, _ = StoredFile.objects.get_or_create(
        key=material.key,
        defaults={
            "purpose": material.purpose,
            "content_type": material.content_type,
            "bytes": material.bytes,
            "sha256": material.sha256,
            "seconds": material.seconds,
            "width": material.width,
            "height": material.height,
            "created_at": at,
        },
    )
    upload, _ = Upload.objects.get_or_create(
        key=f"trusted/{material.key}",
        defaults={
            "owner": owner,
            "purpose": material.purpose,
            "name": material.path.name,
            "size": material.bytes,
            "part_size": material.bytes,
            "state": UploadState.READY,
            "file": file,
            "created_at": at,
            "completed_at": at,
        },
    )
    return upload
