"""The relay: turns new events into deliveries, claims what is due, and tells the workers.

Claim, commit, then publish: whatever is lost after that (a broker flushed, a worker killed) comes back when the
lease runs out. Nothing is claimed while the broker does not answer, so an outage burns no attempts.
"""

import logging
import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import redis
from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseDown
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from lms.events.models import EventDelivery
from lms.operations.queues import Queue
from tasks.base import ATTEMPTS_AT_MOST, HANDLERS, Handler, failure, give_back
from tasks.subscriptions import SUBSCRIPTIONS

log = logging.getLogger(__name__)

EXPANDED_AT_ONCE = 1_000
CLAIMED_AT_ONCE = 200
MESSAGES_PER_SLOT = 4
PAUSE_WHEN_EMPTY = 0.2
PAUSE_WITHOUT_ROOM = 0.02
PAUSE_WITHOUT_DATABASE = 1.0
GATHERED_FOR = 0.5  # seconds
QUIET = 1.0  # seconds for which a broker that did not answer is left alone
WAIT_AFTER_REFUSAL = timedelta(seconds=5)
FORGOTTEN_AFTER = timedelta(days=1)
BURIED_AT_ONCE = 1_000
AFTER_ANY_LEASE = timedelta(hours=1)


class StopSignal(Protocol):
    def is_set(self) -> bool: ...
    def wait(self, timeout: float) -> bool: ...


def run(stop: StopSignal) -> None:
    """Relay until told to stop."""
    broker = Broker(settings.BROKER_URL)
    while not stop.is_set():
        try:
            pause = step(broker, at=timezone.now())
        except DatabaseDown as error:
            log.warning("the database did not answer; trying again: %s", failure(error))
            connection.close()
            pause = PAUSE_WITHOUT_DATABASE
        if pause:
            stop.wait(pause)


def step(broker: "Broker", *, at: datetime) -> float:
    """One round; returns how long to pause before the next."""
    expanded = expand(at=at)
    due = [HANDLERS[name] for name in due_handlers(at=at) if not broker.gathers(HANDLERS[name])]
    sent = sum(relay(handler, broker, at=at) for handler in due)
    if sent or expanded == EXPANDED_AT_ONCE:
        return 0.0
    return PAUSE_WITHOUT_ROOM if due else PAUSE_WHEN_EMPTY


def relay(handler: Handler, broker: "Broker", *, at: datetime) -> int:
    """Claim what a handler's queue has room for and publish it; returns the number of messages."""
    room = broker.room(handler.queue)
    if room <= 0:
        return 0
    fresh, again = claim(handler, room * handler.together, at=at)
    waiting = messages(handler, fresh, again, room=room)
    for number, message in enumerate(waiting):
        if not broker.send(handler, message):
            give_back(
                [uuid for unsent in waiting[number:] for uuid in unsent], due_at=at + WAIT_AFTER_REFUSAL
            )
            return number
    return len(waiting)


def messages(
    handler: Handler, fresh: Sequence[str], again: Sequence[str], *, room: int = 1
) -> list[list[str]]:
    """Claimed deliveries as messages: a batch whole, others spread over the room there is.

    What failed once travels alone, so that a poisoned one takes nobody with it.
    """
    spread = math.ceil(len(fresh) / room)
    size = handler.together if handler.manner == "batched" else max(1, min(handler.together, spread))
    batches = [list(fresh[start : start + size]) for start in range(0, len(fresh), size)]
    return batches + [[uuid] for uuid in again]


@transaction.atomic
def expand(*, at: datetime) -> int:
    """Write one delivery per event and subscribed handler, in the transaction that marks the events expanded."""
    pairs = [(fact.topic, handler.name) for fact, handlers in SUBSCRIPTIONS.items() for handler in handlers]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM event WHERE expanded_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [EXPANDED_AT_ONCE],
        )
        ids = [id_ for (id_,) in cursor.fetchall()]
        if not ids:
            return 0
        cursor.execute(
            """
            INSERT INTO event_delivery (uuid, event_id, handler, due_at, attempts, claim, last_error)
            SELECT gen_random_uuid(), event.id, subscription.handler, %s, 0, 0, ''
              FROM event
              JOIN unnest(%s::text[], %s::text[]) AS subscription (topic, handler) USING (topic)
             WHERE event.id = ANY(%s)
             ORDER BY event.id
            ON CONFLICT DO NOTHING
            """,
            [at, [topic for topic, _ in pairs], [name for _, name in pairs], ids],
        )
        cursor.execute("UPDATE event SET expanded_at = %s WHERE id = ANY(%s)", [at, ids])
    return len(ids)


