"""Repairs that operators make by hand."""

from datetime import datetime

from django.db import transaction

from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.events.models import EventDelivery


@transaction.atomic
def replay(*, delivery: EventDelivery, by: Person, at: datetime) -> EventDelivery:
    """Give a dead delivery a new life, due now. Safe to repeat; one that is not dead stays as it is."""
    delivery = (
        EventDelivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    )
    if delivery.dead_at:
        delivery.dead_at, delivery.attempts, delivery.due_at = None, 0, at
        delivery.save(update_fields=["dead_at", "attempts", "due_at"])
        record_change(actor=by, verb="delivery.replay", subject=f"delivery:{delivery.uuid}", at=at)
    return delivery
