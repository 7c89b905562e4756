"""A fact that cannot be worked off dies alone, is seen by operators without a name, and lives again when mended."""

from dataclasses import replace

import orjson

from learners.certificates.models import Certificate
from learners.certificates.services import facts_of
from lms import sealing
from lms.events.models import EventDelivery
from tasks.base import ATTEMPTS_AT_MOST
from tests.faults.living import Living, account_of, each, until

DRAW = "draw_certificate"
NO_FONT_HAS_THIS = "\U00013000"


def test_a_certificate_that_cannot_be_drawn_dies_alone_and_an_operator_replays_it(living: Living) -> None:
    [poisoned] = living.women(1, first_name=NO_FONT_HAS_THIS)
    others = living.women(3)
    assert poisoned.finish().status_code == 200
    mine = EventDelivery.objects.filter(handler=DRAW, event__payload__certificate_id=poisoned.certificate.pk)
    until(lambda: mine.exclude(last_error="").exists(), "it has failed once")
    assert [woman.finish().status_code for woman in others] == [200] * 3
    until(lambda: dies(mine), "it has died")
    living.settle()
    assert account_of(others) == each(3)
    assert mine.get().attempts >= ATTEMPTS_AT_MOST

    operator = living.staff("operator", "ministry")
    [seen] = operator.get("/api/v1/operations/events?state=dead").json()["results"]
    assert (seen["handler"], seen["last_error"].partition(" ")[0]) == (DRAW, "CannotBeDrawn")
    assert NO_FONT_HAS_THIS not in str(seen)
    mend(poisoned.certificate)
    assert poisoned.post(f"/api/v1/operations/events/{seen['id']}/replay").status_code == 403
    assert operator.post(f"/api/v1/operations/events/{seen['id']}/replay").status_code == 200
    living.settle()
    assert account_of([poisoned]) == each(1)
    assert operator.get("/api/v1/operations/events?state=dead").json()["results"] == []


def dies(deliveries: "object") -> bool:
    """Let the back-off of failed ones pass; whether they are dead."""
    waiting = deliveries.filter(dead_at=None)
    waiting.exclude(last_error="").update(due_at="2026-01-01T00:00:00Z")
    return not waiting.exists()


def mend(certificate: Certificate) -> None:
    """What an operator does with a name no font has: write it in letters that there are."""
    facts = replace(facts_of(certificate), name="فاطمة الاختبارية")
    certificate.facts = sealing.seal(
        orjson.dumps(facts.to_json()).decode(), table="certificate", column="facts", row=certificate.uuid
    )
    certificate.save(update_fields=["facts"])
