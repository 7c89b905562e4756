"""Storage down and frozen: lessons go on, certificates wait and are drawn as they would have been."""

from collections.abc import Callable

import pytest

from learners.certificates.drawing.document import draw
from learners.certificates.services import facts_of
from lms.events.models import EventDelivery
from tests.faults.living import Living, Woman, account_of, each, open_deliveries, until
from tests.servers import Breakable, BreakableServers

DRAW = "draw_certificate"
WORKSHEET = {"name": "ورقة", "size": 1000, "purpose": "document"}


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [(Breakable.kill, Breakable.restart), (Breakable.freeze, Breakable.thaw)],
    ids=["killed", "frozen"],
)
def test_certificates_wait_for_the_storage_and_are_the_same(
    living: Living,
    servers: BreakableServers,
    break_it: Callable[[Breakable], None],
    mend_it: Callable[[Breakable], None],
) -> None:
    early, *late = living.women(3)
    trainer = living.staff("trainer", "institute")
    assert early.finish().status_code == 200
    living.settle()
    break_it(servers.storage)
    assert [woman.finish().status_code for woman in late] == [200] * 2
    announced = trainer.post("/api/v1/uploads", WORKSHEET)
    assert (announced.status_code, announced.json()["code"]) == (503, "storage_unavailable")
    assert int(announced.headers["Retry-After"]) > 0
    until(lambda: len(failed(*late)) == 2, "storing has failed")
    assert not EventDelivery.objects.exclude(dead_at=None).exists()
    assert living.http.get("/readyz").json() == {"database": "ok", "broker": "ok", "storage": "down"}
    assert early.get(f"/api/v1/certificates/{early.certificate.uuid}/document").status_code == 302
    assert early.send(early.event("opened")).status_code == 200
    mend_it(servers.storage)
    living.settle(later=True)
    assert account_of([early, *late]) == each(3)
    assert all(draw(facts_of(w.certificate)).sha256 == w.certificate.sha256 for w in (early, *late))


def failed(*women: Woman) -> list[EventDelivery]:
    return [delivery for delivery in open_deliveries(*women, handler=DRAW) if delivery.last_error]
