"""What the nightly reconciler finds and mends: completions, certificates, documents, forgotten work and tallies."""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from learners.certificates import services
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment
from learners.events import DocumentsToLookFor
from learners.notifications.models import Notification
from learners.reports.models import Tally
from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from lms.operations.models import Finding
from tasks import relay
from tasks.base import ATTEMPTS_AT_MOST, HANDLERS
from tests.cast import Country, client_for, make_staff
from tests.learners.learning import begin_learning
from tests.outbox import work_off
from tests.statements import statements
from tests.tasks.jobs import run_job
from tests.tasks.stories import (
    completed_without_certificate,
    her_certificate_is_drawn,
    she_completes_a_course,
    the_storage_loses_a_document,
)

NIGHT = "tasks.reconcile_certificates"


def tonight() -> list[str]:
    """The job, and all that follows from it; the handlers that ran."""
    run_job(NIGHT)
    return work_off()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "tasks.certificates"]


def document_of(certificate: Certificate) -> str:
    return hashlib.sha256(b"".join(storage.read(certificate.key))).hexdigest()


def test_after_an_ordinary_day_both_numbers_are_zero_and_nothing_is_drawn(
    country: Country, caplog: pytest.LogCaptureFixture
) -> None:
    her_certificate_is_drawn(country)
    work_off()
    with caplog.at_level(logging.INFO):
        assert set(tonight()) == {"look_for_documents"}
    assert said(caplog) == [
        "certificates reconciled: 0 completions without one, 0 without a completion; 0 drawings told anew"
    ]


def test_completions_without_a_certificate_and_the_reverse_are_named_as_two_numbers(
    country: Country, caplog: pytest.LogCaptureFixture
) -> None:
    lacking = [begin_learning(country).enrolment for _ in range(2)]
    for enrolment in lacking:
        completed_without_certificate(enrolment)
    orphan = she_completes_a_course(country)
    Enrolment.objects.filter(pk=orphan.enrolment_id).update(state="active", completed_at=None)
    tonight()
    assert "2 completions without one, 1 without a completion" in said(caplog)[0]
    assert Finding.objects.get().numbers == {"missing": 2, "orphaned": 1}
    assert set(Certificate.objects.filter(enrolment__in=lacking).values_list("state", flat=True)) == {"ready"}
    caplog.clear()
    tonight()
    assert "0 completions without one, 1 without a completion" in said(caplog)[0]
    assert Finding.objects.get().numbers == {"missing": 0, "orphaned": 1}


def test_one_night_repairs_so_many_and_says_how_many_there_were(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "REPAIRED_IN_A_RUN", 3)
    monkeypatch.setattr(services, "REPAIRED_AT_ONCE", 2)
    for _ in range(4):
        completed_without_certificate(begin_learning(country).enrolment)
    nights = [services.reconcile_certificates(at=timezone.now())["missing"] for _ in range(3)]
    assert nights == [4, 1, 0]
    assert Certificate.objects.count() == 4


def test_a_drawing_that_was_forgotten_is_told_anew(country: Country) -> None:
    certificate = she_completes_a_course(country)
    StoredEvent.objects.all().delete()
    tonight()
    certificate.refresh_from_db()
    assert certificate.state == "pending", "ten minutes have not gone by"
    Certificate.objects.update(issued_at=timezone.now() - timedelta(minutes=11))
    tonight()
    certificate.refresh_from_db()
    assert (certificate.state, document_of(certificate)) == ("ready", certificate.sha256)
    assert Notification.objects.filter(kind="certificate_ready").count() == 1


@pytest.mark.parametrize("state", ["open", "dead"])
def test_a_drawing_that_is_still_open_or_has_died_is_not_told_every_night(
    country: Country, state: str
) -> None:
    she_completes_a_course(country)
    work_off()
    Certificate.objects.update(state="pending", issued_at=timezone.now() - timedelta(days=1))
    now = timezone.now()
    dead = {"dead_at": now, "attempts": ATTEMPTS_AT_MOST} if state == "dead" else {}
    later = now + timedelta(minutes=5)
    EventDelivery.objects.filter(handler="draw_certificate").update(done_at=None, due_at=later, **dead)
    assert services.tell_late(drawn_by="draw_certificate", at=now) == 0
    EventDelivery.objects.filter(handler="draw_certificate").update(done_at=now, dead_at=None)
    assert services.tell_late(drawn_by="draw_certificate", at=now) == 1


