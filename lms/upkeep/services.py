"""What is forgotten, and when: small batches, so that nobody waits for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from lms.api.models import IdempotencyKey
from lms.events.models import EventDelivery, StoredEvent
from lms.sign_in.models import Challenge, PasskeyChallenge, RateBucket, Session

BATCH: Final = 1_000
BATCHES_AT_ONCE: Final = 20

Rows = QuerySet[Any, Any]


def old_challenges(at: datetime) -> Rows:
    return Challenge.objects.filter(created_at__lt=at - timedelta(hours=24))


def old_buckets(at: datetime) -> Rows:
    return RateBucket.objects.filter(window__lt=at - timedelta(hours=24))


def old_passkey_challenges(at: datetime) -> Rows:
    return PasskeyChallenge.objects.filter(expires_at__lte=at)


def expired_sessions(at: datetime) -> Rows:
    return Session.objects.filter(expires_at__lte=at)


def old_answers(at: datetime) -> Rows:
    return IdempotencyKey.objects.filter(created_at__lt=at - timedelta(hours=24))


def done_events(at: datetime) -> Rows:
    """Events whose every delivery is done; what is open or dead keeps its event."""
    unfinished = EventDelivery.objects.filter(event=OuterRef("pk"), done_at=None)
    old = StoredEvent.objects.filter(created_at__lt=at - timedelta(days=30), expanded_at__isnull=False)
    return old.filter(~Exists(unfinished))


FORGOTTEN: Final[dict[str, Callable[[datetime], Rows]]] = {
    "challenges": old_challenges,
    "passkey challenges": old_passkey_challenges,
    "rate buckets": old_buckets,
    "sessions": expired_sessions,
    "idempotency keys": old_answers,
    "events": done_events,
}


def forget(*, at: datetime) -> dict[str, int]:
    """Delete what has served its time; how many rows of each kind (an event's deliveries go with it).

    At most 20,000 rows of a kind in one run. Safe to repeat.
    """
    return {name: _in_batches(rows(at)) for name, rows in FORGOTTEN.items()}


def _in_batches(rows: Rows) -> int:
    forgotten = 0
    for _batch in range(BATCHES_AT_ONCE):
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        rows.filter(pk__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < BATCH:
            break
    return forgotten
