"""What never changes of a manifest: texts, quizzes, captions, sheets and originals of a publication, by language.

Each process works it out once. Bytes and SHA-256 are those of the very answer that an address gives.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from courses.assessment.questions import shown
from courses.authoring.languages import VOICE_CODES
from courses.publishing.models import Publication
from courses.publishing.outlines import present_lesson
from courses.publishing.queries import stored_outline
from courses.publishing.rules import lesson_rules
from courses.publishing.snapshots import SnapshotLesson, published_lessons
from lms.api.renderers import JSONRenderer
from lms.files.models import Purpose, StoredFile

TEXT: Final = "text"
DOCUMENT: Final = "document"
ORIGINAL: Final = "original"
CAPTIONS: Final = "captions"
QUIZ: Final = "quiz"
LIGHT: Final = (TEXT, DOCUMENT, CAPTIONS, QUIZ)
HEARD: Final = (Purpose.VIDEO, Purpose.AUDIO)
JSON: Final = "application/json"
VTT: Final = "text/vtt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file to keep. `lesson` and `module` (counted from 1) are None for what belongs to the whole course."""

    url: str
    bytes: int
    sha256: str
    media_type: str
    lesson: UUID | None
    module: int | None
    rendition: str


@dataclass(frozen=True)
class Published:
    """`stored`: the stored film or sound behind the address of an original."""

    slug: str
    number: int
    language: str
    entries: Sequence[Entry]
    stored: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a lesson stands, and in which of its course's languages it is kept."""

    address: str
    lesson: UUID
    module: int
    language: str
    languages: Sequence[str]

    def entry(self, part: str, content: bytes, media_type: str, rendition: str) -> Entry:
        return self.measured(
            part,
            len(content),
            hashlib.sha256(content).hexdigest(),
            media_type=media_type,
            rendition=rendition,
        )

    def measured(self, part: str, size: int, sha256: str, *, media_type: str, rendition: str) -> Entry:
        return Entry(
            url=f"{self.address}{part}?language={self.language}",
            bytes=size,
            sha256=sha256,
            media_type=media_type,
            lesson=self.lesson,
            module=self.module,
            rendition=rendition,
        )


def language_kept(languages: Sequence[str], wanted: str) -> str:
    """A language of the course or a voice in which its lessons may be heard, else the course's first."""
    return wanted if wanted in (*languages, *VOICE_CODES) else languages[0]


def present_quiz(lesson: SnapshotLesson, language: str) -> dict[str, Any]:
    """A quiz to be taken without a network. The same questions give the same answer in every publication."""
    return {
        "id": lesson.uuid,
        "language": language,
        "pass_percent": lesson.pass_percent,
        "questions": shown(lesson.questions, language),
    }


@lru_cache(maxsize=200)
def published_in(publication_id: int, language: str) -> Published:
    """Five statements, once. `language` is one of the course's, or a voice (`language_kept`)."""
    publication = Publication.objects.select_related("course").defer("search_text").get(pk=publication_id)
    home = f"/api/v1/courses/{publication.course.slug}/publications/{publication.number}"
    rules = lesson_rules(publication_id)
    entries, stored = list(_outline(publication, home, language)), dict[str, int]()
    for uuid, lesson in published_lessons(publication).items():
        place = _Place(
            address=f"{home}/lessons/{uuid}",
            lesson=uuid,
            module=rules[uuid].module_position + 1,
            language=language,
            languages=publication.languages,
        )
        entries += _words(place, lesson)
        file = lesson.file_in(language, publication.languages)[1].file
        if file:
            entries.append(entry := _file(place, file))
            stored |= {entry.url: file.pk} if file.purpose in HEARD else {}
    return Published(publication.course.slug, publication.number, language, entries, stored)


def _outline(publication: Publication, home: str, language: str) -> Iterator[Entry]:
    written = language if language in publication.languages else publication.languages[0]
    if outline := stored_outline(publication.pk, written, "identity"):
        yield Entry(
            url=f"{home}/outline/{written}",
            bytes=len(outline.content),
            sha256=hashlib.sha256(outline.content).hexdigest(),
            media_type=JSON,
            lesson=None,
            module=None,
            rendition=TEXT,
        )


def _words(place: _Place, lesson: SnapshotLesson) -> Iterator[Entry]:
    """What is read of a lesson: its text, a quiz's questions, a film's captions."""
    text = JSONRenderer().render(present_lesson(lesson, place.languages, place.language))
    yield place.entry("", text, JSON, TEXT)
    if lesson.kind == QUIZ:
        yield place.entry("/quiz", JSONRenderer().render(present_quiz(lesson, place.language)), JSON, QUIZ)
    if captions := lesson.file_in(place.language, place.languages)[1].captions:
        yield place.entry("/captions", captions.encode(), VTT, CAPTIONS)


def _file(place: _Place, file: StoredFile) -> Entry:
    rendition = ORIGINAL if file.purpose in HEARD else DOCUMENT
    return place.measured("/file", file.bytes, file.sha256, media_type=file.content_type, rendition=rendition)
