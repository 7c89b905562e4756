"""What was written once serves again: taken back, copied, and renewed from where it was copied."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.languages import VOICE_CODES
from courses.authoring.models import Lesson, Module
from courses.authoring.refusals import SlugTaken
from courses.authoring.revisions import content_of, keep_revision, revision_of, write_content
from courses.authoring.services import (
    course_changed,
    lesson_changed,
    lock_course,
    lock_lesson,
    next_position,
    write_down,
)
from courses.catalogue.models import Course
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal


class NothingNewer(Refusal):
    code = "nothing_newer"
    status = 409
    message = _("There is nothing newer where this lesson comes from.")


class AnotherLanguage(Refusal):
    code = "first_language_differs"
    message = _("The other course begins with another language. Copy into a course that has this one.")


@transaction.atomic
def restore_lesson(*, lesson: Lesson, by: Person, version: int, expected: int | None, at: datetime) -> Lesson:
    """Let a lesson say again what it said at a kept version; what it says now is kept too. Refuses with `not_found`."""
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    revision = revision_of(lesson, version)
    if revision is None:
        raise NotFound
    keep_revision(lesson, by=by, at=at, sitting=timedelta(0))
    write_content(lesson, revision.content)
    return lesson_changed(lesson, course, by, "lesson.restore", at, fields=[f"version {version}"])


@transaction.atomic
def copy_lesson(*, lesson: Lesson, into: Module, by: Person, at: datetime) -> Lesson:
    """Copy a lesson to the end of a module, of its own course or another's that speaks its language.

    The copy remembers where it comes from, so that it can be renewed; to learners it is a lesson of its own. Languages
    that the other course does not have stay behind. Refusals: `first_language_differs`.
    """
    course = lock_course(into.course)
    if not set(lesson.title) & set(course.languages):
        raise AnotherLanguage
    made = _copied(lesson, into, next_position(into.lessons), course.languages)
    course_changed(course, by, "lesson.copy", at)
    return made


@transaction.atomic
def copy_module(*, module: Module, by: Person, at: datetime) -> Module:
    """Copy a module with its lessons to the end of its course."""
    course = lock_course(module.course)
    made = _module_copied(module, course, next_position(course.modules))
    course_changed(course, by, "module.copy", at)
    return made


@transaction.atomic
def copy_course(*, course: Course, slug: str, by: Person, at: datetime) -> Course:
    """Copy the whole draft of a course under another slug, at the same organisation. Refuses with `slug_taken`."""
    lock_course(course)
    facts = (
        "organisation",
        "languages",
        "open",
        "topic",
        "title",
        "summary",
        "hours",
        "prerequisite",
        "next_steps",
    )
    made = Course(slug=slug, created_at=at, **{name: getattr(course, name) for name in facts})
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken from error
    for place, module in enumerate(course.modules.order_by("position", "id")):
        _module_copied(module, made, place)
    write_down(made, by, "course.copy", at)
    return made


def _module_copied(module: Module, course: Course, position: int) -> Module:
    made = Module.objects.create(
        course=course,
        title=module.title,
        opens=module.opens,
        opens_after_days=module.opens_after_days,
        position=position,
    )
    lessons = module.lessons.order_by("position", "id").prefetch_related("variants")
    for place, lesson in enumerate(lessons):
        _copied(lesson, made, place, course.languages)
    return made


def _copied(lesson: Lesson, into: Module, position: int, languages: Sequence[str]) -> Lesson:
    made = Lesson.objects.create(
        module=into,
        kind=lesson.kind,
        title=lesson.title,
        position=position,
        source=lesson,
        source_version=lesson.version,
    )
    write_content(made, _speaking(content_of(lesson), languages))
    return made


def _speaking(content: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """A content in the languages of a course, and the voices, which belong to none."""
    title = {code: words for code, words in content["title"].items() if code in languages}
    variants = {
        code: said for code, said in content["variants"].items() if code in languages or code in VOICE_CODES
    }
    return content | {"title": title, "variants": variants}


@transaction.atomic
def renew_lesson(*, lesson: Lesson, by: Person, expected: int | None, at: datetime) -> Lesson:
    """Let a copy say what its source says now; what it said is kept. Refuses with `nothing_newer`."""
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    if lesson.source is None or not lesson.has_newer_source:
        raise NothingNewer
    keep_revision(lesson, by=by, at=at, sitting=timedelta(0))
    write_content(lesson, _speaking(content_of(lesson.source), course.languages))
    lesson.source_version = lesson.source.version
    lesson.save(update_fields=["source_version"])
    return lesson_changed(lesson, course, by, "lesson.renew", at, fields=[str(lesson.source.uuid)])