@pytest.mark.parametrize("loss", ["lost", "cut short"])
def test_a_document_that_the_storage_lost_or_cut_short_is_drawn_again_with_the_same_bytes(
    country: Country, loss: str
) -> None:
    certificate, kept = the_storage_loses_a_document(country), her_certificate_is_drawn(country)
    if loss == "cut short":
        storage.storage().put_object(Bucket=settings.STORAGE_BUCKET, Key=certificate.key, Body=b"%PDF-1.7")
    work_off()
    before = StoredEvent.objects.filter(topic="certificate_ready").count()
    tonight()
    again = Certificate.objects.get(pk=certificate.pk)
    assert (again.state, again.key, again.sha256) == ("ready", certificate.key, certificate.sha256)
    assert document_of(again) == certificate.sha256
    assert Certificate.objects.get(pk=kept.pk).ready_at == kept.ready_at
    assert StoredEvent.objects.filter(topic="certificate_ready").count() == before + 1
    she = again.enrolment.learner
    assert Notification.objects.filter(person=she, kind="certificate_ready").count() == 1, "told before"


def test_until_it_is_drawn_again_she_reads_that_it_is_being_drawn(country: Country) -> None:
    certificate = the_storage_loses_a_document(country)
    path, her = f"/api/v1/certificates/{certificate.uuid}/document", client_for(certificate.enrolment.learner)
    services.look_for_documents(first=certificate.uuid, last=certificate.uuid)
    assert her.get(path).json()["code"] == "document_not_ready"
    work_off()
    assert her.get(path).status_code == 302


