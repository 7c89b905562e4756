"""What the draft says otherwise than the newest publication, so that a person can read it."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal
from uuid import UUID

import nh3

from courses.catalogue.models import Course
from courses.publishing.snapshots import (
    NOTHING,
    SnapshotLesson,
    published_lessons,
    read_draft,
    snapshot_of,
)
from courses.studio.queries import Line, difference

Sign = Literal["added", "removed", "title", "words", "file", "captions", "questions", "rules"]
END_OF_BLOCK: Final = re.compile(r"</(?:p|h[2-4]|li|tr|blockquote|pre)>|<br ?/?>")


@dataclass(frozen=True)
class LessonChange:
    """One lesson: in what it differs, and its words line by line in the languages that differ.

    `-` is what learners read now, `+` what they would read.
    """

    lesson: UUID
    title: Mapping[str, str]
    signs: Sequence[Sign]
    words: Sequence[tuple[str, Sequence[Line]]] = ()


def changes_of(course: Course) -> list[LessonChange]:
    """Lesson by lesson, in the draft's order, then those that are gone. Nothing for a course never published."""
    if course.newest is None:
        return []
    now = {lesson.uuid: lesson for lesson in snapshot_of(read_draft(course)).lessons}
    before = published_lessons(course.newest)
    kept = (_change(before.get(uuid), lesson) for uuid, lesson in now.items())
    gone = (
        LessonChange(lesson.uuid, lesson.title, ("removed",))
        for uuid, lesson in before.items()
        if uuid not in now
    )
    return [change for change in chain(kept, gone) if change.signs]


def _change(before: SnapshotLesson | None, now: SnapshotLesson) -> LessonChange:
    if before is None:
        return LessonChange(now.uuid, now.title, ("added",))
    languages = dict.fromkeys([*before.variants, *now.variants])
    words = [
        (code, difference(_lines(before, code), _lines(now, code)))
        for code in languages
        if _lines(before, code) != _lines(now, code)
    ]
    signs = [sign for sign, differs in _signs(before, now, list(languages)).items() if differs]
    return LessonChange(now.uuid, now.title, signs, words)


def _signs(before: SnapshotLesson, now: SnapshotLesson, languages: Sequence[str]) -> dict[Sign, bool]:
    pairs = [(before.variants.get(code, NOTHING), now.variants.get(code, NOTHING)) for code in languages]
    rules = ("required", "minutes", "pass_percent")
    return {
        "title": dict(before.title) != dict(now.title),
        "words": any(old.html != new.html for old, new in pairs),
        "file": any(old.content()["file"] != new.content()["file"] for old, new in pairs),
        "captions": any(old.captions != new.captions for old, new in pairs),
        "questions": list(before.questions) != list(now.questions),
        "rules": any(getattr(before, name) != getattr(now, name) for name in rules),
    }


def _lines(lesson: SnapshotLesson, code: str) -> str:
    """The words of a lesson without their marks, a block a line."""
    broken = END_OF_BLOCK.sub("\n", lesson.variants.get(code, NOTHING).html)
    text = html.unescape(nh3.clean(broken, tags=set()))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
