"""What a lesson of the draft said before: kept with each change, so that any of it can be taken back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models

from courses.authoring.models import Lesson, LessonRevision, LessonVariant
from lms.accounts.models import Person

# What follows from where a lesson stands, or counts its changes, is no part of what it says.
_PLACE: Final = {"id", "uuid", "module", "kind", "position", "version", "source", "source_version"}
_WHOSE: Final = {"id", "lesson", "language"}
ONE_SITTING: Final = timedelta(minutes=10)

Content = dict[str, Any]


def fields_of(model: type[models.Model], without: set[str]) -> list[str]:
    columns = model._meta.concrete_fields  # noqa: SLF001  # Django's documented way to a model's fields
    return [field.attname for field in columns if field.name not in without]


LESSON_SAYS: Final = fields_of(Lesson, _PLACE)
VARIANT_SAYS: Final = fields_of(LessonVariant, _WHOSE)


def content_of(lesson: Lesson) -> Content:
    """All that a lesson says: its facts, and by language its variants. One statement."""
    return {
        **{name: getattr(lesson, name) for name in LESSON_SAYS},
        "variants": {
            variant.language: {name: getattr(variant, name) for name in VARIANT_SAYS}
            for variant in lesson.variants.all()
        },
    }


def write_content(lesson: Lesson, content: Mapping[str, Any]) -> None:
    """Let a lesson, whose course the caller has locked, say this and nothing else."""
    for name in LESSON_SAYS:
        setattr(lesson, name, content.get(name, getattr(lesson, name)))
    lesson.save(update_fields=LESSON_SAYS)
    lesson.variants.exclude(language__in=content["variants"]).delete()
    for language, said in content["variants"].items():
        LessonVariant.objects.update_or_create(lesson=lesson, language=language, defaults=said)


def keep_revision(lesson: Lesson, *, by: Person, at: datetime, sitting: timedelta = ONE_SITTING) -> None:
    """Keep what a lesson says before somebody changes it; once for all that she changes in one sitting.

    The caller has locked the lesson's course.
    """
    newest = lesson.revisions.order_by("-version").first()
    if newest and newest.version == lesson.version:
        return
    if newest and newest.replaced_by_id == by.pk and at - newest.replaced_at < sitting:
        return
    LessonRevision.objects.create(
        lesson=lesson, version=lesson.version, content=content_of(lesson), replaced_by=by, replaced_at=at
    )


def revision_of(lesson: Lesson, version: int) -> LessonRevision | None:
    return lesson.revisions.filter(version=version).first()
