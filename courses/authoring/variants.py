"""Writing a lesson in one language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from courses.assessment.questions import repeated_ids, settle_ids
from courses.authoring.captions import broken_line
from courses.authoring.languages import languages_of
from courses.authoring.models import Lesson, LessonKind, LessonVariant
from courses.authoring.refusals import CaptionsBroken, NotForThisKind, UploadRefused
from courses.authoring.services import lesson_changed, lock_lesson
from lms.accounts.models import Person
from lms.errors import InvalidInput
from lms.files.models import Upload, UploadState

# Which kinds of lesson have a place for it; words may stand beside everything.
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "body": tuple(LessonKind.values),
    "upload": (LessonKind.VIDEO, LessonKind.AUDIO, LessonKind.DOCUMENT),
    "captions": (LessonKind.VIDEO, LessonKind.AUDIO),
    "questions": (LessonKind.QUIZ,),
}


@transaction.atomic
def put_variant(
    *,
    lesson: Lesson,
    by: Person,
    language: str,
    content: Mapping[str, Any],
    expected: int | None,
    at: datetime,
) -> Lesson:
    """Write what a lesson says in one language. Of `content` only what is named changes:

    body      Markdown
    upload    an `Upload` of the writer's whose purpose is the lesson's kind, or None to take the file away
    captions  WebVTT
    questions as in courses.assessment; those without id take the ids of the same position in the first language
    """
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    _check(lesson, course.languages, language, content)
    variant = LessonVariant.objects.filter(lesson=lesson, language=language).first()
    variant = variant or LessonVariant(lesson=lesson, language=language)
    for name, value in content.items():
        setattr(variant, name, value)
    if "questions" in content:
        variant.questions = _with_ids(lesson, course.languages[0], language, content["questions"])
    variant.save()
    return lesson_changed(lesson, course, by, "lesson.write", at, fields=[language, *content])


@transaction.atomic
def remove_variant(
    *, lesson: Lesson, by: Person, language: str, expected: int | None, at: datetime
) -> Lesson:
    """Take one language of a lesson out of the draft. Safe to repeat."""
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    LessonVariant.objects.filter(lesson=lesson, language=language).delete()
    return lesson_changed(lesson, course, by, "lesson.unwrite", at, fields=[language])


def _check(lesson: Lesson, languages: Sequence[str], language: str, content: Mapping[str, Any]) -> None:
    if language not in languages_of(lesson.kind, languages):
        raise _invalid("language_not_in_course", "/language")
    misplaced = [name for name in content if lesson.kind not in PLACES[name]]
    if misplaced:
        raise NotForThisKind(
            errors=[
                {"pointer": f"/{name}", "code": NotForThisKind.code, "detail": str(NotForThisKind.message)}
                for name in misplaced
            ]
        )
    if content.get("captions") and not content["captions"].startswith("WEBVTT"):
        raise _invalid("captions_not_webvtt", "/captions")
    if content.get("captions") and (line := broken_line(content["captions"])):
        raise CaptionsBroken(line=line)
    _check_upload(lesson, content.get("upload"))


def _check_upload(lesson: Lesson, upload: Upload | None) -> None:
    """A file still on its way may be named: publishing waits for its check."""
    if upload is None:
        return
    if upload.purpose != lesson.kind:
        raise _invalid("upload_of_another_kind", "/upload")
    if upload.state == UploadState.REFUSED:
        raise UploadRefused(
            errors=[{"pointer": "/upload", "code": upload.code, "detail": str(UploadRefused.message)}]
        )


def _with_ids(
    lesson: Lesson, first_language: str, language: str, written: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    variants = {variant.language: variant.questions for variant in lesson.variants.all()}
    own = variants.pop(language, [])
    first = variants.pop(first_language, [])
    questions = settle_ids(written, [first, own, *variants.values()])
    twice = list(repeated_ids(questions))
    if twice:
        raise _invalid("id_repeated", *(f"/questions{pointer}" for pointer in twice))
    return questions


def _invalid(code: str, *pointers: str) -> InvalidInput:
    return InvalidInput(
        errors=[{"pointer": at, "code": code, "detail": str(InvalidInput.message)} for at in pointers]
    )
