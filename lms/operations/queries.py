"""The outbox as operators see it, and what the nightly jobs found."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from lms.events.models import EventDelivery
from lms.operations.models import Finding

STATES = {
    "dead": Q(dead_at__isnull=False),
    "open": Q(done_at=None, dead_at=None),
    "done": Q(done_at__isnull=False),
}

# One look at each partial index: done deliveries, which are most, cost nothing.
COUNTS = """
SELECT waiting.count, waiting.oldest, still_open.count, dead.count
  FROM (SELECT count(*), min(created_at) AS oldest FROM event WHERE expanded_at IS NULL) AS waiting,
       (SELECT count(*) FROM event_delivery WHERE done_at IS NULL AND dead_at IS NULL) AS still_open,
       (SELECT count(*) FROM event_delivery WHERE dead_at IS NOT NULL) AS dead
"""


@dataclass(frozen=True)
class Outbox:
    """Facts that the relay has not taken up, and since when; deliveries that are open, and dead."""

    waiting: int
    waiting_since: datetime | None
    still_open: int
    dead: int


def deliveries(state: str) -> QuerySet[EventDelivery]:
    """Deliveries in a state: dead, open or done."""
    return EventDelivery.objects.filter(STATES[state]).select_related("event")


def oldest_open() -> EventDelivery | None:
    """The open delivery of the oldest fact. One statement."""
    return deliveries("open").order_by("event_id", "id").first()


def outbox() -> Outbox:
    """How much waits. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return Outbox(*cursor.fetchone())


def findings(jobs: Collection[str]) -> dict[str, Finding]:
    """What these jobs found when they last ran; a job that never ran is not there. One statement."""
    return Finding.objects.in_bulk(jobs)
