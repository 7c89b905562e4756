"""The operations page: what waits, what was given up and a new life for it, the night's numbers, the storage."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from learners.certificates.models import Certificate
from learners.imports.models import Import
from learners.notifications.models import NotificationDelivery, NotificationKind
from learners.operations.presenting import MESSAGE_WORDS, QUEUE_WORDS, STORED_WORDS
from learners.operations.queries import stored
from lms.accounts.models import Identity, Person
from lms.accounts.queries import names_of
from lms.audit.models import ChangeEntry
from lms.events.models import EventDelivery, StoredEvent
from lms.files.models import Purpose, StoredFile, Upload
from lms.operations.models import Finding
from lms.operations.queues import QUEUES
from tests.cast import Country, make_staff, token_for
from tests.learners.deliveries.telling import delivery_of, fate
from tests.learners.learning import begin_learning
from tests.learners.operations.trouble import drawing_given_up, last_night, message_failed
from tests.lms.messages.servers import Gateway, accepted
from tests.outbox import work_off
from tests.servers import BreakableServers
from tests.statements import statements
from tests.tasks.jobs import run_job
from tests.tasks.stories import completed_without_certificate, her_certificate_is_drawn

ALL_IS_WELL = "All is well."


def browser_of(person: Person, *, strict: bool = False) -> Client:
    browser = Client(enforce_csrf_checks=strict)
    browser.cookies[settings.SESSION_COOKIE] = token_for(person)
    browser.cookies["language"] = "en"
    return browser


@pytest.fixture
def operator(country: Country) -> Client:
    return browser_of(make_staff("operator", country.ministry))


def read(browser: Client, path: str = "/operations") -> str:
    """The words of a page, without its tags."""
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]).split())


def press(browser: Client, kind: str, thing: Any, **fields: str) -> Any:
    return browser.post(f"/operations/{kind}/{thing.uuid}/replay", fields)


def test_on_a_quiet_day_all_is_well_and_every_part_is_shown(operator: Client) -> None:
    last_night()
    page = read(operator)
    assert ALL_IS_WELL in page
    assert "Open deliveries 0 The oldest of them None." in page
    with override("en"):
        assert all(f"{word} 0" in page for word in QUEUE_WORDS.values())
        assert all(f"{word} 0 –" in page for word in STORED_WORDS.values())
    assert "Deliveries given up (0) None." in page
    assert "Messages that failed (0) None." in page
    assert "It answers." in page


def test_before_the_first_night_nothing_was_counted_and_the_page_says_so(operator: Client) -> None:
    page = read(operator)
    assert page.count("– Never yet") == 3
    assert "Not everything was counted last night." in page
    assert ALL_IS_WELL not in page


def test_the_jobs_keep_what_they_found_and_the_page_shows_it_with_its_moment(
    operator: Client, country: Country
) -> None:
    completed_without_certificate(begin_learning(country).enrolment)
    run_job("tasks.reconcile_certificates")
    run_job("tasks.reconcile_tallies")
    page = read(operator)
    moment = r"\d{1,2} \w+ \d{4} at \d\d:\d\d"
    assert re.search(rf"Completed without a certificate 1 {moment} Certificate without a completion 0", page)
    assert re.search(rf"Figures of reports that were wrong \d+ {moment}", page)
    assert "The last night’s numbers are not all zero." in page
    run_job("tasks.reconcile_certificates")
    assert "Completed without a certificate 0" in read(operator)
    assert Finding.objects.count() == 2


@pytest.mark.parametrize("number", ["missing", "orphaned", "wrong"])
def test_each_number_of_the_night_above_zero_is_a_concern(operator: Client, number: str) -> None:
    last_night(**{number: 7})
    page = read(operator)
    assert "The last night’s numbers are not all zero." in page
    assert " 7 " in page


def test_a_night_without_counting_is_named(operator: Client) -> None:
    last_night(at=timezone.now() - timedelta(hours=25))
    assert ALL_IS_WELL in read(operator)
    last_night(at=timezone.now() - timedelta(hours=27))
    page = read(operator)
    assert page.count("Not last night") == 3
    assert "Not everything was counted last night." in page


def test_the_oldest_open_delivery_is_shown_and_after_five_minutes_a_concern(operator: Client) -> None:
    last_night()
    at = timezone.now()
    for minutes, handler in ((4, "tell_her"), (3, "draw_certificate")):
        fact = StoredEvent.objects.create(
            topic="x", key="x", payload={}, created_at=at - timedelta(minutes=minutes), expanded_at=at
        )
        EventDelivery.objects.create(event=fact, handler=handler, due_at=at, last_error="OSError in put:9")
    page = read(operator)
    assert re.search(r"Open deliveries 2 The oldest of them .+ · tell_her · OSError in put:9", page)
    assert ALL_IS_WELL in page
    StoredEvent.objects.update(created_at=at - timedelta(minutes=6))
    assert "A delivery has been open for more than five minutes." in read(operator)


def test_facts_that_no_relay_takes_up_are_a_concern(operator: Client) -> None:
    last_night()
    fact = StoredEvent.objects.create(topic="x", key="x", payload={})
    assert "Facts not yet taken up 1 · since" in read(operator)
    assert ALL_IS_WELL in read(operator)
    StoredEvent.objects.filter(pk=fact.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    assert "New facts are not taken up: does the relay run?" in read(operator)


def test_a_delivery_given_up_says_what_failed_and_replayed_it_is_done(
    operator: Client, country: Country
) -> None:
    certificate, delivery = drawing_given_up(country)
    page = read(operator)
    assert "Deliveries given up: 1" in page
    assert "draw_certificate course_completed · Attempts: 15" in page
    assert "StorageUnavailable in put_bytes:137" in page
    for _ in range(2):
        answer = press(operator, "deliveries", delivery)
        assert (answer.status_code, answer["Location"]) == (303, "/operations?replayed")
    assert "It is due again." in read(operator, answer["Location"])
    work_off()
    assert Certificate.objects.get(pk=certificate.pk).state == "ready"
    assert "Deliveries given up (0)" in read(operator)
    assert ChangeEntry.objects.filter(verb="delivery.replay").count() == 1


def test_a_failed_message_says_which_kind_and_replayed_it_goes(
    operator: Client, country: Country, gateway: Gateway
) -> None:
    she, message = message_failed(country)
    page = read(operator)
    assert "Messages that failed: 1" in page
    assert "Registration confirmed SMS · Attempts: 12" in page
    assert "http 400" in page
    gateway.answers = [accepted()]
    answer = press(operator, "messages", message, back="failed-messages")
    assert (answer.status_code, answer["Location"]) == (303, "/operations/messages?replayed")
    assert delivery_of(she).state == "waiting"
    work_off()
    assert fate(she)["sms"][0] == "delivered"
    assert ChangeEntry.objects.filter(verb="message.replay").count() == 1


def test_a_message_that_may_have_arrived_says_so(operator: Client, country: Country) -> None:
    _she, message = message_failed(country)
    assert "It may have arrived already." not in read(operator)
    NotificationDelivery.objects.filter(pk=message.pk).update(doubts=1)
    assert "It may have arrived already." in read(operator)
    assert "It may have arrived already." in read(operator, "/operations/messages")


def test_a_replay_leads_back_to_a_page_of_ours_only(operator: Client, country: Country) -> None:
    _certificate, delivery = drawing_given_up(country)
    for back in ("", "https://elsewhere.example", "//elsewhere.example", "account"):
        assert press(operator, "deliveries", delivery, back=back)["Location"] == "/operations?replayed"
    answer = press(operator, "deliveries", delivery, back="dead-deliveries")
    assert answer["Location"] == "/operations/deliveries?replayed"


def test_what_does_not_exist_cannot_be_replayed(operator: Client, country: Country) -> None:
    _she, message = message_failed(country)
    _certificate, delivery = drawing_given_up(country)
    assert press(operator, "deliveries", message).status_code == 404
    assert press(operator, "messages", delivery).status_code == 404
    assert operator.get(f"/operations/messages/{message.uuid}/replay").status_code == 405


def test_without_the_form_s_token_nothing_is_replayed(country: Country) -> None:
    _certificate, delivery = drawing_given_up(country)
    strict = browser_of(make_staff("operator", country.ministry), strict=True)
    assert press(strict, "deliveries", delivery).status_code == 403
    assert EventDelivery.objects.get(pk=delivery.pk).dead_at
    page = strict.get("/operations").content.decode()
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert press(strict, "deliveries", delivery, csrfmiddlewaretoken=token).status_code == 303
    assert not EventDelivery.objects.get(pk=delivery.pk).dead_at


def test_only_operators_see_it_or_replay_and_only_they_are_led_there(country: Country) -> None:
    _certificate, delivery = drawing_given_up(country)
    _she, message = message_failed(country)
    assert (
        'href="/operations"' in browser_of(make_staff("operator", country.ministry)).get("/").content.decode()
    )
    for role in ("ministry_admin", "auditor", "centre_admin", "trainer"):
        other = browser_of(make_staff(role, country.ministry))
        assert 'href="/operations"' not in other.get("/").content.decode()
        for path in ("", "/deliveries", "/messages"):
            assert other.get(f"/operations{path}").status_code == 403
        assert press(other, "deliveries", delivery).status_code == 403
        assert press(other, "messages", message).status_code == 403
    assert Client().get("/operations").status_code == 302
    assert EventDelivery.objects.get(pk=delivery.pk).dead_at
    assert NotificationDelivery.objects.get(pk=message.pk).state == "failed"


def test_nothing_on_it_leads_to_a_person(operator: Client, country: Country) -> None:
    she, _message = message_failed(country)
    certificate, _delivery = drawing_given_up(country)
    learner = certificate.enrolment.learner
    hers = [certificate.serial, str(certificate.uuid), f"enrolment:{certificate.enrolment_id}"]
    for person in (she, learner):
        names = names_of(person)
        hers += [str(person.uuid), person.pseudonym, names.first, names.family]
    number = Identity.objects.get(person=she).read("phone")
    hers += [number, number[-9:]]
    assert all(hers)
    for path in ("", "/deliveries", "/messages"):
        page = operator.get(f"/operations{path}").content.decode()
        assert not [secret for secret in hers if secret in page]


def test_the_page_shows_the_newest_ten_and_leads_to_all_of_them(operator: Client, country: Country) -> None:
    fact = StoredEvent.objects.create(topic="x", key="x", payload={}, expanded_at=timezone.now())
    EventDelivery.objects.bulk_create(
        EventDelivery(event=fact, handler=f"handler_{number:02}", dead_at=timezone.now())
        for number in range(51)
    )
    page = operator.get("/operations").content.decode()
    shown = set(re.findall(r"handler_\d\d", page))
    assert shown == {f"handler_{number}" for number in range(41, 51)}
    assert 'href="/operations/deliveries"' in page
    assert 'href="/operations/messages"' not in page
    first = operator.get("/operations/deliveries").content.decode()
    [more] = re.findall(r'href="([^"]*cursor=[^"]*)"', first)
    rest = operator.get(more.replace("&amp;", "&")).content.decode()
    assert set(re.findall(r"handler_\d\d", first + rest)) == {f"handler_{number:02}" for number in range(51)}
    assert operator.get("/operations/deliveries?cursor=nonsense").status_code == 404


def test_empty_lists_say_so(operator: Client) -> None:
    assert "None." in read(operator, "/operations/deliveries")
    assert "None." in read(operator, "/operations/messages")


def test_files_are_counted_by_kind_and_what_waits_in_quarantine(operator: Client, country: Country) -> None:
    her_certificate_is_drawn(country)
    for number, size in enumerate((2_000_000, 3_500_000)):
        StoredFile.objects.create(
            purpose="video", key=f"f{number}", content_type="video/mp4", bytes=size, sha256=f"{number}"
        )
    owner = make_staff("trainer", country.institute)
    for number, state in enumerate(("receiving", "checking", "refused")):
        Upload.objects.create(
            owner=owner,
            purpose="video",
            name="x",
            size=10_000_000,
            part_size=1,
            key=f"q{number}",
            state=state,
        )
    for key in ("imports/1", ""):
        Import.objects.create(
            by=owner, organisation=country.larache_centre, name="x", fingerprint=key.encode(), rows=1, key=key
        )
    found = {kind: (kept.files, kept.bytes) for kind, kept in stored().items()}
    drawn = Certificate.objects.get().bytes
    assert found == {
        "video": (2, 5_500_000),
        "rendition": (0, None),
        "certificate": (1, drawn),
        "list": (1, None),
        "quarantine": (2, 20_000_000),
    }
    page = read(operator)
    assert "Films 2 5.5 MB" in page
    assert "In quarantine, not yet checked 2 20 MB" in page
    assert "Lists of learners 1 –" in page


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_while_valkey_is_away_the_page_says_so_and_shows_the_rest(
    operator: Client, country: Country, servers: BreakableServers, how: str
) -> None:
    _certificate, delivery = drawing_given_up(country)
    getattr(servers.valkey, how)()
    page = read(operator)
    assert "The queues do not answer. Nothing is lost" in page
    assert "how long they are is not known" in page
    assert "All other work" not in page
    assert "draw_certificate" in page
    assert "It answers." in page
    assert press(operator, "deliveries", delivery).status_code == 303
    servers.valkey.repair()
    assert "All other work 0" in read(operator)


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_while_the_storage_is_away_the_page_says_so_and_counts_from_the_database(
    operator: Client, country: Country, servers: BreakableServers, how: str
) -> None:
    her_certificate_is_drawn(country)
    getattr(servers.storage, how)()
    page = read(operator)
    assert "The file store does not answer." in page
    assert "It does not answer just now. The figures below are the database’s account." in page
    assert "Certificates 1 0.1 MB" in page
    assert "All other work 0" in page


def test_films_that_wait_for_ffmpeg_are_said_so(operator: Client) -> None:
    last_night()
    file = StoredFile.objects.create(purpose="video", key="f", content_type="video/mp4", bytes=9, sha256="9")
    waiting = file.renditions.create(kind="video_240p")
    assert "ffmpeg" not in read(operator)
    waiting.code = "ffmpeg_absent"
    waiting.save()
    assert "ffmpeg is missing where files are checked. Kept as they were sent: 1" in read(operator)


def test_the_page_costs_the_same_however_much_was_given_up(operator: Client, country: Country) -> None:
    last_night()
    with statements(9):
        operator.get("/operations")
    for _ in range(3):
        drawing_given_up(country)
        message_failed(country)
    with statements(9):
        operator.get("/operations")
    with statements(2):
        operator.get("/operations/deliveries")
    with statements(2):
        operator.get("/operations/messages")


def test_a_replay_costs_six_statements_at_most(operator: Client, country: Country) -> None:
    _certificate, delivery = drawing_given_up(country)
    _she, message = message_failed(country)
    with statements(5):
        press(operator, "deliveries", delivery)
    with statements(6):
        press(operator, "messages", message)


def test_everything_that_can_be_shown_has_its_words() -> None:
    assert set(QUEUE_WORDS) == set(QUEUES)
    assert set(MESSAGE_WORDS) == set(NotificationKind)
    assert set(Purpose) < set(STORED_WORDS)
