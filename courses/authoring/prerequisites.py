"""What must be completed before a course: one other course, never in a circle."""

from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from lms.access.scoping import HasScope
from lms.errors import InvalidInput

POINTER: Final = "/prerequisite"
UNKNOWN: Final = _("There is no such course.")
CIRCLE: Final = _("This course is itself needed before that one.")
# Two who tie a knot at once each see only their own half of it: they follow each other instead.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('course.prerequisite'))"


def prerequisite_named(slug: str | None, course: Course, by: HasScope) -> Course | None:
    """The course to complete first: one that she may write, or that is published.

    Refuses with `prerequisite_unknown`, and with `prerequisite_circle` what would wait for itself.
    """
    if slug is None:
        return None
    found = Course.objects.visible_to(by) | Course.objects.published()
    first = found.filter(slug=slug).first()
    if first is None:
        raise InvalidInput.at(POINTER, "prerequisite_unknown", UNKNOWN)
    if needs(first, course, "prerequisite"):
        raise InvalidInput.at(POINTER, "prerequisite_circle", CIRCLE)
    return first


def needs(first: Course, course: Course, link: str) -> bool:
    """Whether `first` is the course, or needs it, however far back.

    `link` is the column that leads on: `prerequisite` through drafts, `newest__prerequisite` through what is
    published. Holds off every other change of prerequisites until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    seen: set[int] = set()
    at: int | None = first.pk
    while at is not None and at not in seen:
        if at == course.pk:
            return True
        seen.add(at)
        at = Course.objects.filter(pk=at).values_list(link, flat=True).first()
    return False
