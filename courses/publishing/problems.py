"""What keeps a draft from being published. Everything is looked at, so that a trainer hears all of it at once."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.assessment.questions import differ, problems
from courses.authoring.languages import HEARD
from courses.authoring.models import Lesson, LessonKind, LessonVariant
from courses.authoring.prerequisites import CIRCLE, POINTER, needs
from courses.catalogue.models import Course
from courses.publishing.snapshots import Draft
from lms.errors import Refusal
from lms.files.models import UploadState


class DraftNotReady(Refusal):
    """Several kinds of problem at once; where all are of one kind, the refusal carries that kind's own code."""

    code = "draft_not_ready"
    message = _("The course cannot be published yet. Each place that needs you is listed.")


class CourseEmpty(Refusal):
    code = "course_empty"
    message = _("The course has no lesson yet.")


class NothingRequired(Refusal):
    code = "nothing_required"
    message = _("At least one lesson must be required, or nobody could ever finish.")


class TitleMissing(Refusal):
    code = "title_missing"
    message = _("A title is missing in the course's first language.")


class LessonEmpty(Refusal):
    code = "lesson_empty"
    message = _("This lesson has no content yet in the course's first language.")


class ModuleEmpty(Refusal):
    code = "module_empty"
    message = _("This module has no lesson yet.")


class QuizWithoutRightAnswer(Refusal):
    code = "quiz_without_right_answer"
    message = _("Mark the right answer of this question.")


class QuizTooFewChoices(Refusal):
    code = "quiz_too_few_choices"
    message = _("Give this question at least two answers to choose from.")


class QuestionTextMissing(Refusal):
    code = "question_text_missing"
    message = _("The text of a question or of an answer is missing.")


class QuizLanguagesDiffer(Refusal):
    code = "quiz_languages_differ"
    message = _("The quiz asks other things in this language than in the first one.")


class FileBeingChecked(Refusal):
    code = "file_being_checked"
    status = 409
    message = _("A file is still being checked. Try again in a moment.")


class FileWasRefused(Refusal):
    code = "file_refused"
    message = _("A file was refused when it was checked. Send another one.")


class PrerequisiteUnpublished(Refusal):
    code = "prerequisite_unpublished"
    message = _("The course to complete before this one is not published yet.")


class PrerequisiteCircle(Refusal):
    code = "prerequisite_circle"
    message = CIRCLE


PROBLEMS: Final[tuple[type[Refusal], ...]] = (
    CourseEmpty,
    NothingRequired,
    TitleMissing,
    ModuleEmpty,
    LessonEmpty,
    QuizWithoutRightAnswer,
    QuizTooFewChoices,
    QuestionTextMissing,
    QuizLanguagesDiffer,
    FileBeingChecked,
    FileWasRefused,
    PrerequisiteUnpublished,
    PrerequisiteCircle,
)
_MESSAGES: Final[dict[str, str | Promise]] = {problem.code: problem.message for problem in PROBLEMS}

Problem = tuple[str, str, Lesson | None]  # pointer, code, the lesson it is in
_FILE_STATES: Final = {
    UploadState.RECEIVING: FileBeingChecked.code,
    UploadState.CHECKING: FileBeingChecked.code,
    UploadState.REFUSED: FileWasRefused.code,
}


def refuse_unready(draft: Draft) -> None:
    """Raise one refusal that names every problem: `errors` of `{pointer, code, detail, lesson?}`.

    Pointers lead into the draft as `GET /authoring/courses/{slug}` answers it.
    """
    found = list(draft_problems(draft))
    if not found:
        return
    codes = {code for _pointer, code, _lesson in found}
    refusal = next((p for p in PROBLEMS if codes == {p.code}), DraftNotReady)
    raise refusal(errors=[_present(*problem) for problem in found])


def _present(pointer: str, code: str, lesson: Lesson | None) -> dict[str, Any]:
    said = {"pointer": pointer, "code": code, "detail": str(_MESSAGES[code])}
    return said | ({"lesson": str(lesson.uuid)} if lesson else {})


def draft_problems(draft: Draft) -> Iterator[Problem]:
    """Every problem of the draft, in reading order."""
    first = draft.first_language
    if not draft.course.title.get(first):
        yield f"/title/{first}", TitleMissing.code, None
    yield from _prerequisite_problems(draft.course)
    yield from _next_step_problems(draft.course, first)
    lessons = [lesson for _module, inside in draft.modules for lesson, _variants in inside]
    if not lessons:
        yield "/modules", CourseEmpty.code, None
        return
    if not any(lesson.required for lesson in lessons):
        yield "/modules", NothingRequired.code, None
    for index, (module, inside) in enumerate(draft.modules):
        if not module.title.get(first):
            yield f"/modules/{index}/title/{first}", TitleMissing.code, None
        if not inside:
            yield f"/modules/{index}/lessons", ModuleEmpty.code, None
        for place, (lesson, variants) in enumerate(inside):
            pointer = f"/modules/{index}/lessons/{place}"
            yield from ((pointer + at, code, lesson) for at, code in lesson_problems(lesson, variants, first))


def _next_step_problems(course: Course, first: str) -> Iterator[Problem]:
    for place, step in enumerate(course.next_steps):
        if not step["title"].get(first):
            yield f"/next_steps/{place}/title/{first}", TitleMissing.code, None


def _prerequisite_problems(course: Course) -> Iterator[Problem]:
    first = course.prerequisite
    if first is None:
        return
    if first.newest_id is None:
        yield POINTER, PrerequisiteUnpublished.code, None
    # Drafts show no circle where one of the courses is published with an earlier rule.
    elif needs(first, course, "newest__prerequisite"):
        yield POINTER, PrerequisiteCircle.code, None


def lesson_problems(
    lesson: Lesson, variants: Mapping[str, LessonVariant], first: str
) -> Iterator[tuple[str, str]]:
    """(pointer below the lesson, code)."""
    if not lesson.title.get(first):
        yield f"/title/{first}", TitleMissing.code
    counted = variants.values() if lesson.kind in HEARD else filter(None, [variants.get(first)])
    if not any(_has_content(lesson.kind, variant) for variant in counted):
        yield "", LessonEmpty.code
    for language, variant in variants.items():
        if variant.upload and variant.upload.state in _FILE_STATES:
            yield f"/variants/{language}/upload", _FILE_STATES[UploadState(variant.upload.state)]
    yield from _quiz_problems(variants, first)


def _has_content(kind: str, variant: LessonVariant) -> bool:
    if kind == LessonKind.TEXT:
        return bool(variant.body.strip())
    return bool(variant.questions) if kind == LessonKind.QUIZ else variant.upload_id is not None


def _quiz_problems(variants: Mapping[str, LessonVariant], first: str) -> Iterator[tuple[str, str]]:
    asked = variants[first].questions if first in variants else []
    for language, variant in variants.items():
        at = f"/variants/{language}/questions"
        yield from ((at + pointer, code) for pointer, code in problems(variant.questions))
        if variant.questions and asked and differ(asked, variant.questions):
            yield at, QuizLanguagesDiffer.code
