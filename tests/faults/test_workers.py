"""Workers, relay and web killed at the worst moment: what was told is acted on, and once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import transaction

from config.embedded.system import is_ready
from learners.certificates.models import Certificate
from lms.events.models import EventDelivery, StoredEvent
from tests.faults.living import (
    PATIENCE,
    Living,
    Woman,
    account_of,
    being_worked_on,
    broker,
    each,
    open_deliveries,
    recount,
    someone_waits_for_a_lock,
    stored_documents,
    tallies,
    until,
    whole_family,
)
from tests.servers import BreakableServers

DRAW = "draw_certificate"


def claimed(*women: Woman) -> list[EventDelivery]:
    """Drawings of theirs that the relay has claimed."""
    return [delivery for delivery in open_deliveries(*women, handler=DRAW) if delivery.attempts]


def test_a_worker_killed_while_it_draws_costs_nobody_her_certificate(
    living: Living, servers: BreakableServers
) -> None:
    women = living.women(2)
    servers.storage.freeze()  # nobody can come to an end
    assert [woman.finish().status_code for woman in women] == [200, 200]
    until(lambda: being_worked_on(*open_deliveries(*women, handler=DRAW)) == 2, "both are being drawn")
    living.kill("worker")
    assert len(open_deliveries(*women, handler=DRAW)) == 2
    servers.storage.thaw()
    living.process("worker").start()
    until(lambda: not open_deliveries(*women, handler=DRAW), "the leases ran out and both were drawn")
    living.settle(later=True)
    assert account_of(women) == each(2)


def test_a_worker_killed_between_the_stored_document_and_its_row_draws_the_same_again(living: Living) -> None:
    [woman] = living.women(1)
    with living.frozen("worker"):
        assert woman.finish().status_code == 200
    certificate = woman.certificate
    name = {str(certificate.uuid)}
    with transaction.atomic():
        # Whoever has drawn waits here for the row.
        Certificate.objects.select_for_update().get(pk=certificate.pk)
        until(lambda: stored_documents(name) and someone_waits_for_a_lock(), "the document is stored")
        for child in whole_family(living.process("worker"))[1:]:
            child.kill()
    assert woman.certificate.state == "pending"
    living.settle()
    assert account_of([woman]) == each(1)


def test_a_relay_killed_after_its_claim_and_two_side_by_side_tell_each_fact_once(living: Living) -> None:
    women = living.women(3)
    living.settle()  # else the relay waits for the broker with the news of their enrolments
    with broker() as queues:
        queues.client_pause(60_000, all=False)  # it may ask how much room there is, but tell nobody
        assert [woman.finish().status_code for woman in women] == [200] * 3
        until(lambda: claimed(*women), "the relay has claimed")
        living.kill("relay")
        assert claimed(*women)
        assert not queues.llen("certificates")
        queues.client_unpause()
    first = living.process("relay")
    second = replace(first, name="relay-2", command=first.command[:-1])  # one schedule is enough
    try:
        first.start()
        second.start()
        until(lambda: not open_deliveries(*women, handler=DRAW), "the leases ran out and all were drawn")
        living.settle(later=True)
    finally:
        second.stop()
    assert account_of(women) == each(3)
    assert tallies() == recount()


def test_web_killed_after_its_commit_leaves_the_fact_in_the_outbox(living: Living) -> None:
    [woman] = living.women(1)
    living.settle()
    with living.frozen("relay"):
        assert woman.finish().status_code == 200
        living.kill("web")
        assert StoredEvent.objects.filter(topic="course_completed", expanded_at=None).count() == 1
    living.settle()
    assert account_of([woman]) == each(1)
    living.process("web").start()
    port = int(living.platform.base_url.rpartition(":")[2])
    living.process("web").wait_until(lambda: is_ready(port), seconds=PATIENCE)
    assert woman.finish().status_code == 200


def test_fifty_women_finish_while_a_worker_is_killed_and_valkey_emptied(living: Living) -> None:
    women = living.women(50)
    finished = []
    with ThreadPoolExecutor(6) as pool, broker() as queues:
        waiting = [pool.submit(woman.finish_surely) for woman in women]
        until(lambda: sum(one.done() for one in waiting) >= 15, "fifteen have finished")
        living.kill("worker")
        queues.flushall()
        living.process("worker").start()
        until(lambda: sum(one.done() for one in waiting) >= 35, "thirty-five have finished")
        queues.flushall()
        finished = [one.result(timeout=PATIENCE) for one in waiting]
    assert all(set(answers) == {200} for answers in finished)
    until(lambda: not open_deliveries(*women, handler=DRAW), "every certificate is drawn")
    living.settle(later=True)
    assert account_of(women) == each(50)
    assert tallies() == recount()
    assert not EventDelivery.objects.exclude(dead_at=None).exists()
