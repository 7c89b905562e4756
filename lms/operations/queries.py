"""The outbox as operators see it."""

from django.db.models import Q, QuerySet

from lms.events.models import EventDelivery

STATES = {
    "dead": Q(dead_at__isnull=False),
    "open": Q(done_at=None, dead_at=None),
    "done": Q(done_at__isnull=False),
}


def deliveries(state: str) -> QuerySet[EventDelivery]:
    """Deliveries in a state: dead, open or done."""
    return EventDelivery.objects.filter(STATES[state]).select_related("event")
