"""The outline of a publication in one language: compiled once, stored ready to be sent, never changed."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import brotli
import orjson

from courses.authoring.languages import VOICE_CODES
from courses.catalogue.texts import in_language
from courses.publishing.models import Publication, PublishedOutline
from courses.publishing.snapshots import Snapshot, SnapshotLesson
from lms.files.models import StoredFile

BROTLI_QUALITY: Final = 9
GZIP_LEVEL: Final = 9


def compile_outline(publication: Publication, snapshot: Snapshot, language: str) -> PublishedOutline:
    """The row of one language, not yet stored. The same publication gives the same bytes."""
    identity = orjson.dumps(outline(publication, snapshot, language), option=orjson.OPT_SORT_KEYS)
    return PublishedOutline(
        publication=publication,
        language=language,
        identity=identity,
        gzip=gzip.compress(identity, GZIP_LEVEL, mtime=0),
        brotli=brotli.compress(identity, quality=BROTLI_QUALITY),  # type: ignore[no-untyped-call]  # has no types
        etag=hashlib.sha256(identity).hexdigest()[:32],
    )


def outline(publication: Publication, snapshot: Snapshot, language: str) -> dict[str, Any]:
    """What a learner's app needs to know of a course before it opens a lesson. No text of lessons: it stays small."""
    languages = snapshot.languages
    steps = [_next_step(step, languages, language) for step in snapshot.next_steps]
    said = {
        "publication": {"number": publication.number, "content_hash": publication.content_hash},
        "course": {"slug": snapshot.slug, "title": in_language(snapshot.title, languages, language)},
        "language": language,
        "languages": list(languages),
        "hours": snapshot.hours,
        "modules": [
            {
                "title": in_language(module.title, languages, language),
                "opens": module.opens,
                "opens_after_days": module.opens_after_days,
                "lessons": [_lesson(lesson, languages, language) for lesson in module.lessons],
            }
            for module in snapshot.modules
        ],
    }
    return said | ({"next_steps": steps} if steps else {})


def _next_step(step: Mapping[str, Any], languages: Sequence[str], language: str) -> dict[str, str]:
    words = {name: in_language(step[name], languages, language) for name in ("title", "body")}
    return {"kind": step["kind"], **words, "link": step["link"]}


def _lesson(lesson: SnapshotLesson, languages: Sequence[str], language: str) -> dict[str, Any]:
    return {
        "id": str(lesson.uuid),
        "kind": lesson.kind,
        "title": in_language(lesson.title, languages, language),
        "minutes": lesson.minutes,
        "bytes": sum(lesson.bytes_in(language, languages)),
        "required": lesson.required,
        "pass_percent": lesson.pass_percent if lesson.kind == "quiz" else None,
        "files": [present_file(file, spoken) for spoken, file in heard_in(lesson, languages, language)],
    }


def heard_in(lesson: SnapshotLesson, languages: Sequence[str], language: str) -> list[tuple[str, StoredFile]]:
    """Her language's file first, then the voices in which the lesson can also be heard."""
    main, variant = lesson.file_in(language, languages)
    files = {main: variant.file} | {
        voice: lesson.variants[voice].file for voice in VOICE_CODES if voice in lesson.variants
    }
    return [(spoken, file) for spoken, file in files.items() if file]


def present_file(file: StoredFile, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "content_type": file.content_type,
        "seconds": file.seconds,
    }


def present_lesson(lesson: SnapshotLesson, languages: Sequence[str], wanted: str) -> dict[str, Any]:
    """What a lesson says in one language, and its files. The same lesson gives the same answer for ever."""
    language, words = lesson.said_in(wanted, languages)
    return {
        "id": lesson.uuid,
        "kind": lesson.kind,
        "title": in_language(lesson.title, languages, wanted),
        "minutes": lesson.minutes,
        "required": lesson.required,
        "language": language or languages[0],
        "html": words.html,
        "captions": lesson.file_in(wanted, languages)[1].captions,
        "files": [present_file(file, spoken) for spoken, file in heard_in(lesson, languages, wanted)],
    }