def due_handlers(*, at: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT handler FROM unnest(%s::text[]) AS handler
             WHERE EXISTS (SELECT FROM event_delivery d WHERE d.handler = handler.handler
                              AND d.done_at IS NULL AND d.dead_at IS NULL AND d.due_at <= %s)
            """,
            [list(HANDLERS), at],
        )
        return [name for (name,) in cursor.fetchall()]


@transaction.atomic
def claim(handler: Handler, limit: int, *, at: datetime) -> tuple[list[str], list[str]]:
    """Take due deliveries for one lease: those tried for the first time, and those tried again.

    The attempt is counted here, so that work which kills its process is bounded too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE event_delivery AS d
               SET due_at = %s, attempts = d.attempts + 1, claim = d.claim + 1,
                   dead_at = CASE WHEN d.attempts >= %s THEN %s END
              FROM (SELECT id FROM event_delivery
                     WHERE handler = %s AND done_at IS NULL AND dead_at IS NULL AND due_at <= %s
                     ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) AS due
             WHERE d.id = due.id
            RETURNING d.uuid, d.attempts, d.dead_at
            """,
            [at + handler.lease, ATTEMPTS_AT_MOST, at, handler.name, at, limit],
        )
        rows = [(str(uuid), attempts) for uuid, attempts, dead_at in cursor.fetchall() if dead_at is None]
    return [uuid for uuid, attempts in rows if attempts == 1], [
        uuid for uuid, attempts in rows if attempts > 1
    ]


def bury_forgotten(*, at: datetime) -> int:
    """Let deliveries die that nobody will ever claim: no release knows their handler any more.

    A day after they were due, since older processes meet newer handlers while a release is rolled out. Dead, they
    are seen by operators and can be replayed. At most a thousand; returns how many.
    """
    rows = EventDelivery.objects.filter(done_at=None, dead_at=None, due_at__lt=at - FORGOTTEN_AFTER)
    ids = rows.exclude(handler__in=HANDLERS).order_by("id").values("id")[:BURIED_AT_ONCE]
    return EventDelivery.objects.filter(id__in=ids).update(dead_at=at, last_error="no handler of this name")


def call_back(*, at: datetime) -> int:
    """Make due what is due only long after any lease and back-off: our clock was ahead; returns how many."""
    farthest = at + max(handler.lease for handler in HANDLERS.values()) + AFTER_ANY_LEASE
    return EventDelivery.objects.filter(done_at=None, dead_at=None, due_at__gt=farthest).update(due_at=at)


class Broker:
    """The queues as the relay sees them: how much room there is, and a way in."""

    def __init__(self, url: str) -> None:
        address = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
        self.client = redis.Redis.from_url(address, socket_timeout=5, socket_connect_timeout=2)
        self.quiet_until = 0.0
        self.told: dict[str, float] = {}

    def gathers(self, handler: Handler) -> bool:
        """Whether a batched handler was told just now: in a storm its next message holds what happens meanwhile."""
        last = self.told.get(handler.name, -GATHERED_FOR)
        return handler.manner == "batched" and time.monotonic() - last < GATHERED_FOR

    def room(self, queue: Queue) -> int:
        """Messages the queue may still take; 0 while the broker does not answer."""
        if time.monotonic() < self.quiet_until:
            return 0
        try:
            waiting = int(self.client.llen(queue))
        except redis.RedisError:
            log.warning("the broker does not answer; nothing is claimed")
            self.quiet_until = time.monotonic() + QUIET
            return 0
        return min(MESSAGES_PER_SLOT * settings.QUEUE_SLOTS - waiting, CLAIMED_AT_ONCE)

    def send(self, handler: Handler, deliveries: Sequence[str]) -> bool:
        """Publish one message; False, and a second of quiet, if the broker does not take it."""
        try:
            current_app.send_task(handler.task, args=[deliveries], queue=handler.queue, retry=False)
        except (BrokerDown, redis.RedisError, OSError):
            log.warning("the broker refused a message of %s", handler.name)
            self.quiet_until = time.monotonic() + QUIET
            return False
        self.told[handler.name] = time.monotonic()
        return True
