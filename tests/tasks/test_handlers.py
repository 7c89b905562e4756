"""Every handler and every job acts exactly once: told twice, three times at once, killed at each of its commits."""

import itertools
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lms.events.facts import Event
from lms.events.models import EventDelivery
from tasks import relay
from tasks.base import HANDLERS, Handler, handle
from tasks.schedule import SCHEDULE
from tasks.subscriptions import SUBSCRIPTIONS
from tests.cast import Country, build_country
from tests.outbox import work_off
from tests.races.racing import at_once
from tests.tasks.jobs import run_job
from tests.tasks.once import SENT, Account, Fate, acted, empty_storage, meeting
from tests.tasks.stories import JOBS, STORIES

PATIENCE = 60.0
LISTENING = [(fact, handler) for fact, handlers in SUBSCRIPTIONS.items() for handler in handlers]
SCHEDULED = sorted({entry["task"] for entry in SCHEDULE.values()})

every_handler = pytest.mark.parametrize(
    ("fact", "handler"), LISTENING, ids=[f"{fact.topic}-{handler.name}" for fact, handler in LISTENING]
)
every_job = pytest.mark.parametrize("job", SCHEDULED)


@pytest.fixture
def place(transactional_db: None, settings: Any, tmp_path: Path) -> Country:
    """A country whose messages to phones come to a file of this test."""
    settings.SMS_OUTBOX = tmp_path / "sms.jsonl"
    empty_storage()
    return build_country()


def test_every_fact_that_somebody_listens_to_has_its_story() -> None:
    assert {fact for fact, handlers in SUBSCRIPTIONS.items() if handlers} == set(STORIES)
    assert {handler.name for _, handler in LISTENING} == set(HANDLERS)


def test_every_job_of_the_schedule_has_its_story() -> None:
    assert set(SCHEDULED) == set(JOBS)


def told(fact: type[Event], handler: Handler, place: Country) -> str:
    """Let the story happen once more; the delivery of it to this handler, claimed."""
    STORIES[fact](place)
    at = timezone.now()
    relay.expand(at=at)
    deliveries = EventDelivery.objects.filter(handler=handler.name, event__topic=fact.topic)
    newest = deliveries.latest("event_id")
    deliveries.filter(pk=newest.pk).update(attempts=1, due_at=at + handler.lease)
    return str(newest.uuid)


def state_of(delivery: str) -> tuple[bool, str]:
    """Whether it is done, and what failed."""
    row = EventDelivery.objects.get(uuid=delivery)
    return row.done_at is not None, row.last_error


@pytest.mark.django_db(transaction=True)
@every_handler
def test_told_twice_or_three_times_at_once_it_acts_once(
    fact: type[Event], handler: Handler, place: Country
) -> None:
    first = told(fact, handler, place)
    once = acted(handle, handler, [first])
    assert state_of(first) == (True, "")
    assert once, "the story gives it something to do"
    assert acted(handle, handler, [first]) == {}
    second = told(fact, handler, place)
    assert acted(at_once, *[partial(handle, handler, [second])] * 3) == once
    assert state_of(second) == (True, "")


@pytest.mark.django_db(transaction=True)
@every_handler
def test_killed_at_any_of_its_commits_it_has_acted_once_when_told_again(
    fact: type[Event], handler: Handler, place: Country
) -> None:
    first = told(fact, handler, place)
    once = settled(acted(handle, handler, [first]))
    for fate in fates():
        account = acted(dies_and_is_told_again, handler, told(fact, handler, place), fate)
        assert settled(account) == once, fate
    assert fate.commit > 1, "it was killed"


def fates() -> Iterator[Fate]:
    """A death before and after the first commit, the second … until there is no such commit to die at."""
    for number in itertools.count(1):
        for after in (False, True):
            yield (fate := Fate(number, after))
            if not fate.happened:
                return


def dies_and_is_told_again(handler: Handler, delivery: str, fate: Fate) -> None:
    """The lease runs out and another worker is told, until it is done: a dead one's lock may last a moment longer."""
    with meeting(fate):
        handle(handler, [delivery])
    assert state_of(delivery)[1] == ""
    deadline = time.monotonic() + PATIENCE
    while not state_of(delivery)[0]:
        handle(handler, [delivery])
        assert state_of(delivery)[1] == ""
        assert time.monotonic() < deadline


def settled(account: Account) -> Account:
    """What must be the same after a death: a message may have gone out once more, if it is the same message."""
    return {what: count for what, count in account.items() if what != SENT}


@pytest.mark.django_db(transaction=True)
@every_job
def test_a_job_run_twice_or_three_times_at_once_acts_once(job: str, place: Country) -> None:
    JOBS[job](place)
    once = followed(acted(run, job))
    assert once, "the story gives it something to do"
    assert followed(acted(run, job)) == {}
    JOBS[job](place)
    assert followed(acted(run, job, 3)) == once


@pytest.mark.django_db(transaction=True)
@every_job
def test_a_job_killed_at_any_of_its_commits_has_acted_once_after_its_next_run(
    job: str, place: Country
) -> None:
    JOBS[job](place)
    once = followed(acted(run, job))
    for fate in fates():
        JOBS[job](place)
        assert followed(acted(dies_and_runs_again, job, fate)) == once, fate


def run(job: str, times: int = 1) -> None:
    """So many runs at the same moment, and all that follows from them."""
    at_once(*[partial(run_job, job)] * times)
    work_off()


def dies_and_runs_again(job: str, fate: Fate) -> None:
    with meeting(fate):
        run_job(job)
    run(job)


def followed(account: Account) -> Account:
    """What came of a job in the end: it may say a thing twice that is acted on once."""
    return {what: count for what, count in account.items() if what[0] != "fact"}
