"""Our own tables, filled with the country of the floors: `python -m tests.bench.country CENTRES LEARNERS COURSES`.

Set-based: what is sealed or compiled is made by the product's own code and copied in, the rest is one statement a
table (country.sql).
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  # models need the apps above
from django.utils import timezone  # noqa: E402

from courses.catalogue.models import Course  # noqa: E402
from courses.publishing.models import Publication, PublishedLesson, PublishedOutline  # noqa: E402
from courses.publishing.outlines import compile_outline  # noqa: E402
from courses.publishing.snapshots import Snapshot, SnapshotLesson, SnapshotModule  # noqa: E402
from learners.reports.services import reconcile_tallies  # noqa: E402
from lms.accounts.names import Names  # noqa: E402
from lms.accounts.search import name_tokens  # noqa: E402
from lms.normalising import normalise  # noqa: E402
from lms.sealing import seal_row  # noqa: E402
from tests.bench.plan import LESSONS, LESSONS_PER_MODULE, MODULES, QUESTIONS, Size  # noqa: E402
from tests.bench.requests import public_id  # noqa: E402

COUNTRY: Final = Path(__file__).with_name("country.sql")
LANGUAGES: Final = ["ar", "fr", "en"]
OUR_OTHERS: Final = ("video", "text", "text", "video", "text")
MINUTES: Final = 8


@transaction.atomic
def build(size: Size) -> None:
    """Write everything, into empty tables."""
    with connection.cursor() as cursor:
        # Courses are published by people, and enrolments need courses: the keys are checked at the end.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        write_courses(size)
        cursor.execute(COUNTRY.read_text(), vars(size))
        write_identities(size)
        cursor.execute("ANALYZE")
    reconcile_tallies(at=timezone.now())


def write_courses(size: Size) -> None:
    numbers = range(1, size.courses + 1)
    snapshots = [snapshot(number) for number in numbers]
    courses = [course(number, one) for number, one in zip(numbers, snapshots, strict=True)]
    publications = [publication(number, one) for number, one in zip(numbers, snapshots, strict=True)]
    Course.objects.bulk_create(courses)
    Publication.objects.bulk_create(publications)
    Course.objects.bulk_update([Course(pk=number, newest_id=number) for number in numbers], ["newest"])
    PublishedLesson.objects.bulk_create(
        [
            lesson
            for one, parent in zip(snapshots, publications, strict=True)
            for lesson in lessons(one, parent)
        ],
        batch_size=1_000,
    )
    PublishedOutline.objects.bulk_create(
        [
            compile_outline(parent, one, language)
            for one, parent in zip(snapshots, publications, strict=True)
            for language in LANGUAGES
        ],
        batch_size=100,
    )


def snapshot(number: int) -> Snapshot:
    first = (number - 1) * LESSONS + 1
    return Snapshot(
        slug=f"course-{number}",
        languages=LANGUAGES,
        title={
            "ar": f"دورة تكوينية رقم {number}",
            "fr": f"Formation numéro {number}",
            "en": f"Course {number}",
        },
        summary={"ar": "ملخص الدورة " * 12, "fr": "résumé du cours " * 12, "en": "course summary " * 12},
        topic="enterprise",
        hours=12,
        modules=[
            SnapshotModule(
                {"ar": f"وحدة {place + 1}", "fr": f"Module {place + 1}", "en": f"Module {place + 1}"},
                [
                    lesson(number, first + place * LESSONS_PER_MODULE + inner)
                    for inner in range(LESSONS_PER_MODULE)
                ],
            )
            for place in range(MODULES)
        ],
    )


def lesson(course_number: int, number: int) -> SnapshotLesson:
    """The last lesson of a course is its quiz."""
    is_quiz = number == course_number * LESSONS
    inner = (number - 1) % LESSONS_PER_MODULE
    title = {"ar": f"درس {inner + 1}", "fr": f"Leçon {inner + 1}", "en": f"Lesson {inner + 1}"}
    return SnapshotLesson(
        uuid=public_id("lesson", number),
        kind="quiz" if is_quiz else OUR_OTHERS[inner],
        title=title,
        required=True,
        minutes=MINUTES,
        pass_percent=60,
        variants={},
        questions=[question(place) for place in range(1, QUESTIONS + 1)] if is_quiz else [],
    )


def question(place: int) -> dict[str, Any]:
    return {
        "id": f"q{place}",
        "kind": "single",
        "text": {"ar": f"سؤال {place}", "fr": f"Question {place}"},
        "feedback": {"ar": "تذكري الدرس.", "fr": "Souvenez-vous."},
        "choices": [
            {
                "id": f"c{choice}",
                "text": {"ar": f"جواب {choice}", "fr": f"Choix {choice}"},
                "correct": choice == 1,
            }
            for choice in range(1, 5)
        ],
        "accepted": {},
    }


def course(number: int, told: Snapshot) -> Course:
    return Course(
        pk=number,
        slug=told.slug,
        organisation_id=1,
        languages=LANGUAGES,
        topic=told.topic,
        title=told.title,
        summary=told.summary,
        hours=told.hours,
        position=number,
    )


def publication(number: int, told: Snapshot) -> Publication:
    return Publication(
        pk=number,
        course=Course(pk=number, slug=told.slug),
        number=1,
        content_hash=told.content_hash(),
        languages=LANGUAGES,
        title=told.title,
        summary=told.summary,
        topic=told.topic,
        search_text=normalise(" ".join([*told.title.values(), *told.summary.values()])),
        hours=told.hours,
        module_count=MODULES,
        lesson_count=LESSONS,
        required_count=LESSONS,
        minutes=MINUTES * LESSONS,
        bytes={"full": 48_200_110, "text": 90_412},
        published_by_id=1,
    )


def lessons(told: Snapshot, parent: Publication) -> Iterator[PublishedLesson]:
    for place, module in enumerate(told.modules):
        for inner, one in enumerate(module.lessons):
            yield PublishedLesson(
                publication=parent,
                uuid=one.uuid,
                module_position=place,
                module_title=module.title,
                position=inner,
                kind=one.kind,
                title=one.title,
                required=one.required,
                minutes=one.minutes,
                pass_percent=one.pass_percent,
                questions=list(one.questions),
            )


def write_identities(size: Size) -> None:
    """Everyone's names, sealed as the product seals them."""
    columns = "person_id, names, phone, email, birth_year, search_tokens"
    with connection.cursor() as cursor, cursor.copy(f"COPY identity ({columns}) FROM STDIN") as copy:
        for person in range(1, size.learners + 1):
            copy.write_row(identity(person))


def identity(person: int) -> tuple[Any, ...]:
    names = Names("فاطمة", f"المتعلمة {person}")
    sealed = seal_row({"names": names.text}, table="identity", row=public_id("person", person))
    return person, sealed[0], b"", b"", b"", name_tokens(names)


if __name__ == "__main__":
    centres, learners, courses = map(int, sys.argv[1:])
    build(Size(centres=centres, learners=learners, courses=courses))
