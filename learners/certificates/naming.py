"""Her name as it will be printed: she confirms it before her last quiz, or asks her centre to correct it."""

from datetime import datetime

from django.db import transaction

from learners.certificates.models import NameConfirmation
from learners.enrolments.models import Enrolment
from learners.help.models import MessageKind
from learners.help.services import Asked, ask_for_help
from lms.ids import uuid7


def confirmation_of(enrolment: Enrolment) -> NameConfirmation | None:
    """What she said of her name on this course. One statement."""
    return NameConfirmation.objects.filter(enrolment=enrolment).first()


@transaction.atomic
def confirm_name(*, enrolment: Enrolment, right: bool, at: datetime) -> NameConfirmation:
    """Keep what she says; where the name is wrong her centre hears of it, once until she says that it is right.

    Safe to repeat. Nothing waits for it: a quiz is never refused for a name. Refusals: `not_found` on a course that
    she has left.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    known = confirmation_of(enrolment)
    if known and known.right == right:
        return known
    said, _new = NameConfirmation.objects.update_or_create(
        enrolment=enrolment, defaults={"right": right, "at": at}
    )
    if not right:
        asked = Asked(id=uuid7(), kind=MessageKind.NAME, words="", occurred_at=at)
        ask_for_help(enrolment=enrolment, asked=asked, at=at)
    return said
