"""Beginning a group and changing it. Every change locks the group, raises its version and is written down."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.authoring.refusals import ChangedMeanwhile
from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from lms.access.policy import CENTRE_ADMIN, FACILITATOR
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.organisations.models import Membership, Organisation

ENDS_EARLY: Final = _("A group cannot end before it begins.")
FACILITATOR_UNKNOWN: Final = _("No one of this centre's staff has this id.")


class SeatsTaken(Refusal):
    code = "seats_taken"
    status = 409
    message = _("More women than that already sit in this group.")


@transaction.atomic
def create_cohort(
    *,
    course: Course,
    organisation: Organisation,
    by: Person,
    title: Mapping[str, str],
    at: datetime,
    seats: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    facilitator: UUID | None = None,
) -> Cohort:
    """Begin a group of a course at a centre. Refusals: `ends_before_it_begins`, `facilitator_unknown`."""
    cohort = Cohort(course=course, organisation=organisation, created_at=at)
    changes = {"title": title, "seats": seats, "starts_on": starts_on, "ends_on": ends_on}
    _set(cohort, changes | {"facilitator": facilitator}, at)
    cohort.save(force_insert=True)
    _write_down(cohort, by, "cohort.create", at, ())
    return cohort


@transaction.atomic
def change_cohort(
    *, cohort: Cohort, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> Cohort:
    """Change a group's title, seats, first and last day or facilitator; who sits in it stays.

    `expected` is the version she saw; None stands for any. Refusals: `changed_meanwhile`, `seats_taken`,
    `ends_before_it_begins`, `facilitator_unknown`.
    """
    locked = Cohort.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    cohort = locked.get(pk=cohort.pk)
    if expected is not None and cohort.version != expected:
        raise ChangedMeanwhile
    _set(cohort, changes, at)
    if changes.get("seats") is not None and cohort.enrolments.current().count() > changes["seats"]:
        raise SeatsTaken
    cohort.version += 1
    cohort.save()
    _write_down(cohort, by, "cohort.change", at, list(changes))
    return cohort


def _set(cohort: Cohort, changes: Mapping[str, Any], at: datetime) -> None:
    for name, value in changes.items():
        setattr(cohort, name, _facilitator(cohort, value, at) if name == "facilitator" else value)
    if cohort.starts_on and cohort.ends_on and cohort.ends_on < cohort.starts_on:
        raise InvalidInput.at("/ends_on", "ends_before_it_begins", ENDS_EARLY)


def _facilitator(cohort: Cohort, person: UUID | None, at: datetime) -> Person | None:
    """Who accompanies the group: one of the very centre's staff."""
    if person is None:
        return None
    staff = Membership.objects.in_force(timezone.localdate(at)).filter(
        organisation=cohort.organisation, role__in=(FACILITATOR, CENTRE_ADMIN), person__uuid=person
    )
    found = staff.select_related("person").first()
    if found is None:
        raise InvalidInput.at("/facilitator", "facilitator_unknown", FACILITATOR_UNKNOWN)
    return found.person


def _write_down(cohort: Cohort, by: Person, verb: str, at: datetime, fields: Any) -> None:
    record_change(actor=by, verb=verb, subject=f"cohort:{cohort.uuid}", fields=fields, at=at)
