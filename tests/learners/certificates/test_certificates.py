"""A certificate: born with its completion, drawn by a worker, checked by a stranger, revoked in the open."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pypdf import PdfReader

from learners.certificates import services
from learners.certificates.models import Certificate, VerificationLink
from learners.certificates.serials import with_check_digits
from learners.enrolments.models import Enrolment
from lms.audit.models import AccessEntry
from tests.cast import Country, client_for, make_person, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.outbox import work_off


@pytest.fixture
def certificate(learning: Learning) -> Certificate:
    learning.complete()
    return Certificate.objects.get(enrolment=learning.enrolment)


def verify(learning: Learning, certificate: Certificate, serial: str | None = None) -> dict[str, object]:
    code = VerificationLink.objects.get(enrolment=certificate.enrolment).code
    said: dict[str, object] = learning.client.get(
        f"/api/v1/verify/{code}", {"serial": certificate.serial if serial is None else serial}
    ).json()
    return said


def test_a_worker_draws_it_with_her_name_and_serial(certificate: Certificate) -> None:
    work_off()
    certificate.refresh_from_db()
    assert certificate.state == "ready"
    with default_storage.open(certificate.key) as file:
        metadata = PdfReader(BytesIO(file.read())).metadata
    assert metadata is not None
    assert "فاطمة الاختبارية" in str(metadata.title)
    assert certificate.serial in str(metadata)


def test_drawing_twice_leaves_one_object_and_the_same_bytes(certificate: Certificate) -> None:
    for _ in range(2):
        services.draw_certificate(certificate_id=certificate.pk, at=timezone.now())
        Certificate.objects.filter(pk=certificate.pk, sha256="").update()
    certificate.refresh_from_db()
    first = certificate.sha256
    Certificate.objects.filter(pk=certificate.pk).update(state="pending")
    services.draw_certificate(certificate_id=certificate.pk, at=timezone.now())
    certificate.refresh_from_db()
    assert certificate.sha256 == first
    assert default_storage.listdir("certificates")[1].count(f"{certificate.uuid}.pdf") == 1


def test_a_pending_one_is_already_valid(learning: Learning, certificate: Certificate) -> None:
    said = verify(learning, certificate)
    assert (said["status"], said["name"], said["serial"]) == ("valid", "فاطمة الاختبارية", certificate.serial)
    assert said["specimen"] is True


def test_a_tampered_code_or_serial_is_unknown(learning: Learning, certificate: Certificate) -> None:
    assert verify(learning, certificate, "JSR-2026-999999-00") == {"status": "unknown"}
    assert learning.client.get("/api/v1/verify/NOSUCHCODE").json() == {"status": "unknown"}


def test_without_serial_the_newest_document_answers(learning: Learning, certificate: Certificate) -> None:
    assert verify(learning, certificate, "")["serial"] == certificate.serial


def test_verification_says_nothing_of_her_centre(learning: Learning, certificate: Certificate) -> None:
    said = str(verify(learning, certificate))
    assert "larache-centre" not in said
    assert str(learning.alice.uuid) not in said


def test_a_woman_of_a_confidential_centre_stays_unknown_until_she_says_so(country: Country) -> None:
    learning = begin_learning(country, home=country.shelter)
    learning.complete()
    certificate = Certificate.objects.get(enrolment=learning.enrolment)
    assert verify(learning, certificate) == {"status": "unknown"}
    VerificationLink.objects.update(public=True)
    assert verify(learning, certificate)["status"] == "valid"


def test_a_revocation_shows_and_deletes_nothing(
    learning: Learning, certificate: Certificate, country: Country
) -> None:
    admin = client_for(make_staff("province_admin", country.larache))
    path = f"/api/v1/certificates/{certificate.uuid}/revoke"
    assert admin.post(path, {"reason": " "}, format="json").json()["code"] == "reason_needed"
    for _ in range(2):
        assert admin.post(path, {"reason": "سُلّمت خطأ"}, format="json").status_code == 200
    assert verify(learning, certificate)["status"] == "revoked"
    assert Certificate.objects.filter(pk=certificate.pk).exists()


def test_a_neighbour_cannot_revoke_it_or_see_it(certificate: Certificate, country: Country) -> None:
    neighbour = client_for(make_staff("province_admin", country.tetouan))
    path = f"/api/v1/certificates/{certificate.uuid}"
    assert neighbour.get(path).status_code == 404
    assert neighbour.post(f"{path}/revoke", {"reason": "x"}, format="json").status_code == 404


def test_the_document_opens_for_her_and_her_centre_only(
    learning: Learning, certificate: Certificate, country: Country
) -> None:
    path = f"/api/v1/certificates/{certificate.uuid}/document"
    assert learning.client.get(path).json()["code"] == "document_not_ready"
    work_off()
    assert learning.client.get(path).status_code == 302
    assert client_for(make_staff("centre_admin", country.larache_centre)).get(path).status_code == 302
    province = client_for(make_staff("province_admin", country.larache)).get(path)
    assert (province.status_code, province.json()["code"]) == (403, "document_of_her_centre_only")
    assert client_for(make_person(home=country.larache_centre)).get(path).status_code == 404


def test_for_a_printer_that_has_only_black_it_is_drawn_at_once(
    learning: Learning, certificate: Certificate
) -> None:
    path = f"/api/v1/certificates/{certificate.uuid}/document?design="
    assert learning.client.get(f"{path}ink").json()["code"] == "document_not_ready"
    work_off()
    answer = learning.client.get(f"{path}ink")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert certificate.serial in str(PdfReader(BytesIO(answer.content)).metadata)
    assert 'filename="document.pdf"' in answer["Content-Disposition"]
    [wrong] = learning.client.get(f"{path}gold").json()["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/design", "design_unknown")


def test_staff_who_open_a_document_are_recorded_and_she_is_not(
    learning: Learning, certificate: Certificate, country: Country
) -> None:
    work_off()
    path, staff = f"/api/v1/certificates/{certificate.uuid}/document", country.larache_centre
    learning.client.get(path)
    assert not AccessEntry.objects.exists()
    for design in ("colour", "ink"):
        client_for(make_staff("centre_admin", staff)).get(path, {"design": design})
    seen = AccessEntry.objects.values_list("people", "surface")
    assert list(seen) == [([learning.alice.pk], "certificate.document")] * 2


def test_the_reconciler_repairs_a_completion_without_certificate(learning: Learning) -> None:
    now = timezone.now()
    Enrolment.objects.filter(pk=learning.enrolment.pk).update(
        state="completed",
        percent=100,
        completed_at=now,
        completed_publication=learning.enrolment.publication_id,
    )
    assert services.reconcile_certificates(at=now)["missing"] == 1
    assert services.reconcile_certificates(at=now)["missing"] == 0
    assert Certificate.objects.filter(enrolment=learning.enrolment).count() == 1


def test_the_reconciler_does_not_undo_a_revocation(certificate: Certificate, country: Country) -> None:
    services.revoke_certificate(certificate=certificate, by=make_person(), reason="سبب", at=timezone.now())
    assert services.reconcile_certificates(at=timezone.now())["missing"] == 0


def test_the_check_digits_catch_a_slip_of_the_pen() -> None:
    right = with_check_digits(2026, 123)
    assert right.startswith("JSR-2026-000123-")
    assert with_check_digits(2026, 132)[-2:] != right[-2:]
    assert int(right.replace("JSR", "").replace("-", "")) % 97 == 1
