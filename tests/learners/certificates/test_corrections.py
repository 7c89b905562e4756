"""A correction: a new document under the same link, and the old one says that it was replaced."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader

from learners.certificates.models import Certificate, VerificationLink
from learners.certificates.services import facts_of
from learners.notifications.models import Notification
from lms.accounts.models import Person
from lms.audit.models import ChangeEntry
from lms.events.models import StoredEvent
from tests.cast import Country, client_for, make_staff
from tests.learners.learning import Learning
from tests.outbox import work_off
from tests.races.racing import at_once

NEW_NAME = "فاطمة الزهراء الاختبارية"


@pytest.fixture
def old(learning: Learning) -> Certificate:
    learning.complete()
    work_off()
    return Certificate.objects.get(enrolment=learning.enrolment)


@pytest.fixture
def centre_admin(country: Country) -> Person:
    return make_staff("centre_admin", country.larache_centre)


def ask(by: Person, certificate: Certificate, reason: str = "كُتب الاسم خطأ") -> Any:
    return client_for(by).post(
        f"/api/v1/certificates/{certificate.uuid}/correct", {"reason": reason}, format="json"
    )


def rename(learning: Learning) -> None:
    changed = learning.client.patch("/api/v1/me", {"printed_name": NEW_NAME}, format="json")
    assert changed.status_code == 200


def verdict(learning: Learning, serial: str = "") -> dict[str, Any]:
    code = VerificationLink.objects.get(enrolment=learning.enrolment).code
    said: dict[str, Any] = learning.client.get(f"/api/v1/verify/{code}", {"serial": serial}).json()
    return said


def test_the_link_leads_to_the_new_document_and_the_old_serial_says_it_was_replaced(
    learning: Learning, old: Certificate, centre_admin: Person
) -> None:
    rename(learning)
    answer = ask(centre_admin, old)
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    new = Certificate.objects.get(uuid=answer.json()["id"])
    old.refresh_from_db()
    assert (old.state, old.superseded_by, old.key != "") == ("superseded", new, True)
    assert verdict(learning)["name"] == NEW_NAME
    assert verdict(learning, old.serial)["status"] == "superseded"
    assert verdict(learning, new.serial)["status"] == "valid"


def test_only_her_name_serial_and_day_of_issue_are_new(
    learning: Learning, old: Certificate, centre_admin: Person
) -> None:
    rename(learning)
    ask(centre_admin, old)
    old.refresh_from_db()
    before, after = facts_of(old).to_json(), facts_of(old.superseded_by).to_json()  # type: ignore[arg-type]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"name", "serial", "issued_at", "verification_url"}
    assert before["verification_url"].partition("?")[0] == after["verification_url"].partition("?")[0]


def test_the_worker_draws_it_and_tells_her_once(
    learning: Learning, old: Certificate, centre_admin: Person
) -> None:
    rename(learning)
    ask(centre_admin, old)
    work_off()
    new = Certificate.objects.get(enrolment=learning.enrolment, state="ready")
    with default_storage.open(new.key) as file:
        metadata = PdfReader(BytesIO(file.read())).metadata
    assert NEW_NAME in str(metadata)
    told = Notification.objects.filter(person=learning.enrolment.learner, kind="course_completed")
    assert told.count() == 1
    change = ChangeEntry.objects.get(verb="certificate.correct")
    assert (change.subject, change.fields) == (f"certificate:{old.serial}", ["name"])


@pytest.mark.parametrize(
    ("state", "reason", "renamed", "expected"),
    [
        ("ready", "  ", True, (422, "reason_needed")),
        ("ready", "سبب", False, (409, "nothing_to_correct")),
        ("superseded", "سبب", True, (409, "certificate_not_live")),
        ("expired", "سبب", True, (409, "certificate_not_live")),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_stays(
    learning: Learning,
    old: Certificate,
    centre_admin: Person,
    state: str,
    reason: str,
    renamed: bool,
    expected: tuple[int, str],
) -> None:
    if renamed:
        rename(learning)
    Certificate.objects.filter(pk=old.pk).update(state=state)
    answer = ask(centre_admin, old, reason)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert Certificate.objects.get().state == state


def test_a_neighbouring_centre_corrects_nothing(
    learning: Learning, old: Certificate, country: Country
) -> None:
    rename(learning)
    assert ask(make_staff("centre_admin", country.ksar_centre), old).status_code == 404
    assert ask(make_staff("facilitator", country.larache_centre), old).status_code == 403
    assert Certificate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_make_one(learning: Learning, country: Country) -> None:
    learning.complete()
    rename(learning)
    [old] = Certificate.objects.all()
    one, other = (make_staff("centre_admin", country.larache_centre) for _ in range(2))
    answers = at_once(lambda: ask(one, old), lambda: ask(other, old))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Certificate.objects.live().count() == 1
    assert StoredEvent.objects.filter(topic="certificate_corrected").count() == 1
