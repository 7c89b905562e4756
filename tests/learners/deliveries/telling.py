"""A woman with an address and a number, and ways to tell her something."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from courses.catalogue.models import Course
from courses.publishing.services import publish_course as publish_draft
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment
from learners.notifications.models import (
    Channel,
    Notification,
    NotificationDelivery,
    NotificationKind,
)
from learners.notifications.preferences import choose
from learners.notifications.services import Message, tell
from lms.accounts.models import Person
from lms.languages import CASABLANCA
from lms.organisations.queries import scope_of
from tests.cast import Country, make_person, make_staff, publish_course
from tests.learners.reports.crowd import certify, crowd, finish

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CASABLANCA)
EVERY_WAY = dict.fromkeys(Channel, True)
_numbers = itertools.count(1)


def woman(country: Country, **fields: Any) -> Person:
    number = next(_numbers)
    fields = {
        "home": country.larache_centre,
        "phone": f"0611{number:06}",
        "email": f"her{number}@example.ma",
    } | fields
    return make_person(**fields)


def wish(person: Person, kind: str = "nudge", **ways: bool) -> None:
    """She chooses these ways for a kind; without any, all of them."""
    chosen = {Channel(name): wanted for name, wanted in ways.items()} or EVERY_WAY
    choose(person=person, wishes={NotificationKind(kind): chosen})


def tell_her(
    person: Person,
    about: str = "thing:1",
    *,
    kind: str = "registration_confirmed",
    at: datetime = NOON,
    enrolment: Enrolment | None = None,
) -> Notification | None:
    """What she was told, if she was."""
    message = Message(person.pk, about, enrolment.pk if enrolment else None)
    tell(kind=NotificationKind(kind), messages=[message], at=at)
    return Notification.objects.filter(person=person, kind=kind, about=about).first()


def tell_by(person: Person, *ways: str, about: str = "thing:1", at: datetime = NOON) -> None:
    """Tell her something by these ways and no other."""
    wish(person, "registration_confirmed", **{name: name in ways for name in Channel.values})
    tell_her(person, about, at=at)


def on_a_course(person: Person, country: Country, *, title: str = "", slug: str = "trade") -> Enrolment:
    """Her place on a course of one lesson, eight days after she was last seen."""
    course = publish_course(country, slug=slug, lessons=(("text",),))
    if title:
        Course.objects.filter(pk=course.pk).update(title=dict.fromkeys(("ar", "fr"), title))
        course.refresh_from_db()
        publish_draft(course=course, by=_publisher(country), notes="", at=NOON)
        course.refresh_from_db()
    [enrolment] = crowd(country.larache_centre, course, 1)
    before = NOON - timedelta(days=8)
    Enrolment.objects.filter(pk=enrolment.pk).update(learner=person, last_active_at=before)
    return Enrolment.objects.get(pk=enrolment.pk)


def _publisher(country: Country) -> Person:
    by = make_staff("publisher", country.institute)
    by.scope = scope_of(by, at=NOON)
    return by


def certified(enrolment: Enrolment) -> Certificate:
    finish(enrolment, certificate=None)
    return certify(enrolment, "ready")


def fate(person: Person) -> dict[str, tuple[str, str]]:
    """What became of her messages: channel → state and reason."""
    rows = NotificationDelivery.objects.filter(notification__person=person)
    return {row.channel: (row.state, row.reason) for row in rows}


def delivery_of(person: Person, channel: str = "sms") -> NotificationDelivery:
    return NotificationDelivery.objects.get(notification__person=person, channel=channel)
