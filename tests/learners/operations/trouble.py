"""What operators look after: deliveries given up, messages that failed, and a night's numbers."""

from datetime import datetime, timedelta

from django.utils import timezone

from learners.certificates.models import Certificate
from learners.notifications.models import NotificationDelivery
from learners.notifications.quiet import NEVER, be_quiet
from learners.operations.queries import CERTIFICATES, TALLIES
from lms.accounts.models import Person
from lms.events.models import EventDelivery
from lms.operations.services import keep_finding
from tasks import relay
from tests.cast import Country
from tests.learners.deliveries.telling import delivery_of, tell_by, woman
from tests.tasks.stories import she_completes_a_course


def drawing_given_up(country: Country) -> tuple[Certificate, EventDelivery]:
    """A certificate that nobody draws any more."""
    certificate, at = she_completes_a_course(country), timezone.now()
    relay.expand(at=at)
    delivery = EventDelivery.objects.get(handler="draw_certificate", done_at=None, dead_at=None)
    delivery.dead_at, delivery.attempts, delivery.last_error = at, 15, "StorageUnavailable in put_bytes:137"
    delivery.save()
    return certificate, delivery


def message_failed(country: Country) -> tuple[Person, NotificationDelivery]:
    """An SMS that the gateway would not have, and whose it was."""
    she = woman(country)
    be_quiet(person=she, quiet=NEVER)
    tell_by(she, "sms", at=timezone.now())
    NotificationDelivery.objects.filter(pk=delivery_of(she).pk).update(
        state="failed", reason="http 400", attempts=12, ended_at=timezone.now()
    )
    return she, delivery_of(she)


def last_night(*, missing: int = 0, orphaned: int = 0, wrong: int = 0, at: datetime | None = None) -> None:
    """What the nightly jobs found, three hours ago unless said otherwise."""
    at = at or timezone.now() - timedelta(hours=3)
    keep_finding(job=CERTIFICATES, numbers={"missing": missing, "orphaned": orphaned}, at=at)
    keep_finding(job=TALLIES, numbers={"wrong": wrong}, at=at)
