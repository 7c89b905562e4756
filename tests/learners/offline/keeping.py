"""A course of every kind of lesson whose films, sounds and sheets really lie in the storage, and who keeps it."""

import hashlib
from typing import Any

import httpx
from django.test import Client
from rest_framework.test import APIClient

from courses.publishing.models import PublishedVariant
from lms.files import storage
from lms.files.models import Rendition, RenditionState, StoredFile
from tests.learners.classroom.richly import Classroom


def fill_the_storage(classroom: Classroom) -> None:
    """Give each stored file of her course an object of its own."""
    files = StoredFile.objects.filter(
        pk__in=PublishedVariant.objects.filter(lesson__publication__course=classroom.course).values("file")
    )
    for file in files:
        content = f"{file.key}|".encode() * 500
        file.sha256, file.bytes = hashlib.sha256(content).hexdigest(), len(content)
        file.save()
        storage.put_bytes(content, file.key, sha256=file.sha256, content_type=file.content_type)


def render(file: StoredFile, kind: str, content: bytes) -> Rendition:
    """A rendition as the media worker leaves it."""
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"renditions/{sha256[:2]}/{file.uuid}-{kind}-{sha256[:16]}"
    media_type = "video/mp4" if kind == "video_240p" else "audio/mp4"
    storage.put_bytes(content, key, sha256=sha256, content_type=media_type)
    return Rendition.objects.create(
        file=file, kind=kind, state=RenditionState.READY, key=key, content_type=media_type,
        bytes=len(content), sha256=sha256,
    )  # fmt: skip


def manifest_path(classroom: Classroom, number: int = 1) -> str:
    return f"/api/v1/courses/{classroom.course.slug}/publications/{number}/manifest"


def manifest(
    client: APIClient | Client, classroom: Classroom, number: int = 1, **asked: Any
) -> dict[str, Any]:
    answer = client.get(manifest_path(classroom, number), {"language": "ar", **asked})
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def fetch(client: APIClient | Client, url: str) -> bytes:
    """What an address of a manifest delivers, behind its redirect too."""
    answer = client.get(url)
    if answer.status_code == 302:
        return httpx.get(answer["Location"], timeout=30).raise_for_status().content
    assert answer.status_code == 200, (url, answer.status_code)
    return bytes(answer.content)
