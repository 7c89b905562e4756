"""Reading what was published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from courses.publishing.models import PublishedLesson, PublishedOutline
from courses.publishing.snapshots import SnapshotLesson, Variant, as_snapshot

Encoding = Literal["identity", "gzip", "br"]
COLUMN: Final[dict[Encoding, str]] = {"identity": "identity", "gzip": "gzip", "br": "brotli"}
_SUFFIX: Final[dict[Encoding, str]] = {"identity": "", "gzip": "-gzip", "br": "-br"}


@dataclass(frozen=True)
class StoredOutline:
    """An outline ready to be sent. Each encoding has bytes of its own, so it has an ETag of its own."""

    content: bytes
    etag: str
    language: str
    number: int
    slug: str


def stored_outline(publication_id: int, language: str, encoding: Encoding) -> StoredOutline | None:
    """The outline of a publication in a language. One statement."""
    outlines = PublishedOutline.objects.filter(publication_id=publication_id, language=language)
    found = outlines.values_list(
        "language", "etag", "publication__number", "publication__course__slug", COLUMN[encoding]
    ).first()
    return found and as_stored(encoding, *found)


def as_stored(
    encoding: Encoding, language: str, etag: str, number: int, slug: str, content: bytes
) -> StoredOutline:
    return StoredOutline(bytes(content), f'"{etag}{_SUFFIX[encoding]}"', language, number, slug)


def asked_quiz(publication_id: int, lesson: UUID) -> SnapshotLesson | None:
    """A quiz of a publication with its questions. One statement."""
    row = PublishedLesson.objects.filter(publication_id=publication_id, uuid=lesson, kind="quiz").first()
    return as_snapshot(row, {}, questions=row.questions) if row else None


def published_lesson(publication_id: int, lesson: UUID) -> tuple[SnapshotLesson, Sequence[str]] | None:
    """One lesson with what it says and plays in each language, and its course's languages. Two statements."""
    rows = PublishedLesson.objects.filter(publication_id=publication_id, uuid=lesson)
    row = rows.select_related("publication").defer("questions", "publication__search_text").first()
    if row is None:
        return None
    variants = {
        variant.language: Variant(variant.html, variant.captions, variant.file)
        for variant in row.variants.select_related("file").order_by("id")
    }
    return as_snapshot(row, variants, questions=()), row.publication.languages
