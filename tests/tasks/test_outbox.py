"""The outbox: a fact is told exactly as often as it happened, whatever breaks in between."""

import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from lms.events.facts import TOPICS, Event
from lms.events.models import EventDelivery, StoredEvent
from lms.events.services import publish
from tasks import relay, subscriptions
from tasks.base import ATTEMPTS_AT_MOST, HANDLERS, Handler, back_off, handle
from tests.outbox import work_off

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = re.compile(r"\.delay\(|\.apply_async\(|on_commit\(")


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    lamp_id: int


class Lamps:
    """What the handlers of these tests did."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.poisoned: set[int] = set()

    def look(self, *events: LampLit) -> None:
        if self.poisoned & {event.lamp_id for event in events}:
            raise ValueError("her name is فاطمة")
        self.seen += [event.lamp_id for event in events]


@pytest.fixture
def lamps(monkeypatch: pytest.MonkeyPatch) -> Lamps:
    lamps = Lamps()

    def look_at_lamp(event: LampLit) -> None:
        lamps.look(event)

    def look_at_lamps(events: list[LampLit]) -> None:
        lamps.look(*events)

    made = [
        Handler("look_at_lamp", "default", "inside", look_at_lamp, 1),
        Handler("light_slowly", "default", "outside", look_at_lamp, 1, 4),
        Handler("look_at_lamps", "tallies", "batched", look_at_lamps, 1, 500),
    ]
    monkeypatch.setitem(subscriptions.SUBSCRIPTIONS, LampLit, made)
    for each in made:
        monkeypatch.setitem(HANDLERS, each.name, each)
    return lamps


def single() -> Handler:
    return HANDLERS["look_at_lamp"]


@pytest.mark.django_db(transaction=True)
def test_a_fact_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        publish(LampLit(lamp_id=1))


@pytest.mark.django_db(transaction=True)
def test_a_fact_disappears_with_the_transaction_it_tells_of(lamps: Lamps) -> None:
    with transaction.atomic():
        publish(LampLit(lamp_id=1))
        transaction.set_rollback(True)
    assert not StoredEvent.objects.exists()


def test_every_handler_sees_every_fact_once(db: None, lamps: Lamps) -> None:
    publish(*(LampLit(lamp_id=number) for number in range(3)))
    work_off()
    work_off()
    assert sorted(lamps.seen) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert not EventDelivery.objects.filter(done_at=None).exists()


def test_a_claimed_delivery_is_nobody_elses_until_its_lease_runs_out(db: None, lamps: Lamps) -> None:
    publish(LampLit(lamp_id=1))
    now = timezone.now()
    relay.expand(at=now)
    assert relay.claim(single(), 10, at=now) != ([], [])
    assert relay.claim(single(), 10, at=now) == ([], [])
    later = now + single().lease + timedelta(seconds=1)
    assert len(relay.claim(single(), 10, at=later)[1]) == 1, "a lost message comes back"


def test_a_poisoned_fact_blocks_nobody_and_dies_after_its_last_attempt(db: None, lamps: Lamps) -> None:
    lamps.poisoned = {1}
    publish(*(LampLit(lamp_id=number) for number in range(3)))
    at = timezone.now()
    for _ in range(ATTEMPTS_AT_MOST + 2):
        at += timedelta(seconds=600)
        work_off(at=at)
    assert sorted(lamps.seen) == [0, 0, 0, 2, 2, 2]
    dead = EventDelivery.objects.exclude(dead_at=None)
    assert {d.attempts for d in dead} == {ATTEMPTS_AT_MOST}
    assert dead.count() == 3


def test_behind_a_failure_the_rest_of_a_message_goes_back_untried(db: None, lamps: Lamps) -> None:
    slow = HANDLERS["light_slowly"]
    lamps.poisoned = {1}
    publish(*(LampLit(lamp_id=number) for number in range(4)))
    at = timezone.now()
    relay.expand(at=at)
    [message] = relay.messages(slow, *relay.claim(slow, 10, at=at))
    handle(slow, message)
    attempts = EventDelivery.objects.filter(handler=slow.name).order_by("id")
    assert lamps.seen == [0]
    assert list(attempts.values_list("attempts", flat=True)) == [1, 1, 0, 0]
    work_off(at=at + timedelta(seconds=600))
    assert sorted(set(lamps.seen)) == [0, 2, 3]


def test_messages_are_spread_over_the_room_there_is(lamps: Lamps) -> None:
    fresh, again = [str(number) for number in range(6)], ["seven"]
    slow, batched = HANDLERS["light_slowly"], HANDLERS["look_at_lamps"]
    sizes = {
        room: [len(message) for message in relay.messages(slow, fresh, again, room=room)]
        for room in (1, 2, 16)
    }
    assert sizes == {1: [4, 2, 1], 2: [3, 3, 1], 16: [1] * 7}
    assert [len(message) for message in relay.messages(batched, fresh, again, room=16)] == [6, 1]


def test_in_a_storm_a_batched_handler_gathers_what_happens_meanwhile(lamps: Lamps) -> None:
    broker = relay.Broker("redis://127.0.0.1:1/0")
    batched, alone = HANDLERS["look_at_lamps"], single()
    assert not broker.gathers(batched)
    for told in (batched, alone):
        broker.told[told.name] = time.monotonic()
    assert broker.gathers(batched)
    assert not broker.gathers(alone)
    broker.told[batched.name] -= relay.GATHERED_FOR
    assert not broker.gathers(batched)


def test_what_is_written_down_of_a_failure_holds_no_name(db: None, lamps: Lamps) -> None:
    lamps.poisoned = {1}
    publish(LampLit(lamp_id=1))
    work_off()
    errors = set(EventDelivery.objects.values_list("last_error", flat=True))
    assert all(error.startswith("ValueError in look") for error in errors)
    assert "فاطمة" not in str(errors)


def test_a_task_that_kills_its_process_is_bounded_by_its_claims(db: None, lamps: Lamps) -> None:
    publish(LampLit(lamp_id=1))
    at = timezone.now()
    relay.expand(at=at)
    claims = 0
    while any(relay.claim(single(), 10, at=at)):
        claims += 1
        at += single().lease + timedelta(seconds=1)
    assert claims == ATTEMPTS_AT_MOST
    assert EventDelivery.objects.get(handler=single().name).dead_at is not None


def test_a_message_delivered_twice_acts_once(db: None, lamps: Lamps) -> None:
    publish(LampLit(lamp_id=1))
    now = timezone.now()
    relay.expand(at=now)
    fresh, _ = relay.claim(single(), 10, at=now)
    handle(single(), fresh)
    handle(single(), fresh)
    assert lamps.seen == [1]


def test_the_broker_away_burns_no_attempts(db: None, lamps: Lamps) -> None:
    publish(LampLit(lamp_id=1))
    broker = relay.Broker("redis://127.0.0.1:1/0")
    for _ in range(5):
        relay.step(broker, at=timezone.now())
    assert EventDelivery.objects.filter(attempts__gt=0).count() == 0


def test_waiting_grows_and_stays_under_its_bound() -> None:
    assert back_off(1) < timedelta(seconds=4)
    assert back_off(5) >= timedelta(seconds=32)
    assert back_off(60) <= timedelta(seconds=450)


def test_a_storm_of_failures_spreads_out() -> None:
    """A thousand that failed together come back over half of what they waited, and in no tenth of that together."""
    for attempts in (1, 4, 8):
        shortest = 2.0**attempts
        late = [back_off(attempts).total_seconds() - shortest for _ in range(1_000)]
        tenths = Counter(int(20 * seconds / shortest) for seconds in late)
        assert set(tenths) <= set(range(11))
        assert max(tenths.values()) < 200


def test_a_payload_of_a_newer_schema_can_be_read() -> None:
    assert LampLit.read({"lamp_id": 7, "colour": "green"}) == LampLit(lamp_id=7)


def test_events_carry_ids_only() -> None:
    """Fields of events are ids, codes or lists of ids: they travel through brokers, logs and backups."""
    allowed = {int, str, list[int], list[str]}
    for topic, fact in TOPICS.items():
        assert all(annotation in allowed for annotation in fact.__annotations__.values()), topic
        assert not {"name", "phone", "email"} & set(fact.__annotations__), topic


def test_every_subscription_names_a_handler_of_a_known_queue() -> None:
    for fact, handlers in subscriptions.SUBSCRIPTIONS.items():
        assert fact.topic in TOPICS
        assert all(HANDLERS[each.name] is each for each in handlers)


def test_an_event_expanded_again_has_no_second_delivery(db: None, lamps: Lamps) -> None:
    publish(LampLit(lamp_id=1))
    now = timezone.now()
    relay.expand(at=now)
    StoredEvent.objects.update(expanded_at=None)
    relay.expand(at=now)
    assert EventDelivery.objects.count() == 3


def test_only_tasks_starts_work_by_itself() -> None:
    """Everyone else publishes a fact: a call to the broker in a request would make it wait for the broker."""
    for package in ("lms", "courses", "learners"):
        for path in (ROOT / package).rglob("*.py"):
            assert not FORBIDDEN.search(path.read_text()), path
