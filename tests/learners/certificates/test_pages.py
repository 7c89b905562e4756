"""Her certificates, and what a stranger with a phone learns from one."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from learners.certificates.models import Certificate, CertificateState, VerificationLink
from learners.certificates.services import revoke_certificate
from lms.audit.models import ChangeEntry
from tests.cast import Country, browser_for, make_person, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.outbox import work_off
from tests.statements import statements


@pytest.fixture
def done(learning: Learning) -> Learning:
    learning.complete()
    return learning


def certificate_of(learning: Learning) -> Certificate:
    return Certificate.objects.select_related("enrolment__verification").get(enrolment=learning.enrolment)


def her_page(learning: Learning) -> str:
    return browser_for(learning.alice).get("/my/certificates").content.decode()


def link_of(learning: Learning) -> str:
    certificate = certificate_of(learning)
    return f"/v/{certificate.enrolment.verification.code}?s={certificate.serial}"


def strangers_page(path: str, language: str = "ar") -> str:
    return Client().get(path, headers={"Accept-Language": language}).content.decode()


def verdict(html: str) -> tuple[str, str]:
    """The tone and the words of the large verdict."""
    [(tone, words)] = re.findall(r'<h1 class="verdict (\w+)">(.*?)</h1>', html, re.DOTALL)
    return tone, re.sub(r"<[^>]+>", "", words).strip()


# Hers


def test_before_the_first_certificate_the_page_says_how_to_come_by_one(learning: Learning) -> None:
    html = her_page(learning)
    assert "هنا تجدين شهادتكِ حين تُتمّين دورة." in html
    assert 'href="/my/courses"' in html


def test_a_certificate_on_its_way_says_what_is_waited_for_and_opens_nothing(done: Learning) -> None:
    html = her_page(done)
    assert "نُعدّ شهادتكِ الآن." in html
    assert 'class="button" href="/my/certificates"' in html
    assert "/document" not in html
    address = f"/my/certificates/{certificate_of(done).uuid}/document"
    assert browser_for(done.alice).get(address)["Location"] == "/my/certificates"


def test_a_ready_certificate_opens_its_document_and_gives_its_link(done: Learning) -> None:
    work_off()
    certificate = certificate_of(done)
    html = her_page(done)
    assert f'href="/my/certificates/{certificate.uuid}/document"' in html
    assert link_of(done) in html
    assert '<svg viewBox="0 0' in html
    assert "فاطمة الاختبارية" in html
    location = browser_for(done.alice).get(f"/my/certificates/{certificate.uuid}/document")["Location"]
    assert "X-Amz-Expires=300" in location
    assert certificate.key in location


def test_a_certificate_taken_back_is_said_plainly_and_opens_nothing(done: Learning, country: Country) -> None:
    work_off()
    by = make_staff("province_admin", country.larache)
    revoke_certificate(certificate=certificate_of(done), by=by, reason="خطأ", at=timezone.now())
    html = her_page(done)
    assert "سُحبت هذه الشهادة يوم" in html
    assert "/document" not in html
    assert "خطأ" not in html


def test_a_confidential_womans_certificate_is_checked_by_nobody_until_she_allows_it(country: Country) -> None:
    learning = begin_learning(country, home=country.shelter)
    learning.complete()
    html = her_page(learning)
    assert "لا أحد غيركِ" in html
    assert "/v/" not in html
    assert "<svg viewBox" not in html
    assert verdict(strangers_page(link_of(learning)))[0] == "refusal"

    choice = f"/my/certificates/{certificate_of(learning).uuid}/check"
    for _press in range(2):
        answer = browser_for(learning.alice).post(choice, {"public": "on"})
        assert (answer.status_code, answer["Location"]) == (303, "/my/certificates")
    strangers = strangers_page(link_of(learning))
    assert verdict(strangers)[0] == "done"
    assert "فاطمة" not in strangers
    assert link_of(learning) in her_page(learning)
    assert ChangeEntry.objects.get(verb="certificate.choose_check").fields == ["public", "shows_name"]


def test_nobody_else_opens_or_closes_the_check(done: Learning, country: Country) -> None:
    choice = f"/my/certificates/{certificate_of(done).uuid}/check"
    for other in (
        make_person(home=country.larache_centre),
        make_staff("centre_admin", country.larache_centre),
    ):
        assert browser_for(other).post(choice).status_code == 404
    assert Client().post(choice)["Location"].startswith("/sign-in?next=")
    assert verdict(strangers_page(link_of(done)))[0] == "done"


def test_certificates_of_others_are_not_there(done: Learning, country: Country) -> None:
    work_off()
    address = f"/my/certificates/{certificate_of(done).uuid}/document"
    for other in (
        make_person(home=country.larache_centre),
        make_staff("centre_admin", country.larache_centre),
    ):
        browser = browser_for(other)
        assert browser.get(address).status_code == 404
        assert "JSR-" not in browser.get("/my/certificates").content.decode()
    for path in (address, "/my/certificates"):
        assert Client().get(path)["Location"].startswith("/sign-in?next=")


# A stranger's


def test_a_stranger_sees_that_it_is_valid_and_what_the_holder_shows(done: Learning) -> None:
    html = strangers_page(link_of(done))
    assert verdict(html) == ("done", "هذه الشهادة صالحة")
    assert "فاطمة الاختبارية" in html
    assert certificate_of(done).serial in html
    assert "نموذج" in html
    assert "SPÉCIMEN" in html
    assert re.search(r"<dd>\d{1,2} [ء-ي]+ 20\d\d</dd>", html)
    assert 'name="robots" content="noindex"' in html


def test_nothing_on_it_leads_to_her_centre_or_her(done: Learning, country: Country) -> None:
    html = strangers_page(link_of(done))
    for secret in ("larache", str(done.alice.uuid), done.alice.pseudonym, str(done.enrolment.uuid)):
        assert secret not in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Cette attestation est valable"),
        ("en", "This certificate is valid"),
        ("de", "هذه الشهادة صالحة"),
    ],
)
def test_it_speaks_the_strangers_language(done: Learning, language: str, words: str) -> None:
    assert verdict(strangers_page(link_of(done), language)) == ("done", words)


def test_a_name_she_does_not_show_is_not_there(done: Learning) -> None:
    VerificationLink.objects.update(shows_name=False)
    html = strangers_page(link_of(done))
    assert "فاطمة" not in html
    assert "اختارت صاحبة الشهادة ألا يظهر اسمها" in html


def test_each_state_has_its_word_and_its_tone(done: Learning, country: Country) -> None:
    work_off()
    path = link_of(done)
    for state, said in (
        (CertificateState.SUPERSEDED, ("almost", "حلّت محلها وثيقة أحدث")),
        (CertificateState.EXPIRED, ("almost", "انتهت مدة هذه الشهادة")),
    ):
        Certificate.objects.update(state=state)
        assert verdict(strangers_page(path)) == said
    Certificate.objects.update(state=CertificateState.READY)
    by = make_staff("province_admin", country.larache)
    revoke_certificate(certificate=certificate_of(done), by=by, reason="خطأ", at=timezone.now())
    html = strangers_page(path)
    assert verdict(html) == ("refusal", "سُحبت هذه الشهادة")
    assert "ولم تعد تُثبت شيئا" in html
    assert "خطأ" not in html


def test_what_never_was_a_changed_serial_and_a_closed_link_look_alike(done: Learning) -> None:
    path = link_of(done)
    code = path[3:23]
    never = strangers_page(f"/v/{'0' * 20}?s=x")
    changed = strangers_page(path.replace("JSR-", "JSX-"))
    VerificationLink.objects.update(public=False)
    closed = strangers_page(path)
    main = [html.partition("<main")[2].replace(code, "") for html in (never, changed, closed)]
    assert verdict(never) == ("refusal", "لا نعرف هذه الشهادة")
    assert main[0] == main[1] == main[2]


def test_the_pages_ask_the_database_a_bounded_number_of_times(done: Learning) -> None:
    browser, path = browser_for(done.alice), link_of(done)
    with statements(2):
        browser.get("/my/certificates")
    with statements(2):
        Client().get(path)
