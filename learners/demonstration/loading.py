"""The demonstration, loaded step by step. Each step is one transaction that finds itself done: safe to repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.demonstration import cast, places
from learners.demonstration.courses import SLUGS, Say, load_course, missing_courses, name_signatories
from learners.demonstration.history import Way, write_history
from learners.demonstration.people import Learner, organisations, plan_learners, write_learners, write_staff
from learners.demonstration.places import build_tree
from learners.demonstration.walking import Temper, lessons_taken, walk, walk_exactly
from lms.access.policy import PUBLISHER, TRAINER
from lms.accounts.models import Person
from lms.accounts.queries import people_on_number, person_by_email
from lms.organisations.models import Organisation

SEED: Final = "jisr"

# Of those who begin, had they all the time they need.
FINISHES: Final = 0.15
FINISHES_IN_TETOUAN: Final = 0.3
NEVER_STARTS: Final = 0.13
ONLY_SECOND_COURSE: Final = 0.15
BOTH_COURSES: Final = 0.2
# The figure that falls: Tétouan went ahead of all, but for six weeks now its women stop at the quiz of the second
# module, so that fewer finish there this month than the month before.
FALLS_SINCE: Final = timedelta(days=45)
FALLS_AT_MODULE: Final = 1


@dataclass(frozen=True)
class Loaded:
    """What a load wrote; all zero where everything was there."""

    organisations: int = 0
    courses: int = 0
    people: int = 0
    enrolments: int = 0
    completions: int = 0


def load(*, at: datetime, say: Say, share: int = 100) -> Loaded:
    """Write what is missing of the demonstration: tree, staff, courses, learners with their history.

    `share`: how many per cent of the learners without a part; the places and the cast are always whole.
    """
    built = build_tree(at=at)
    tree = organisations()
    if built:
        say(f"{len(tree)} organisations")
    staff = _staff(tree, at, say)
    missing = missing_courses()
    for slug in missing:
        load_course(
            slug,
            institute=tree[places.INSTITUTE],
            trainer=staff[_seat(TRAINER)],
            publisher=staff[_seat(PUBLISHER)],
            at=at,
            say=say,
        )
        say(f"course {slug}")
    name_signatories(tree[places.INSTITUTE], at=at)
    written = _learners(tree, staff, at, say, share)
    return Loaded(len(tree) if built else 0, len(missing), *written)


def _seat(role: str) -> int:
    return next(place for place, staff in enumerate(cast.STAFF) if staff.role == role)


def _staff(tree: dict[str, Organisation], at: datetime, say: Say) -> list[Person]:
    known = [person_by_email(staff.email) for staff in cast.STAFF]
    if all(known):
        return [person for person in known if person]
    people = write_staff(tree, at=at)
    say(f"{len(people)} members of staff")
    return people


@transaction.atomic
def _learners(
    tree: dict[str, Organisation], staff: Sequence[Person], at: datetime, say: Say, share: int
) -> tuple[int, int, int]:
    if people_on_number(cast.phone(cast.HEROINE.number)):
        return 0, 0, 0
    random = Random(SEED)  # noqa: S311  # a story, told alike each time
    planned = plan_learners(random, tree, at=at, share=share)
    people = write_learners(planned, staff, tree, at=at)
    say(f"{len(people)} learners")
    ways = list(_ways(random, planned, people, _courses(), at))
    completions = write_history(ways, at=at)
    say(f"{len(ways)} enrolments, {completions} completed")
    return len(people), len(ways), completions


@dataclass(frozen=True)
class Taught:
    """A course and its published lessons in their order."""

    course: Course
    lessons: Sequence[PublishedLesson]

    def quiz_of_module(self, place: int) -> PublishedLesson:
        return next(
            lesson for lesson in self.lessons if lesson.module_position == place and lesson.kind == "quiz"
        )


def _courses() -> list[Taught]:
    courses = {course.slug: course for course in Course.objects.filter(slug__in=SLUGS)}
    return [
        Taught(courses[slug], list(PublishedLesson.objects.filter(publication=courses[slug].newest_id)))
        for slug in SLUGS
    ]


def _ways(
    random: Random,
    planned: Sequence[Learner],
    people: Sequence[Person],
    taught: Sequence[Taught],
    at: datetime,
) -> Iterator[Way]:
    for learner, person in zip(planned, people, strict=True):
        if learner.part:
            yield from _told(random, learner, learner.part, person, taught, at)
        else:
            yield from _invented(random, learner, person, taught, at)


def _told(
    random: Random, learner: Learner, part: cast.Heard, person: Person, taught: Sequence[Taught], at: datetime
) -> Iterator[Way]:
    if part.course is None:
        return
    here = taught[part.course]
    steps = walk_exactly(
        random,
        lessons_done(here.lessons, part.done),
        start=learner.joined_at + timedelta(days=2),
        until=at - timedelta(days=1),
    )
    yield Way(
        person=person,
        course=here.course,
        enrolled_at=learner.joined_at + timedelta(days=1),
        language=part.language,
        steps=steps,
    )


def lessons_done(lessons: Sequence[PublishedLesson], done: str) -> list[PublishedLesson]:
    """The lessons that a part has finished: all, all but the last text and the quiz after it, or the first few."""
    if done.isdecimal():
        return list(lessons[: int(done)])
    if done == cast.ALL:
        return list(lessons)
    left = {
        [lesson.pk for lesson in lessons if lesson.kind == kind and lesson.required][-1]
        for kind in ("text", "quiz")
    }
    return [lesson for lesson in lessons if lesson.pk not in left]


def _invented(
    random: Random, learner: Learner, person: Person, taught: Sequence[Taught], at: datetime
) -> Iterator[Way]:
    for here in _chosen(random, taught):
        enrolled_at = learner.joined_at + timedelta(seconds=random.randint(0, 2 * 24 * 3600))
        starts = random.random() > NEVER_STARTS
        temper = _temper(learner, here, at)
        yield Way(
            person=person,
            course=here.course,
            enrolled_at=enrolled_at,
            language=learner.row.language,
            steps=walk(random, here.lessons, temper, start=enrolled_at, until=at) if starts else (),
        )


def _chosen(random: Random, taught: Sequence[Taught]) -> Sequence[Taught]:
    luck = random.random()
    if luck < ONLY_SECOND_COURSE:
        return taught[1:]
    return taught if luck < ONLY_SECOND_COURSE + BOTH_COURSES else taught[:1]


def _temper(learner: Learner, here: Taught, at: datetime) -> Temper:
    home = learner.row.home
    each = 1 / lessons_taken(here.lessons)
    if home is None or f"/{places.TETOUAN}/" not in home.path:
        return Temper(goes_on=FINISHES**each)
    return Temper(
        goes_on=FINISHES_IN_TETOUAN**each,
        hurdle=here.quiz_of_module(FALLS_AT_MODULE).uuid,
        hurdle_from=at - FALLS_SINCE,
    )
