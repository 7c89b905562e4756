"""What has served its time goes; what is open, dead or young stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lms.events.models import EventDelivery, StoredEvent
from lms.sign_in.codes import request_code
from lms.sign_in.models import Challenge, RateBucket, Session
from lms.sign_in.sessions import Device, start_session
from lms.upkeep.services import BATCH, forget
from tests.cast import make_person


@pytest.mark.django_db
def test_codes_counts_and_sessions_go_when_their_time_is_over() -> None:
    person, at = make_person(), timezone.now()
    request_code(phone="0612345678", address="192.0.2.1", at=at)
    start_session(person=person, device=Device(), at=at)
    assert sum(forget(at=at + timedelta(hours=23)).values()) == 0
    forgotten = forget(at=at + timedelta(days=31))
    assert (forgotten["challenges"], forgotten["sessions"]) == (1, 1)
    assert not Challenge.objects.exists()
    assert not RateBucket.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_events_go_after_a_month_with_their_deliveries_unless_one_is_open_or_dead() -> None:
    at = timezone.now()
    old = at - timedelta(days=31)

    def event(created_at: datetime, **delivery: Any) -> StoredEvent:
        made = StoredEvent.objects.create(
            topic="x", key="x:1", payload={}, created_at=created_at, expanded_at=at
        )
        EventDelivery.objects.create(event=made, handler="h", **delivery)
        return made

    event(old, done_at=old)
    kept = [event(old), event(old, dead_at=old), event(at, done_at=at)]
    assert forget(at=at)["events"] == 1
    assert list(StoredEvent.objects.order_by("id")) == kept
    assert EventDelivery.objects.count() == 3


@pytest.mark.django_db
def test_more_than_a_batch_goes_in_one_run() -> None:
    at = timezone.now()
    buckets = [RateBucket(key=f"k{n}", window=at - timedelta(days=2)) for n in range(BATCH + 1)]
    RateBucket.objects.bulk_create(buckets)
    assert forget(at=at)["rate buckets"] == BATCH + 1
