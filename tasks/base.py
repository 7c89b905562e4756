"""The one way to define a handler or a job: leases, back-off and the dead letter are decided here once.

A handler answers an event. The relay claims its delivery and sends the delivery's id; the worker locks the open
row, does the effect and closes the row in one transaction, so that a crash anywhere leaves it open and the lease
brings it back. Handlers re-read what they act on, promise no order and are safe to repeat.
"""

import logging
import random
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from lms.events.facts import TOPICS, Event
from lms.events.models import EventDelivery
from lms.events.tracing import begin_trace
from lms.observing.traces import span
from lms.operations.queues import Queue

log = logging.getLogger(__name__)

ATTEMPTS_AT_MOST = 15
LONGEST_WAIT = 300.0
# Seconds that work may always take: a storage that does not answer is waited for 11 s, and a worker that is ended
# before then could not write down what failed.
SHORTEST_LIMIT = 20
BATCH = 500

# How the effect stands to the closing transaction:
#   inside   database only: effect and closing are one transaction
#   outside  slow or elsewhere (drawing, storage, messages): runs between two short transactions, repeatable
#   batched  many events in one set-based transaction
Manner = Literal["inside", "outside", "batched"]


@dataclass(frozen=True)
class Handler:
    name: str
    queue: Queue
    manner: Manner
    effect: Callable[[Any], None]
    leases: int
    together: int = 1  # deliveries in a message, at most

    @property
    def task(self) -> str:
        return f"tasks.{self.name}"

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.leases * settings.DELIVERY_LEASE)


HANDLERS: dict[str, Handler] = {}


def handler(
    *, queue: Queue = "default", manner: Manner = "inside", leases: int = 1, together: int | None = None
) -> Callable[[Callable[[Any], None]], Handler]:
    """Turn a function of one event (a list of them when batched) into a handler of deliveries.

    `leases` says for how many times `settings.DELIVERY_LEASE` it may work before another worker may take over;
    `together`, how many deliveries one message may hold: 500 when batched, else 1, worked off one after the other.
    """
    most = together or (BATCH if manner == "batched" else 1)

    def register(effect: Callable[[Any], None]) -> Handler:
        made = Handler(effect.__name__, queue, manner, effect, leases, most)
        HANDLERS[made.name] = made
        limit = int(made.lease.total_seconds())

        # A name of its own: Celery writes the head of a task's function anew, which a lambda has none for.
        @shared_task(
            name=made.task,
            ignore_result=True,
            time_limit=max(limit - 5, SHORTEST_LIMIT),
            soft_time_limit=max(limit - 10, SHORTEST_LIMIT - 5),
        )
        def run(deliveries: Sequence[str], **_: Any) -> None:
            handle(made, deliveries)

        return made

    return register


def job(*, queue: Queue = "default") -> Callable[[Callable[[], None]], Any]:
    """A scheduled piece of work (tasks/schedule.py): one call into a service, safe to repeat."""

    def register(work: Callable[[], None]) -> Any:
        @shared_task(name=f"tasks.{work.__name__}", ignore_result=True, queue=queue)
        def run(**_: Any) -> None:
            work()

        return run

    return register


def handle(made: Handler, deliveries: Sequence[str]) -> None:
    """Work off claimed deliveries; a failure is written down and tried again later.

    What waits behind a failure in the same message goes back untried: each of them might wait as long.
    """
    shares = [[uuid] for uuid in deliveries] if made.manner == "outside" else [list(deliveries)]
    for number, share in enumerate(shares, start=1):
        if not _worked_off(made, share):
            give_back([uuid for untried in shares[number:] for uuid in untried], due_at=timezone.now())
            return


def give_back(deliveries: Sequence[str], *, due_at: datetime) -> None:
    """Undo the claim of what nobody tried: an outage, or a broker without room, burns no attempts.

    A message that timed out may have arrived all the same: a delivery that meets itself acts once.
    """
    rows = EventDelivery.objects.filter(uuid__in=deliveries, done_at=None, attempts__gt=0)
    rows.update(attempts=F("attempts") - 1, due_at=due_at)


