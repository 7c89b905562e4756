"""Planted everywhere, asked for, erased, and then looked for in every table, in the storage and in the log."""

import logging
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from learners.attempts.models import Attempt
from learners.certificates.models import Certificate, VerificationLink
from learners.enrolments.models import Enrolment
from learners.reports.models import Tally
from lms.accounts.models import Identity, Person
from lms.audit.services import record_look
from lms.organisations.models import Membership
from lms.registrations.models import Registration
from lms.sign_in.models import AuthEvent, Session
from lms.sign_in.sessions import Device, start_session
from tests.cast import Country, make_person, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.outbox import work_off

CANARY = "كناريسة"
PHONE = "0698765432"
DEVICE = "canary-phone"


@pytest.fixture
def learning(country: Country) -> Learning:
    """A woman with something of hers in every table that can hold it."""
    learning = begin_learning(country, first_name=CANARY, family_name="المحجوبية", phone=PHONE)
    her = learning.enrolment.learner
    learning.client.patch("/api/v1/me", {"printed_name": f"{CANARY} المطبوعة"}, format="json")
    learning.finish_texts()
    learning.take_quiz()
    event = learning.event(learning.texts[0], verb="opened")
    learning.client.post("/api/v1/progress/events", {"device": DEVICE, "events": [event]}, format="json")
    Attempt.objects.update(answers={"q": {"text": CANARY}})
    work_off()
    start_session(person=her, device=Device(name=DEVICE), at=timezone.now())
    Registration.objects.create(
        person=her,
        organisation=country.larache_centre,
        consent_version="1",
        consent_at=timezone.now(),
        reason=CANARY,
    )
    AuthEvent.objects.create(person=her, kind="sign_in")
    learning.client.put("/api/v1/notification-preferences", {"nudge": {"in_app": False}}, format="json")
    return learning


def everything() -> str:
    """Every row of every table, as PostgreSQL writes it."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        rows: list[str] = []
        for table in sorted(tables):
            cursor.execute(f"SELECT '{table} ' || t::text FROM {table} AS t")  # noqa: S608  # our own tables
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def forget(person: Person) -> None:
    call_command("erase_person", str(person.uuid), reason="written request 12/2026", stdout=StringIO())


def test_what_was_planted_is_nowhere_afterwards(learning: Learning, caplog: pytest.LogCaptureFixture) -> None:
    her = Person.objects.select_related("identity").get(pk=learning.enrolment.learner_id)
    certificate = Certificate.objects.get()
    secrets = {
        "name": CANARY,
        "device": DEVICE,
        "uuid": str(her.uuid),
        "pseudonym": her.pseudonym,
        "sealed names": bytes(her.identity.names).hex(),
        "phone index": bytes(her.identity.phone_index or b"").hex(),
        "sealed facts": bytes(certificate.facts).hex(),
        "code": VerificationLink.objects.get().code,
    }
    planted = everything()
    assert [name for name, secret in secrets.items() if secret not in planted] == []
    with caplog.at_level(logging.DEBUG):
        forget(her)
        work_off()
    left = everything().replace(
        f"certificates/{certificate.uuid}.pdf", "", 1
    )  # the worker's order, pruned later
    assert [name for name, secret in secrets.items() if secret in left] == []
    assert not default_storage.exists(certificate.key)
    assert [name for name, secret in secrets.items() if secret in caplog.text] == []


def test_counts_go_on_without_her(learning: Learning) -> None:
    before = list(Tally.objects.order_by("pk").values("stage", "count"))
    forget(learning.enrolment.learner)
    work_off()
    assert list(Tally.objects.order_by("pk").values("stage", "count")) == before
    assert Enrolment.objects.get().state == "completed"


def test_her_door_is_closed_and_her_certificate_unknown(learning: Learning, client: Any) -> None:
    code = VerificationLink.objects.get().code
    forget(learning.enrolment.learner)
    assert learning.client.get("/api/v1/me").status_code == 401
    assert client.get(f"/api/v1/verify/{code}").json() == {"status": "unknown"}
    assert not Session.objects.filter(person=learning.enrolment.learner).exists()
    assert not Identity.objects.filter(person=learning.enrolment.learner).exists()


def test_forgetting_touches_nobody_else(learning: Learning, country: Country) -> None:
    other = begin_learning(country)
    other.complete()
    work_off()
    forget(learning.enrolment.learner)
    work_off()
    assert Identity.objects.filter(person=other.enrolment.learner).exists()
    assert other.client.get("/api/v1/me").status_code == 200
    assert default_storage.exists(other.enrolment.certificates.get().key)


def test_whoever_holds_a_role_is_not_forgotten_until_it_ended(country: Country) -> None:
    staff = make_staff("facilitator", country.larache_centre)
    with pytest.raises(CommandError, match="holds a role"):
        forget(staff)
    assert Identity.objects.filter(person=staff).exists()
    Membership.objects.filter(person=staff).update(until_date=timezone.localdate() - timedelta(days=1))
    forget(staff)
    assert not Identity.objects.filter(person=staff).exists()


@pytest.mark.django_db
def test_nobody_and_someone_forgotten_are_refused() -> None:
    with pytest.raises(CommandError, match="no such person"):
        call_command("erase_person", str(uuid.uuid4()), reason="x")
    her = make_person()
    forget(her)
    with pytest.raises(CommandError, match="forgotten already"):
        forget(her)


def test_she_is_given_all_that_is_kept_and_who_looked(learning: Learning, country: Country) -> None:
    her = learning.enrolment.learner
    viewer = make_staff("centre_admin", country.larache_centre)
    record_look(viewer=viewer, people=[her.pk], surface="people", at=timezone.now(), reason="لقاء")
    given = learning.client.get("/api/v1/me/data").json()
    assert CANARY in given["identity"]["names"]
    assert given["identity"]["phone"].endswith(PHONE[1:])
    assert [row["course"] for row in given["held"]["enrolment"]] == [learning.course.slug]
    assert given["held"]["certificate"][0]["serial"] == Certificate.objects.get().serial
    assert {row["device"] for row in given["held"]["progress_event"]} == {"هاتف", DEVICE}
    assert [(look["surface"], look["reason"]) for look in given["looks"]] == [("people", "لقاء")]
    assert any(CANARY in str(row["answers"]) for row in given["held"]["attempt"])
