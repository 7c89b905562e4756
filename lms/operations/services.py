"""Repairs that operators make by hand, and what the nightly jobs found for them to see."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.events.models import EventDelivery
from lms.operations.models import Finding


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


def keep_finding(*, job: str, numbers: Mapping[str, int], at: datetime) -> None:
    """Keep what a job counted, in place of what it had counted before. One statement; safe to repeat."""
    Finding.objects.bulk_create(
        [Finding(job=job, numbers=dict(numbers), at=at)],
        update_conflicts=True,
        unique_fields=["job"],
        update_fields=["numbers", "at"],
    )
