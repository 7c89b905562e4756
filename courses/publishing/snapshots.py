"""A course as it would be published, and as it was: the same shape, so that the two can be compared and hashed."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from courses.assessment.questions import differ, merge
from courses.authoring.languages import languages_of
from courses.authoring.models import Lesson, LessonVariant, Module, Opening
from courses.catalogue.models import Course
from courses.catalogue.texts import language_of
from courses.publishing.models import Publication, PublishedLesson, PublishedVariant
from courses.publishing.rendering import to_html
from lms.files.models import StoredFile

Words = Mapping[str, str]


@dataclass(frozen=True)
class Variant:
    html: str = ""
    captions: str = ""
    file: StoredFile | None = None

    def content(self) -> dict[str, Any]:
        return {
            "html": self.html,
            "captions": self.captions,
            "file": self.file.sha256 if self.file else None,
        }


NOTHING = Variant()


@dataclass(frozen=True, kw_only=True)
class SnapshotLesson:
    uuid: UUID
    kind: str
    title: Words
    required: bool
    minutes: int
    pass_percent: int
    variants: Mapping[str, Variant]
    questions: Sequence[Mapping[str, Any]] = ()

    def content(self) -> dict[str, Any]:
        """What makes two lessons the same, whatever rows they come from."""
        return {
            "id": str(self.uuid),
            "kind": self.kind,
            "title": dict(self.title),
            "required": self.required,
            "minutes": self.minutes,
            "pass_percent": self.pass_percent,
            "questions": list(self.questions),
            "variants": {language: variant.content() for language, variant in self.variants.items()},
        }

    def said_in(self, wanted: str, languages: Sequence[str]) -> tuple[str, Variant]:
        """The words in the wanted language, else the first that has some; (language, variant)."""
        language = language_of({code: v.html for code, v in self.variants.items()}, languages, wanted)
        return language, self.variants.get(language, NOTHING)

    def file_in(self, wanted: str, languages: Sequence[str]) -> tuple[str, Variant]:
        """The variant whose file is heard or read in the wanted language, else the first that has one."""
        files = {code: v.file.sha256 for code, v in self.variants.items() if v.file}
        language = language_of(files, languages, wanted)
        return language, self.variants.get(language, NOTHING)

    def bytes_in(self, wanted: str, languages: Sequence[str]) -> tuple[int, int]:
        """What one language of the lesson weighs: (words alone, the file)."""
        words = self.said_in(wanted, languages)[1]
        heard = self.file_in(wanted, languages)[1]
        text = len(words.html.encode()) + len(heard.captions.encode())
        return text, heard.file.bytes if heard.file else 0


@dataclass(frozen=True)
class SnapshotModule:
    title: Words
    lessons: Sequence[SnapshotLesson]
    opens: str = Opening.AT_ONCE
    opens_after_days: int = 0

    def content(self) -> dict[str, Any]:
        """What opens at once says nothing of it, so that a course without rules keeps the hash it had before them."""
        rule = {"opens": self.opens, "opens_after_days": self.opens_after_days}
        said = {"title": dict(self.title), "lessons": [lesson.content() for lesson in self.lessons]}
        return said if self.opens == Opening.AT_ONCE else said | rule


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    slug: str
    languages: Sequence[str]
    title: Words
    summary: Words
    topic: str
    hours: int | None
    prerequisite: Course | None = None
    next_steps: Sequence[Mapping[str, Any]] = ()
    modules: Sequence[SnapshotModule] = field(default_factory=tuple)

    @property
    def lessons(self) -> list[SnapshotLesson]:
        return [lesson for module in self.modules for lesson in module.lessons]

    def content_hash(self) -> str:
        """SHA-256 over everything a learner can meet, in one canonical form.

        Without prerequisite or next steps it says nothing of them: such a course keeps the hash it had before them.
        """
        content: dict[str, Any] = {
            "slug": self.slug,
            "languages": list(self.languages),
            "title": dict(self.title),
            "summary": dict(self.summary),
            "topic": self.topic,
            "hours": self.hours,
            "modules": [module.content() for module in self.modules],
        }
        if self.prerequisite:
            content["prerequisite"] = self.prerequisite.slug
        if self.next_steps:
            content["next_steps"] = list(self.next_steps)
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class Draft:
    """The rows of a draft in their order, read in three statements."""

    course: Course
    modules: Sequence[tuple[Module, Sequence[tuple[Lesson, Mapping[str, LessonVariant]]]]]

    @property
    def first_language(self) -> str:
        return self.course.languages[0]


def read_draft(course: Course) -> Draft:
    """The draft as it stands; each lesson with its variants in the languages that count now, the first first."""
    lessons: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in Lesson.objects.filter(module__course=course).order_by("position", "id"):
        lessons[lesson.module_id].append(lesson)
    variants: dict[int, dict[str, LessonVariant]] = defaultdict(dict)
    rows = LessonVariant.objects.filter(lesson__module__course=course).select_related("upload__file")
    for variant in rows:
        variants[variant.lesson_id][variant.language] = variant
    return Draft(
        course,
        [
            (
                module,
                [(lesson, _in_order(lesson, variants[lesson.pk], course)) for lesson in lessons[module.pk]],
            )
            for module in course.modules.order_by("position", "id")
        ],
    )


def _in_order(
    lesson: Lesson, variants: Mapping[str, LessonVariant], course: Course
) -> dict[str, LessonVariant]:
    return {
        language: variants[language]
        for language in languages_of(lesson.kind, course.languages)
        if language in variants
    }


def snapshot_of(draft: Draft) -> Snapshot:
    """The draft as it would be published; a file that is not ready counts as none."""
    course = draft.course
    return Snapshot(
        slug=course.slug,
        languages=course.languages,
        title=_known(course.title, course.languages),
        summary=_known(course.summary, course.languages),
        topic=course.topic,
        hours=course.hours,
        prerequisite=course.prerequisite,
        next_steps=[_step(step, course.languages) for step in course.next_steps],
        modules=[
            SnapshotModule(
                _known(module.title, course.languages),
                [_lesson(lesson, variants, course) for lesson, variants in lessons],
                module.opens,
                module.opens_after_days,
            )
            for module, lessons in draft.modules
        ],
    )


def _step(step: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    words = {name: _known(step[name], languages) for name in ("title", "body")}
    return {"kind": step["kind"], **words, "link": step["link"]}


def _known(words: Words, languages: Sequence[str]) -> dict[str, str]:
    return {language: words[language] for language in languages if words.get(language)}


def _lesson(lesson: Lesson, variants: Mapping[str, LessonVariant], course: Course) -> SnapshotLesson:
    said = {
        language: Variant(
            html=to_html(variant.body),
            captions=variant.captions,
            file=variant.upload.file if variant.upload else None,
        )
        for language, variant in variants.items()
    }
    quiz = {language: variant.questions for language, variant in variants.items() if variant.questions}
    asked: Sequence[Mapping[str, Any]] = next(iter(quiz.values()), ())
    return SnapshotLesson(
        uuid=lesson.uuid,
        kind=lesson.kind,
        title=_known(lesson.title, course.languages),
        required=lesson.required,
        minutes=lesson.minutes,
        pass_percent=lesson.pass_percent,
        variants={language: variant for language, variant in said.items() if variant != NOTHING},
        questions=merge({language: q for language, q in quiz.items() if not differ(asked, q)}),
    )


def published_lessons(publication: Publication) -> dict[UUID, SnapshotLesson]:
    """The lessons of a publication in the shape of a snapshot, by their id. Two statements."""
    variants: dict[int, dict[str, Variant]] = defaultdict(dict)
    rows = PublishedVariant.objects.filter(lesson__publication=publication).select_related("file")
    for row in rows.order_by("id"):
        variants[row.lesson_id][row.language] = Variant(row.html, row.captions, row.file)
    return {
        lesson.uuid: as_snapshot(lesson, variants[lesson.pk], questions=lesson.questions)
        for lesson in PublishedLesson.objects.filter(publication=publication)
    }


def as_snapshot(
    lesson: PublishedLesson, variants: Mapping[str, Variant], *, questions: Sequence[Mapping[str, Any]]
) -> SnapshotLesson:
    return SnapshotLesson(
        uuid=lesson.uuid,
        kind=lesson.kind,
        title=lesson.title,
        required=lesson.required,
        minutes=lesson.minutes,
        pass_percent=lesson.pass_percent,
        variants=variants,
        questions=questions,
    )
