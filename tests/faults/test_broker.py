"""Valkey emptied, frozen, killed and full: requests go on, and what was told is acted on, once."""

from lms.events.models import EventDelivery
from tests.faults.living import (
    Living,
    account_of,
    broker,
    each,
    open_deliveries,
    recount,
    tallies,
    until,
)
from tests.servers import BreakableServers

DRAW = "draw_certificate"


def test_messages_that_waited_in_an_emptied_valkey_are_sent_again(living: Living) -> None:
    women = living.women(4)
    living.settle()
    with broker() as queues, living.frozen("worker"):
        assert [woman.finish().status_code for woman in women] == [200] * 4
        until(lambda: len(open_deliveries(*women, handler=DRAW)) == 4, "four are to be drawn")
        until(lambda: queues.llen("certificates") and queues.llen("tallies"), "messages wait")
        queues.flushall()
    until(lambda: not open_deliveries(*women, handler=DRAW), "the leases ran out and all were drawn")
    living.settle(later=True)
    assert account_of(women) == each(4)
    assert tallies() == recount()


def test_women_finish_while_valkey_is_frozen_and_while_it_is_down(
    living: Living, servers: BreakableServers
) -> None:
    frozen, down = living.women(3), living.women(3)
    living.settle()
    servers.valkey.freeze()
    assert [woman.finish().status_code for woman in frozen] == [200] * 3
    ready = living.http.get("/readyz")
    assert (ready.status_code, ready.json()["broker"]) == (200, "down")
    until(lambda: len(open_deliveries(*frozen, handler=DRAW)) == 3, "the relay works on")
    servers.valkey.thaw()
    living.settle()
    servers.valkey.kill()
    assert [woman.finish().status_code for woman in down] == [200] * 3
    until(lambda: len(open_deliveries(*down, handler=DRAW)) == 3, "the relay works on")
    servers.valkey.restart()
    until(lambda: not open_deliveries(*down, handler=DRAW), "all were drawn")
    living.settle(later=True)
    assert account_of([*frozen, *down]) == each(6)


def test_a_full_valkey_burns_no_attempts(living: Living) -> None:
    [woman] = living.women(1)
    living.settle()
    with broker() as queues:
        queues.config_set("maxmemory", 1)
        try:
            assert woman.finish().status_code == 200
            tried = EventDelivery.objects.filter(handler=DRAW, done_at=None, claim__gte=2)
            until(tried.exists, "the relay has tried twice")
            assert {delivery.attempts for delivery in open_deliveries(woman)} <= {0, 1}
        finally:
            queues.config_set("maxmemory", 0)
    living.settle(later=True)
    assert account_of([woman]) == each(1)
