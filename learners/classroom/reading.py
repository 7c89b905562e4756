"""Which publication someone reads: the one she is pinned to, else the newest of an open course, else none."""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from courses.catalogue.models import Course
from courses.publishing.models import Publication
from learners.enrolments.models import Enrolment, EnrolmentQuerySet, EnrolmentState
from lms.access.scoping import HasScope
from lms.errors import NotFound


@dataclass(frozen=True)
class Reading:
    publication_id: int
    open: bool


def reading_of(reader: HasScope, slug: str) -> Reading:
    """What she reads of this course; `NotFound` for a course that is neither open nor hers. One statement."""
    pinned = _enrolments(reader).filter(course=OuterRef("pk")).values("publication_id")[:1]
    found = (
        Course.objects.published()
        .filter(slug=slug)
        .annotate(pinned=Subquery(pinned))
        .values_list("open", "newest_id", "pinned")
        .first()
    )
    if found is None:
        raise NotFound
    is_open, newest, hers = found
    if hers is None and not is_open:
        raise NotFound
    return Reading(hers or newest, is_open)


def reading_of_number(reader: HasScope, slug: str, number: int) -> Reading:
    """A publication by its number: any of an open course, else the one she is pinned to. One statement."""
    hers = Q(pk__in=_enrolments(reader).values("publication_id"))
    found = (
        Publication.objects.filter(Q(course__open=True) | hers, course__slug=slug, number=number)
        .values_list("pk", "course__open")
        .first()
    )
    if found is None:
        raise NotFound
    return Reading(*found)


def _enrolments(reader: HasScope) -> EnrolmentQuerySet:
    """Her own, whichever ability brought her here."""
    mine = Enrolment.objects.filter(learner_id=reader.scope.person_id)
    return mine.exclude(state=EnrolmentState.WITHDRAWN)
