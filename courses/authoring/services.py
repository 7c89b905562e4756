"""Writing the draft of a course. Every change locks the course, raises its version and is written down.

`expected` is the version the writer saw (If-Match); None stands for any. A lesson has a version of its own, so that
two trainers can work on two lessons at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from courses.authoring.languages import check_words
from courses.authoring.models import Lesson, Module
from courses.authoring.refusals import ChangedMeanwhile, OrderIncomplete, PublisherNeeded, SlugTaken
from courses.catalogue.models import Course
from lms.access.policy import PUBLISHER
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.organisations.models import Organisation

Words = Mapping[str, str]


@transaction.atomic
def create_course(
    *,
    organisation: Organisation,
    by: Person,
    slug: str,
    languages: Sequence[str],
    title: Words,
    at: datetime,
    summary: Words | None = None,
    is_open: bool = True,
    topic: str = "",
    hours: int | None = None,
) -> Course:
    """Start the draft of a course at an organisation."""
    course = Course(
        slug=slug,
        organisation=organisation,
        languages=list(languages),
        open=is_open,
        topic=topic,
        title=check_words(title, languages, pointer="/title"),
        summary=check_words(summary or {}, languages, pointer="/summary"),
        hours=hours,
        created_at=at,
    )
    try:
        with transaction.atomic():
            course.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken from error
    _write_down(course, by, "course.create", at)
    return course


@transaction.atomic
def change_course(
    *, course: Course, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Course:
    """Change what the draft says of the course itself: languages, title, summary, topic, hours, open.

    Once published, only a publisher opens or closes it: that takes effect at once.
    """
    course = lock_course(course, expected=expected)
    if course.newest_id and changes.get("open", course.open) != course.open:
        require_publisher(by, course)
    languages = changes.get("languages", course.languages)
    for name, value in changes.items():
        words = name in {"title", "summary"}
        setattr(course, name, check_words(value, languages, pointer=f"/{name}") if words else value)
    course.save(update_fields=[*changes])
    return _changed(course, by, "course.change", at, fields=list(changes))


def require_publisher(person: HasScope, course: Course) -> None:
    """What a trainer prepares, a publisher of the course's organisation (or of one above it) lets out."""
    path = course.organisation.path
    if not any(grant.role == PUBLISHER and path.startswith(grant.path) for grant in person.scope.grants):
        raise PublisherNeeded


@transaction.atomic
def add_module(*, course: Course, by: Person, title: Words, at: datetime) -> Module:
    """Add a module at the end of the draft."""
    course = lock_course(course)
    module = Module.objects.create(
        course=course,
        title=check_words(title, course.languages, pointer="/title"),
        position=_next_position(course.modules),
    )
    _changed(course, by, "module.add", at)
    return module


@transaction.atomic
def change_module(*, module: Module, by: Person, title: Words, expected: int | None, at: datetime) -> Module:
    """Rename a module. `expected` is the course's version."""
    course = lock_course(module.course, expected=expected)
    module.title = check_words(title, course.languages, pointer="/title")
    module.save(update_fields=["title"])
    module.course = _changed(course, by, "module.change", at, fields=["title"])
    return module


@transaction.atomic
def remove_module(*, module: Module, by: Person, expected: int | None, at: datetime) -> None:
    """Take a module and its lessons out of the draft; publications keep theirs."""
    course = lock_course(module.course, expected=expected)
    module.delete()
    _changed(course, by, "module.remove", at)


@transaction.atomic
def add_lesson(
    *,
    module: Module,
    by: Person,
    kind: str,
    title: Words,
    at: datetime,
    required: bool = True,
    minutes: int = 5,
    pass_percent: int = 60,
) -> Lesson:
    """Add a lesson at the end of a module."""
    course = lock_course(module.course)
    lesson = Lesson.objects.create(
        module=module,
        kind=kind,
        title=check_words(title, course.languages, pointer="/title"),
        required=required,
        minutes=minutes,
        pass_percent=pass_percent,
        position=_next_position(module.lessons),
    )
    _changed(course, by, "lesson.add", at)
    return lesson


@transaction.atomic
def change_lesson(
    *, lesson: Lesson, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Lesson:
    """Change a lesson's title, required, minutes or pass_percent."""
    lesson, course = lock_lesson(lesson, expected=expected)
    for name, value in changes.items():
        words = name == "title"
        setattr(lesson, name, check_words(value, course.languages, pointer="/title") if words else value)
    lesson.save(update_fields=[*changes])
    return lesson_changed(lesson, course, by, "lesson.change", at, fields=list(changes))


@transaction.atomic
def remove_lesson(*, lesson: Lesson, by: Person, expected: int | None, at: datetime) -> None:
    """Take a lesson out of the draft; publications keep theirs."""
    lesson, course = lock_lesson(lesson, expected=expected)
    lesson.delete()
    _changed(course, by, "lesson.remove", at)


@transaction.atomic
def reorder(
    *,
    course: Course,
    by: Person,
    order: Sequence[tuple[UUID, Sequence[UUID]]],
    expected: int | None,
    at: datetime,
) -> Course:
    """Put all modules, and all lessons in them, in this order; a lesson may move to another module."""
    course = lock_course(course, expected=expected)
    modules = {module.uuid: module for module in course.modules.all()}
    lessons = {lesson.uuid: lesson for lesson in Lesson.objects.filter(module__course=course)}
    named = [lesson for _module, inside in order for lesson in inside]
    if not _is_permutation([module for module, _ in order], modules) or not _is_permutation(named, lessons):
        raise OrderIncomplete
    for place, (module, inside) in enumerate(order):
        modules[module].position = place
        for inner_place, lesson in enumerate(inside):
            lessons[lesson].module, lessons[lesson].position = modules[module], inner_place
    Module.objects.bulk_update(modules.values(), ["position"])
    Lesson.objects.bulk_update(lessons.values(), ["module", "position"])
    return _changed(course, by, "course.reorder", at)


def _is_permutation(named: Sequence[UUID], existing: Mapping[UUID, Any]) -> bool:
    return len(named) == len(existing) and set(named) == set(existing)


def lock_course(course: Course, *, expected: int | None = None) -> Course:
    """The course as it is now, kept still until the transaction ends; refused if it is not the expected version."""
    locked = (
        Course.objects.select_related("organisation")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=course.pk)
    )
    if expected is not None and locked.version != expected:
        raise ChangedMeanwhile
    return locked


def lock_lesson(lesson: Lesson, *, expected: int | None = None) -> tuple[Lesson, Course]:
    """A lesson and its course. The course's lock is the only one: whoever changes a lesson takes it first."""
    course = lock_course(lesson.module.course)
    current = Lesson.objects.select_related("module").get(pk=lesson.pk)
    if expected is not None and current.version != expected:
        raise ChangedMeanwhile
    return current, course


def lesson_changed(
    lesson: Lesson, course: Course, by: Person, verb: str, at: datetime, *, fields: Sequence[str]
) -> Lesson:
    """Raise the lesson's version and the course's."""
    lesson.version += 1
    lesson.save(update_fields=["version"])
    _changed(course, by, verb, at, fields=fields)
    return lesson


def _changed(course: Course, by: Person, verb: str, at: datetime, *, fields: Sequence[str] = ()) -> Course:
    course.version += 1
    course.save(update_fields=["version"])
    _write_down(course, by, verb, at, fields)
    return course


def _write_down(course: Course, by: Person, verb: str, at: datetime, fields: Sequence[str] = ()) -> None:
    record_change(actor=by, verb=verb, subject=f"course:{course.slug}", fields=fields, at=at)


def _next_position(siblings: Any) -> int:
    last = siblings.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1
