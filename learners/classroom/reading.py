"""Which publication someone reads: the one she is pinned to, else the newest of an open course, else none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from courses.publishing.models import Publication
from courses.publishing.queries import COLUMN, Encoding, StoredOutline, as_stored
from learners.enrolments.models import Enrolment, EnrolmentQuerySet, EnrolmentState
from lms.access.scoping import HasScope
from lms.errors import NotFound
from lms.statements import row

OUTLINES: Final[dict[Encoding, str]] = {
    encoding: f"""
SELECT publication.id, course.open, publication.languages, outline.language, outline.etag, publication.number,
       course.slug, outline.{column}
  FROM course
  LEFT JOIN enrolment ON enrolment.course_id = course.id AND enrolment.learner_id = %(reader)s
                     AND enrolment.state <> 'withdrawn'
  JOIN publication
    ON publication.id = coalesce(enrolment.publication_id,
                                 CASE WHEN course.open AND course.withdrawn_at IS NULL THEN course.newest_id END)
  JOIN published_outline AS outline
    ON outline.publication_id = publication.id AND outline.language IN (%(language)s, publication.languages[1])
 WHERE course.slug = %(slug)s
 ORDER BY outline.language = %(language)s DESC
 LIMIT 1
"""  # noqa: S608  # put together from constants
    for encoding, column in COLUMN.items()
}


@dataclass(frozen=True)
class Reading:
    publication_id: int
    open: bool
    languages: Sequence[str]


def outline_read_by(
    reader: HasScope, slug: str, language: str, encoding: Encoding
) -> tuple[StoredOutline, Reading]:
    """The outline she reads of this course, in a language, else in the course's first. One statement.

    `NotFound` for a course that is neither open nor hers.
    """
    asked = {"reader": reader.scope.person_id, "slug": slug, "language": language}
    found = row(OUTLINES[encoding], asked)
    if found is None:
        raise NotFound
    publication_id, is_open, languages, *outline = found
    return as_stored(encoding, *outline), Reading(publication_id, is_open, languages)


def reading_of_number(reader: HasScope, slug: str, number: int) -> Reading:
    """A publication by its number: any of an open course, else the one she is pinned to. One statement."""
    hers = Q(pk__in=_enrolments(reader).values("publication_id"))
    found = (
        Publication.objects.filter(Q(course__open=True) | hers, course__slug=slug, number=number)
        .values_list("pk", "course__open", "languages")
        .first()
    )
    if found is None:
        raise NotFound
    return Reading(*found)


def other_publication(slug: str, number: int) -> int | None:
    """Any publication of a course by its number, only to be compared with one she reads. One statement."""
    return Publication.objects.filter(course__slug=slug, number=number).values_list("pk", flat=True).first()


def _enrolments(reader: HasScope) -> EnrolmentQuerySet:
    """Her own, whichever ability brought her here."""
    mine = Enrolment.objects.filter(learner_id=reader.scope.person_id)
    return mine.exclude(state=EnrolmentState.WITHDRAWN)
