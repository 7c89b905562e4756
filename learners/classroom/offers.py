"""Courses as they are offered to someone: what the newest publication of each says, and where she stands in it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from django.utils.translation import get_language

from courses.catalogue.texts import in_language, language_of
from lms.access.scoping import HasScope
from lms.errors import NotFound
from lms.statements import row, rows

COLUMNS: Final = """
SELECT course.slug, course.open, newest.id, newest.number, newest.languages, newest.title, newest.summary,
       newest.topic, newest.module_count, newest.lesson_count, newest.minutes, newest.hours, newest.bytes,
       course.weights, earlier.slug, earlier_newest.languages, earlier_newest.title,
       enrolment.uuid, enrolment.state, enrolment.percent
"""
TABLES: Final = """
  JOIN publication AS newest ON newest.id = course.newest_id
  LEFT JOIN course AS earlier ON earlier.id = newest.prerequisite_id
  LEFT JOIN publication AS earlier_newest ON earlier_newest.id = earlier.newest_id
  LEFT JOIN enrolment ON enrolment.course_id = course.id AND enrolment.learner_id = %(person)s
"""
# What was withdrawn is there for those who are on it.
OFFERED: Final = "(course.withdrawn_at IS NULL OR enrolment.state <> 'withdrawn')"
BY_SLUG: Final = f"{COLUMNS} FROM course {TABLES} WHERE course.slug = %(slug)s AND {OFFERED}"
BY_IDS: Final = f"""
{COLUMNS}
  FROM unnest(%(courses)s::bigint[]) WITH ORDINALITY AS asked (id, place)
  JOIN course ON course.id = asked.id
{TABLES}
 ORDER BY asked.place
"""


class Offer(NamedTuple):
    """A published course. `prerequisite` is the slug of the course to complete first; the columns of JSON are text."""

    slug: str
    open: bool
    publication_id: int
    number: int
    languages: list[str]
    title: str
    summary: str
    topic: str
    modules: int
    lessons: int
    minutes: int
    hours: int | None
    bytes: str
    weights: str | None
    prerequisite: str | None
    prerequisite_languages: list[str]
    prerequisite_title: str
    enrolment: UUID | None
    state: str
    percent: int


def offers(courses: Iterable[int], person: HasScope) -> list[Offer]:
    """The published ones of these courses, in their order, with her enrolment. One statement."""
    asked = {"courses": list(courses), "person": person.scope.person_id}
    return [Offer(*found) for found in rows(BY_IDS, asked)]


def offer_of(slug: str, person: HasScope) -> Offer:
    """One published course with her enrolment. `NotFound` where there is none. One statement."""
    found = row(BY_SLUG, {"slug": slug, "person": person.scope.person_id})
    if found is None:
        raise NotFound
    return Offer(*found)


def present_offer(offer: Offer) -> dict[str, Any]:
    """A course in the language at hand."""
    wanted = get_language()
    return {
        "slug": offer.slug,
        **_said(offer.title, offer.languages, wanted),
        "summary": in_language(orjson.loads(offer.summary), offer.languages, wanted),
        "languages": offer.languages,
        "topic": offer.topic,
        "open": offer.open,
        "modules": offer.modules,
        "lessons": offer.lessons,
        "minutes": offer.minutes,
        "hours": offer.hours,
        "bytes": orjson.loads(offer.bytes) | orjson.loads(offer.weights or b"{}"),
        "publication": offer.number,
        "prerequisite": offer.prerequisite and _prerequisite(offer, wanted),
        "enrolment": offer.enrolment
        and {"id": offer.enrolment, "state": offer.state, "percent": offer.percent},
    }


def _prerequisite(offer: Offer, wanted: str | None) -> dict[str, Any]:
    said = _said(offer.prerequisite_title, offer.prerequisite_languages, wanted)
    return {"slug": offer.prerequisite, **said}


def _said(title: str, languages: Sequence[str], wanted: str | None) -> dict[str, str]:
    words = orjson.loads(title)
    return {
        "title": in_language(words, languages, wanted),
        "language": language_of(words, languages, wanted),
    }
