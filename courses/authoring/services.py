"""Writing the draft of a course. Every change locks the course, raises its version and is written down.

`expected` is the version the writer saw (If-Match); None stands for any. A lesson has a version of its own, so that
two trainers can work on two lessons at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from courses.authoring.languages import check_words
from courses.authoring.models import Lesson, Module, Opening
from courses.authoring.prerequisites import prerequisite_named
from courses.authoring.refusals import ChangedMeanwhile, OrderIncomplete, PublisherNeeded, SlugTaken
from courses.authoring.revisions import keep_revision
from courses.catalogue.models import Course
from lms.access.policy import PUBLISHER
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import InvalidInput
from lms.organisations.models import Organisation

Words = Mapping[str, str]
DAYS_NEED_COHORT_DATE: Final = _("Days are counted only from a group's first day.")


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
    prerequisite: str | None = None,
) -> Course:
    """Start the draft of a course at an organisation. `prerequisite` is a slug."""
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
    course.prerequisite = prerequisite_named(prerequisite, course, by)
    try:
        with transaction.atomic():
            course.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken from error
    write_down(course, by, "course.create", at)
    return course


@transaction.atomic
def change_course(
    *, course: Course, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Course:
    """Change what the draft says of the course itself: languages, title, summary, topic, hours, open, prerequisite.

    Once published, only a publisher opens or closes it: that takes effect at once. Refusals: `publisher_needed`,
    those of `prerequisite_named`.
    """
    course = lock_course(course, expected=expected)
    if course.newest_id and changes.get("open", course.open) != course.open:
        require_publisher(by, course)
    languages = changes.get("languages", course.languages)
    for name, value in changes.items():
        if name in {"title", "summary"}:
            value = check_words(value, languages, pointer=f"/{name}")  # noqa: PLW2901  # the name says it
        setattr(course, name, prerequisite_named(value, course, by) if name == "prerequisite" else value)
    course.save(update_fields=[*changes])
    return course_changed(course, by, "course.change", at, fields=list(changes))


def require_publisher(person: HasScope, course: Course) -> None:
    """What a trainer prepares, a publisher of the course's organisation (or of one above it) lets out."""
    path = course.organisation.path
    if not any(grant.role == PUBLISHER and path.startswith(grant.path) for grant in person.scope.grants):
        raise PublisherNeeded


@transaction.atomic
def add_module(
    *,
    course: Course,
    by: Person,
    title: Words,
    at: datetime,
    opens: str = Opening.AT_ONCE,
    opens_after_days: int = 0,
) -> Module:
    """Add a module at the end of the draft. Refuses with `days_need_cohort_date` days that count from nothing."""
    course = lock_course(course)
    _check_days(opens, opens_after_days)
    module = Module.objects.create(
        course=course,
        opens=opens,
        opens_after_days=opens_after_days,
        title=check_words(title, course.languages, pointer="/title"),
        position=next_position(course.modules),
    )
    course_changed(course, by, "module.add", at)
    return module


@transaction.atomic
def change_module(
    *, module: Module, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Module:
    """Change a module's title, opens or opens_after_days. `expected` is the course's version.

    Another rule than `on_cohort_date` forgets the days. Refusals: `days_need_cohort_date`.
    """
    course = lock_course(module.course, expected=expected)
    module.refresh_from_db(fields=["opens", "opens_after_days"])
    if "title" in changes:
        module.title = check_words(changes["title"], course.languages, pointer="/title")
    module.opens = changes.get("opens", module.opens)
    kept = module.opens_after_days if module.opens == Opening.ON_COHORT_DATE else 0
    module.opens_after_days = changes.get("opens_after_days", kept)
    _check_days(module.opens, module.opens_after_days)
    module.save(update_fields=["title", "opens", "opens_after_days"])
    module.course = course_changed(course, by, "module.change", at, fields=list(changes))
    return module


def _check_days(opens: str, days: int) -> None:
    if days and opens != Opening.ON_COHORT_DATE:
        raise InvalidInput.at("/opens_after_days", "days_need_cohort_date", DAYS_NEED_COHORT_DATE)


@transaction.atomic
def remove_module(*, module: Module, by: Person, expected: int | None, at: datetime) -> None:
    """Take a module and its lessons out of the draft; publications keep theirs."""
    course = lock_course(module.course, expected=expected)
    module.delete()
    course_changed(course, by, "module.remove", at)


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
        position=next_position(module.lessons),
    )
    course_changed(course, by, "lesson.add", at)
    return lesson


@transaction.atomic
def change_lesson(
    *, lesson: Lesson, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Lesson:
    """Change a lesson's title, required, minutes or pass_percent."""
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    for name, value in changes.items():
        words = name == "title"
        setattr(lesson, name, check_words(value, course.languages, pointer="/title") if words else value)
    lesson.save(update_fields=[*changes])
    return lesson_changed(lesson, course, by, "lesson.change", at, fields=list(changes))


@transaction.atomic
def remove_lesson(*, lesson: Lesson, by: Person, expected: int | None, at: datetime) -> None:
    """Take a lesson out of the draft; publications keep theirs."""
    lesson, course = lock_lesson(lesson, expected=expected, by=by, at=at)
    lesson.delete()
    course_changed(course, by, "lesson.remove", at)


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
    return course_changed(course, by, "course.reorder", at)


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


def lock_lesson(lesson: Lesson, *, expected: int | None, by: Person, at: datetime) -> tuple[Lesson, Course]:
    """A lesson that is about to change, and its course; what it says now is kept.

    The course's lock is the only one: whoever changes a lesson takes it first.
    """
    course = lock_course(lesson.module.course)
    current = Lesson.objects.select_related("module").get(pk=lesson.pk)
    if expected is not None and current.version != expected:
        raise ChangedMeanwhile
    keep_revision(current, by=by, at=at)
    return current, course


def lesson_changed(
    lesson: Lesson, course: Course, by: Person, verb: str, at: datetime, *, fields: Sequence[str]
) -> Lesson:
    """Raise the lesson's version and the course's."""
    lesson.version += 1
    lesson.save(update_fields=["version"])
    course_changed(course, by, verb, at, fields=fields)
    return lesson


def course_changed(
    course: Course, by: Person, verb: str, at: datetime, *, fields: Sequence[str] = ()
) -> Course:
    """Raise the version of a course that the caller has locked, and write down who changed what."""
    course.version += 1
    course.save(update_fields=["version"])
    write_down(course, by, verb, at, fields)
    return course


def write_down(course: Course, by: Person, verb: str, at: datetime, fields: Sequence[str] = ()) -> None:
    record_change(actor=by, verb=verb, subject=f"course:{course.slug}", fields=fields, at=at)


def next_position(siblings: Any) -> int:
    last = siblings.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1
