"""Many learners at once, where the tests of reports need them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.reports.models import CountedEnrolment, Tally
from learners.reports.services import count_enrolments
from lms.accounts.models import Person
from lms.organisations.models import Organisation


def crowd(at_place: Organisation | None, course: Course, size: int, **fields: Any) -> list[Enrolment]:
    """`size` new learners of a place on a course, counted; `days` since they were last seen, other fields as given."""
    seen = timezone.now() - timedelta(days=fields.pop("days", 0))
    people = Person.objects.bulk_create(Person(home_organisation=at_place, password="!") for _ in range(size))
    rows = [
        Enrolment(
            learner=person,
            course=course,
            publication_id=course.newest_id,
            organisation=at_place,
            **{"last_active_at": seen, "created_at": seen} | fields,
        )
        for person in people
    ]
    made = Enrolment.objects.bulk_create(rows)
    count(made)
    return made


def finish(enrolment: Enrolment, *, certificate: str | None = "ready", at: datetime | None = None) -> None:
    """Complete an enrolment, with a certificate in that state or without; uncounted."""
    at = at or timezone.now()
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=EnrolmentState.COMPLETED,
        percent=100,
        completed_at=at,
        completed_publication_id=enrolment.publication_id,
    )
    if certificate:
        certify(enrolment, certificate, at=at)


def certify(enrolment: Enrolment, state: str, *, at: datetime | None = None) -> Certificate:
    at = at or timezone.now()
    return Certificate.objects.create(
        enrolment=enrolment,
        serial=f"T-{enrolment.pk}-{Certificate.objects.count()}",
        state=state,
        facts=b"",
        issued_at=at,
        key="drawn" if state == "ready" else "",
        sha256="0" * 64 if state == "ready" else "",
        revoked_at=at if state == "revoked" else None,
    )


def count(enrolments: list[Enrolment], *, at: datetime | None = None) -> None:
    count_enrolments(enrolment_ids=[row.pk for row in enrolments], at=at or timezone.now())


def tallied() -> dict[tuple[Any, ...], int]:
    """The cells that are not empty."""
    cells = Tally.objects.exclude(count=0).values_list(
        "organisation__code", "course_id", "stage", "day", "count"
    )
    return {tuple(key): number for *key, number in cells}


def counted() -> dict[tuple[Any, ...], int]:
    """What the tallies must be, summed from where each enrolment is counted."""
    keys = ("organisation__code", "course_id", "stage", "day")
    cells = CountedEnrolment.objects.values_list(*keys).annotate(number=Count("pk"))
    return {tuple(key): number for *key, number in cells}