def test_a_storage_that_does_not_answer_has_lost_nothing(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = her_certificate_is_drawn(country)
    work_off()
    monkeypatch.setattr(settings, "STORAGE_ENDPOINT", "http://127.0.0.1:1")
    tonight()
    delivery = EventDelivery.objects.get(handler="look_for_documents")
    assert (delivery.done_at, delivery.last_error.partition(" ")[0]) == (None, "StorageUnavailable")
    assert Certificate.objects.get(pk=certificate.pk).state == "ready"


def test_a_revoked_certificate_is_not_looked_for(country: Country) -> None:
    certificate = the_storage_loses_a_document(country)
    by = make_staff("province_admin", country.larache)
    services.revoke_certificate(certificate=certificate, by=by, reason="سبب", at=timezone.now())
    tonight()
    assert Certificate.objects.get(pk=certificate.pk).state == "revoked"


def test_documents_are_looked_for_a_portion_at_a_time_with_as_many_statements_for_one_as_for_three(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        her_certificate_is_drawn(country)
    for at_once, portions in ((2, 2), (3, 1)):
        monkeypatch.setattr(services, "LOOKED_FOR_AT_ONCE", at_once)
        with statements(2):
            assert services.ask_for_documents() == portions
    asked = StoredEvent.objects.filter(topic=DocumentsToLookFor.topic).order_by("id")
    spans = [DocumentsToLookFor.read(event.payload) for event in asked]
    certificates = [str(uuid) for uuid in Certificate.objects.order_by("uuid").values_list("uuid", flat=True)]
    first, second, third = certificates
    assert [(span.first_certificate, span.last_certificate) for span in spans] == [
        (first, second),
        (third, third),
        (first, third),
    ]
    for span in spans:
        with statements(1):
            lost = services.look_for_documents(first=span.first_certificate, last=span.last_certificate)
        assert lost == 0


def test_a_document_that_comes_back_damaged_is_stored_again(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, whole = she_completes_a_course(country), storage.read

    def cut_short(key: str) -> Iterator[bytes]:
        yield next(whole(key))[:-1]

    monkeypatch.setattr(storage, "read", cut_short)
    work_off()
    drawing = EventDelivery.objects.filter(handler="draw_certificate")
    assert drawing.get().last_error.partition(" ")[0] == "ObjectDamaged"
    assert Certificate.objects.get().state == "pending"
    monkeypatch.setattr(storage, "read", whole)
    drawing.update(due_at=timezone.now())
    work_off()
    certificate.refresh_from_db()
    assert (certificate.state, document_of(certificate)) == ("ready", certificate.sha256)


def test_who_is_forgotten_while_her_certificate_is_drawn_leaves_no_document(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, put = she_completes_a_course(country), storage.put_bytes

    def forgotten_meanwhile(*arguments: Any, **more: Any) -> None:
        put(*arguments, **more)
        Certificate.objects.all().delete()

    monkeypatch.setattr(storage, "put_bytes", forgotten_meanwhile)
    work_off()
    assert not EventDelivery.objects.filter(done_at=None).exists()
    with pytest.raises(storage.ObjectMissing):
        storage.size_of(f"certificates/{certificate.uuid}.pdf")


def test_the_tallies_are_counted_anew_and_the_wrong_cells_are_named(
    country: Country, caplog: pytest.LogCaptureFixture
) -> None:
    begin_learning(country)
    work_off()
    right = list(Tally.objects.values_list("stage", "count"))
    Tally.objects.update(count=9)
    with caplog.at_level(logging.INFO):
        run_job("tasks.reconcile_tallies")
        assert Finding.objects.get().numbers == {"wrong": 1}
        run_job("tasks.reconcile_tallies")
    assert Finding.objects.get().numbers == {"wrong": 0}
    assert list(Tally.objects.values_list("stage", "count")) == right
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "tasks.reports"]
    assert told == [
        ("WARNING", "tallies counted anew: 1 cells were wrong"),
        ("INFO", "tallies counted anew: 0 cells were wrong"),
    ]


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_of_ours_that_was_wrong_by_ten_years_loses_and_doubles_nothing(
    country: Country, caplog: pytest.LogCaptureFixture, years: int
) -> None:
    wrong = timezone.now() + timedelta(days=365 * years)
    with time_machine.travel(wrong, tick=False):
        learning = begin_learning(country)
        learning.complete()
        relay.expand(at=wrong)
        for name in relay.due_handlers(at=wrong):
            relay.claim(HANDLERS[name], 500, at=wrong)  # and the messages are lost
    if years > 0:
        assert relay.due_handlers(at=timezone.now() + timedelta(hours=1)) == []
    run_job("tasks.bury_forgotten")
    work_off()
    certificate = Certificate.objects.get(enrolment=learning.enrolment)
    assert (certificate.state, document_of(certificate)) == ("ready", certificate.sha256)
    assert Notification.objects.filter(kind="certificate_ready").count() == 1
    assert learning.fresh().completed_at == certificate.issued_at
    assert not EventDelivery.objects.filter(done_at=None).exists()
    called = any("a clock that was ahead" in message for message in caplog.messages)
    assert called is (years > 0)


def test_a_delivery_whose_handler_no_release_knows_is_seen_by_operators_after_a_day(
    country: Country, caplog: pytest.LogCaptureFixture
) -> None:
    she_completes_a_course(country)
    work_off()
    EventDelivery.objects.filter(handler="draw_certificate").update(handler="draw_diploma", done_at=None)
    forgotten = EventDelivery.objects.filter(handler="draw_diploma")
    run_job("tasks.bury_forgotten")
    assert forgotten.filter(dead_at=None).exists(), "a day has not gone by"
    forgotten.update(due_at=timezone.now() - timedelta(days=1, minutes=1))
    run_job("tasks.bury_forgotten")
    assert "deliveries that no handler knew: 1" in caplog.messages
    operator = client_for(make_staff("operator", country.ministry))
    [dead] = operator.get("/api/v1/operations/events?state=dead").json()["results"]
    assert (dead["handler"], dead["last_error"]) == ("draw_diploma", "no handler of this name")
