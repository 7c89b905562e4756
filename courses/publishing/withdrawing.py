"""Taking a course out of the offer, and bringing it back. Whoever is on it goes on, and her certificates stay."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.services import course_changed, lock_course, require_publisher
from courses.catalogue.models import Course
from lms.accounts.models import Person
from lms.errors import Refusal


class NotPublished(Refusal):
    code = "not_published"
    status = 409
    message = _("The course is not published yet.")


@transaction.atomic
def withdraw_course(*, course: Course, by: Person, at: datetime) -> Course:
    """Offer the course to nobody new. Safe to repeat. Refusals: `publisher_needed`, `not_published`."""
    course = lock_course(course)
    require_publisher(by, course)
    if course.newest_id is None:
        raise NotPublished
    if course.withdrawn_at:
        return course
    course.withdrawn_at = at
    course.save(update_fields=["withdrawn_at"])
    return course_changed(course, by, "course.withdraw", at)


@transaction.atomic
def offer_again(*, course: Course, by: Person, at: datetime) -> Course:
    """Offer a withdrawn course as before. Safe to repeat. Refuses with `publisher_needed`."""
    course = lock_course(course)
    require_publisher(by, course)
    if course.withdrawn_at is None:
        return course
    course.withdrawn_at = None
    course.save(update_fields=["withdrawn_at"])
    return course_changed(course, by, "course.offer_again", at)
