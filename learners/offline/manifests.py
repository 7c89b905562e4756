"""What a publication weighs, file by file, so that it can be kept on a phone, with the renditions that are ready.

A publication never changes; what is added to it later are renditions of its films and sounds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from learners.offline.published import LIGHT, ORIGINAL, TEXT, Entry, Published, published_in
from lms.files.models import Rendition, RenditionKind
from lms.files.queries import ready_renditions

# What one keeps of a film and of a sound: the first of these that exists.
CHOICES: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "audio": {"film": (RenditionKind.AUDIO, ORIGINAL), "sound": (RenditionKind.AUDIO, ORIGINAL)},
    "video": {"film": (RenditionKind.VIDEO_240P, ORIGINAL), "sound": (RenditionKind.AUDIO, ORIGINAL)},
}


# Stills and wider films are for who looks at a course in the network.
KEPT: Final = (RenditionKind.VIDEO_240P, RenditionKind.AUDIO)


@dataclass(frozen=True)
class Manifest:
    """`gone` is None where nothing older was named."""

    slug: str
    number: int
    language: str
    files: Sequence[Entry]
    gone: Sequence[str] | None = None

    @property
    def totals(self) -> dict[str, int]:
        """Bytes of what is listed, as one keeps it: everything but films and sounds, with the sound, with the film."""
        light = sum(entry.bytes for entry in self.files if entry.rendition in LIGHT)
        media = list(_by_lesson(entry for entry in self.files if entry.rendition not in LIGHT))
        chosen = {name: sum(_chosen(lesson, name) for lesson in media) for name in CHOICES}
        return {TEXT: light} | {name: light + bytes_ for name, bytes_ in chosen.items()}


def _by_lesson(entries: Iterable[Entry]) -> Iterable[list[Entry]]:
    lessons: dict[UUID | None, list[Entry]] = {}
    for entry in entries:
        lessons.setdefault(entry.lesson, []).append(entry)
    return lessons.values()


def _chosen(lesson: Sequence[Entry], choice: str) -> int:
    """Bytes kept of one lesson's film or sound."""
    weights = {entry.rendition: entry.bytes for entry in lesson}
    original = next((entry for entry in lesson if entry.rendition == ORIGINAL), lesson[0])
    order = CHOICES[choice]["film" if original.media_type.startswith("video/") else "sound"]
    return next((weights[name] for name in order if name in weights), 0)


def manifest_of(publication_id: int, language: str) -> Manifest:
    """All files of a publication in a language, with the renditions that are ready. One statement once it is known."""
    published = published_in(publication_id, language)
    return _manifest(published, _entries(published, ready_renditions(published.stored.values())))


def manifest_since(publication_id: int, older_id: int, language: str) -> Manifest:
    """What a phone that keeps the older publication still needs, and the SHA-256 of what it needs no more."""
    published, older = published_in(publication_id, language), published_in(older_id, language)
    ready = ready_renditions({*published.stored.values(), *older.stored.values()})
    files, before = _entries(published, ready), {entry.sha256 for entry in _entries(older, ready)}
    return replace(
        _manifest(published, [entry for entry in files if entry.sha256 not in before]),
        gone=sorted(before - {entry.sha256 for entry in files}),
    )


def _manifest(published: Published, files: Sequence[Entry]) -> Manifest:
    return Manifest(published.slug, published.number, published.language, files)


def _entries(published: Published, ready: Mapping[int, Sequence[Rendition]]) -> list[Entry]:
    """The entries of a publication, each original followed by its renditions."""
    return [
        entry
        for original in published.entries
        for entry in (original, *_made_of(original, ready.get(published.stored.get(original.url, 0), ())))
    ]


def _made_of(original: Entry, renditions: Iterable[Rendition]) -> Iterator[Entry]:
    for made in renditions:
        if made.kind in KEPT:
            yield replace(
                original,
                url=f"{original.url}&rendition={made.kind}",
                bytes=made.bytes,
                sha256=made.sha256,
                media_type=made.content_type,
                rendition=made.kind,
            )