def _worked_off(made: Handler, deliveries: Sequence[str]) -> bool:
    try:
        _MANNERS[made.manner](made, deliveries)
    except Exception as error:  # noqa: BLE001  # whatever it was, the delivery stays open and says so
        # The frames without the error's own text, which may hold a name or a number.
        log.error("handler %s failed: %s\n%s", made.name, failure(error), frames(error))
        _write_down(deliveries, error, at=timezone.now())
        return False
    return True


def _inside(made: Handler, deliveries: Sequence[str]) -> None:
    with transaction.atomic():
        for delivery in _lock(deliveries):
            _act(made, delivery)
            _close([delivery], at=timezone.now())


def _outside(made: Handler, deliveries: Sequence[str]) -> None:
    [uuid] = deliveries
    with _alone_with(uuid) as alone:
        for delivery in _open([uuid]) if alone else []:
            _act(made, delivery)
            with transaction.atomic():
                _close(_lock([uuid]), at=timezone.now())


@contextmanager
def _alone_with(delivery: str) -> Iterator[bool]:
    """Whether nobody else is at this delivery: a message that came twice at once must not send two SMS.

    A lock of the session, since the effect waits outside any transaction; it ends with a worker that dies.
    """
    number = lock_number(delivery)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        [alone] = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            _let_go(number)


def lock_number(delivery: str) -> int:
    """The advisory lock that a worker holds while it is at this delivery."""
    return UUID(delivery).int % 2**63


def _let_go(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except BaseException:
        connection.close()  # whatever it was, the lock must not outlive the work
        raise


def _batched(made: Handler, deliveries: Sequence[str]) -> None:
    with transaction.atomic():
        rows = _lock(deliveries)
        if rows:
            with span(made.name, queue=made.queue):
                made.effect([_event(row) for row in rows])
            _close(rows, at=timezone.now())


_MANNERS: dict[Manner, Callable[[Handler, Sequence[str]], None]] = {
    "inside": _inside,
    "outside": _outside,
    "batched": _batched,
}


def _open(deliveries: Sequence[str]) -> list[EventDelivery]:
    rows = EventDelivery.objects.filter(uuid__in=deliveries, done_at=None, dead_at=None)
    return list(rows.select_related("event").order_by("id"))


def _lock(deliveries: Sequence[str]) -> list[EventDelivery]:
    """The rows that are still open and that nobody else is working on."""
    rows = EventDelivery.objects.filter(uuid__in=deliveries, done_at=None, dead_at=None)
    return list(
        rows.select_related("event")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("id")
    )


def _act(made: Handler, delivery: EventDelivery) -> None:
    """The effect of one fact, as two spans of the request that told it: its way through the outbox, and the work."""
    event = _event(delivery)
    with span("on its way", started=int(delivery.event.created_at.timestamp() * 1e9), queue=made.queue):
        pass
    with span(made.name, queue=made.queue):
        made.effect(event)


def _event(delivery: EventDelivery) -> Event:
    begin_trace(delivery.event.trace_id or delivery.uuid.hex)
    return TOPICS[delivery.event.topic].read(delivery.event.payload)


def _close(rows: Sequence[EventDelivery], *, at: datetime) -> None:
    EventDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(done_at=at, last_error="")


def _write_down(deliveries: Sequence[str], error: Exception, *, at: datetime) -> None:
    """Keep what failed and when to try again; after the last attempt the delivery is dead, and stays to be seen."""
    with transaction.atomic():
        rows = _lock(deliveries)
        for row in rows:
            row.last_error = failure(error)
            row.due_at = at + back_off(row.attempts)
            row.dead_at = at if row.attempts >= ATTEMPTS_AT_MOST else None
        EventDelivery.objects.bulk_update(rows, ["last_error", "due_at", "dead_at"])


def back_off(attempts: int) -> timedelta:
    """2, 4, 8 … 300 seconds, each stretched by up to a half so that a storm spreads out."""
    return timedelta(seconds=min(2.0**attempts, LONGEST_WAIT) * random.uniform(1.0, 1.5))  # noqa: S311  # jitter


def frames(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__))


def failure(error: Exception) -> str:
    """The kind of an error and where it rose. Never its text: that may hold a name or a number."""
    path = traceback.extract_tb(error.__traceback__)
    where = f"{path[-1].name}:{path[-1].lineno}" if path else "?"
    return f"{type(error).__name__} in {where}"[:300]
