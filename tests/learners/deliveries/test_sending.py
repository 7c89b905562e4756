"""What leaves the platform, through real servers of mail and SMS that behave and misbehave."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from learners.deliveries import services
from learners.deliveries.services import ATTEMPTS_AT_MOST, find_waiting, send_waiting
from learners.events import LettersWaiting
from learners.notifications.models import Notification, NotificationDelivery, NotificationKind
from learners.notifications.services import Message, tell
from lms.accounts.models import Identity
from lms.events.models import StoredEvent
from tests.cast import Country
from tests.learners.deliveries.telling import (
    NOON,
    delivery_of,
    fate,
    on_a_course,
    tell_by,
    tell_her,
    wish,
    woman,
)
from tests.lms.messages.servers import SILENCE, Gateway, MailServer, accepted, http
from tests.races.racing import at_once
from tests.statements import statements
from tests.tasks.once import Fate, meeting

BUSY = http("500 Oops")


def wait(hours: float) -> Any:
    return NOON + timedelta(hours=hours)


def test_she_is_told_once_by_every_way_she_wants(
    country: Country, gateway: Gateway, mail_server: MailServer
) -> None:
    she = woman(country)
    wish(she, "registration_confirmed")
    for _ in range(2):
        told = tell_her(she)
        send_waiting(at=NOON)
    assert told
    assert told.in_app
    assert fate(she) == {"email": ("delivered", ""), "sms": ("delivered", "")}
    [message], [letter] = gateway.received, mail_server.letters
    assert message["text"] == "جسر: أكّد مركزكِ تسجيلكِ. يمكنكِ أن تبدئي التعلم اليوم."
    assert (message["from"], letter["Subject"]) == ("JISR", "مرحبا بكِ!")
    sms = delivery_of(she)
    assert (sms.receipt, sms.parts, sms.attempts, sms.doubts) == ("m-1", 1, 1, 0)
    assert message["reference"] == str(sms.uuid)


def test_telling_many_by_every_way_takes_as_many_statements_as_telling_one(country: Country) -> None:
    women = [woman(country) for _ in range(20)]
    for some in (women[:1], women[1:]):
        messages = [Message(she.pk, "thing:1") for she in some]
        with statements(3):  # who wants it how; what is told and what is to be sent; that something waits
            tell(kind=NotificationKind.NEW_DEVICE, messages=messages, at=NOON)
    assert Notification.objects.count() == 20
    assert NotificationDelivery.objects.count() == 20


def test_an_address_that_bounces_is_kept_as_failed_and_holds_up_nobody(
    country: Country, gateway: Gateway, mail_server: MailServer
) -> None:
    wrong, right = woman(country), woman(country)
    address = Identity.objects.get(person=wrong).read("email")
    mail_server.refuses[address] = "550 5.1.1 no such user"
    for she in (wrong, right):
        wish(she, "registration_confirmed")
        tell_her(she)
    send_waiting(at=NOON)
    assert fate(wrong) == {"email": ("failed", "smtp 550"), "sms": ("delivered", "")}
    assert fate(right) == {"email": ("delivered", ""), "sms": ("delivered", "")}
    assert not find_waiting(at=wait(100))


def test_a_mailbox_that_is_full_for_now_is_tried_later_and_holds_up_nobody(
    country: Country, mail_server: MailServer
) -> None:
    full, right = woman(country), woman(country)
    mail_server.refuses[Identity.objects.get(person=full).read("email")] = "452 4.2.2 full"
    for she in (full, right):
        tell_by(she, "email")
    send_waiting(at=NOON)
    assert (fate(full), fate(right)) == (
        {"email": ("waiting", "smtp 452")},
        {"email": ("delivered", "")},
    )
    mail_server.refuses.clear()
    send_waiting(at=wait(0.5))
    assert fate(full) == {"email": ("delivered", "")}


def test_a_gateway_that_fails_for_an_hour_loses_nothing_and_is_not_pressed(
    country: Country, gateway: Gateway
) -> None:
    gateway.answers = [BUSY]
    women = [woman(country) for _ in range(3)]
    for she in women:
        tell_by(she, "sms")
    for minute in range(60):
        send_waiting(at=wait(minute / 60))
    asked = len(gateway.received)
    assert 3 < asked <= 60  # while it fails, one message a call finds out that it does
    assert {delivery_of(she).state for she in women} == {"waiting"}
    gateway.answers = [accepted()]
    send_waiting(at=wait(2))
    assert [fate(she) for she in women] == [{"sms": ("delivered", "")}] * 3
    assert all(delivery_of(she).doubts == 0 for she in women)
    assert len(gateway.received) == asked + 3


def test_what_fails_for_ever_fails_in_the_end_and_is_kept(country: Country, gateway: Gateway) -> None:
    gateway.answers, she = [BUSY], woman(country)
    tell_by(she, "sms")
    for hour in range(40):
        NotificationDelivery.objects.filter(ended_at=None).update(due_at=NOON)
        send_waiting(at=NOON + timedelta(seconds=hour))
    assert fate(she) == {"sms": ("failed", "http 500")}
    assert len(gateway.received) == ATTEMPTS_AT_MOST == delivery_of(she).attempts


def test_waits_grow_from_half_a_minute_to_an_hour_and_outlast_a_bad_afternoon() -> None:
    waits = [services.back_off(attempts).total_seconds() for attempts in range(1, ATTEMPTS_AT_MOST)]
    assert 30 <= waits[0] <= 45
    assert 3600 <= waits[-1] <= 5400
    assert sum(waits) > 5 * 3600


@pytest.mark.parametrize("answer", [http("200 OK"), SILENCE])
def test_a_gateway_that_says_nothing_is_asked_once_more_under_the_same_name_and_then_left(
    country: Country, gateway: Gateway, answer: bytes
) -> None:
    gateway.answers, she = [answer], woman(country)
    tell_by(she, "sms")
    for hours in range(5):
        send_waiting(at=wait(hours))
    assert delivery_of(she).state == "failed"
    assert delivery_of(she).doubts == 2  # it says that it may have come twice
    assert list(gateway.times.values()) == [2]


def test_silence_that_was_an_accident_ends_well_and_says_so(country: Country, gateway: Gateway) -> None:
    gateway.answers, she = [SILENCE, http("409 Known")], woman(country)
    tell_by(she, "sms")
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("waiting", "no answer")}
    send_waiting(at=wait(1))
    assert fate(she) == {"sms": ("delivered", "")}
    assert delivery_of(she).doubts == 1


def test_an_answer_given_twice_is_one_delivery(country: Country, gateway: Gateway) -> None:
    gateway.answers = [accepted("one") + accepted("two"), accepted("three")]
    women = [woman(country) for _ in range(2)]
    for she in women:
        tell_by(she, "sms")
    send_waiting(at=NOON)
    assert [delivery_of(she).receipt for she in women] == ["one", "three"]
    assert set(gateway.times.values()) == {1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(15))
def test_two_workers_at_once_send_each_message_once(
    country: Country, gateway: Gateway, mail_server: MailServer, attempt: int
) -> None:
    women = [woman(country) for _ in range(6)]
    for she in women:
        wish(she, "registration_confirmed")
        tell_her(she)
    at_once(*[partial(send_waiting, at=NOON)] * 2)
    send_waiting(at=NOON)
    assert [fate(she) for she in women] == [{"email": ("delivered", ""), "sms": ("delivered", "")}] * 6
    assert (len(gateway.received), len(mail_server.letters)) == (6, 6)
    assert set(NotificationDelivery.objects.values_list("attempts", "doubts")) == {(1, 0)}


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_its_lock_still_claims_once(country: Country, gateway: Gateway) -> None:
    """Where the database forgot the lock (a restart, a pool between us): the claim alone must hold."""
    she = woman(country)
    tell_by(she, "sms")
    id_ = delivery_of(she).pk
    seen = [services._read(id_, NOON) for _ in range(2)]
    barrier = threading.Barrier(2)

    def attend(delivery: NotificationDelivery) -> None:
        barrier.wait(10)
        services._attend(delivery, NOON)

    at_once(*[partial(attend, delivery) for delivery in seen if delivery])
    assert len(gateway.received) == 1
    assert fate(she) == {"sms": ("delivered", "")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("commit", "after", "times", "doubts"),
    [
        (1, False, 1, 0),  # before the claim: nobody sent anything
        (1, True, 1, 1),  # claimed and not sent: it may have gone, for all we know
        (2, False, 2, 1),  # sent and not written down
        (2, True, 1, 0),  # written down
    ],
)
def test_a_worker_that_dies_never_sends_twice_without_saying_so(
    country: Country, gateway: Gateway, commit: int, after: bool, times: int, doubts: int
) -> None:
    she = woman(country)
    tell_by(she, "sms")
    with meeting(death := Fate(commit, after)):
        send_waiting(at=NOON)
    connection.close()
    assert death.happened
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("delivered", "")}
    assert list(gateway.times.values()) == [times]
    assert delivery_of(she).doubts == doubts


@pytest.mark.django_db(transaction=True)
def test_a_message_that_kills_its_worker_twice_is_left_to_an_operator(
    country: Country, gateway: Gateway
) -> None:
    she = woman(country)
    tell_by(she, "sms")
    NotificationDelivery.objects.update(state="sending", claimed_at=NOON, attempts=2, doubts=1)
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("failed", "interrupted")}
    assert gateway.received == []


def test_a_message_that_cannot_be_written_holds_up_nobody(country: Country, gateway: Gateway) -> None:
    broken, right = woman(country), woman(country)
    for she in (broken, right):
        tell_by(she, "sms")
    Identity.objects.filter(person=broken).update(phone=b"not sealed by us")
    send_waiting(at=NOON)
    assert delivery_of(broken).state == "failed"
    assert fate(right) == {"sms": ("delivered", "")}


def test_who_was_forgotten_between_two_steps_is_written_to_no_more(
    country: Country, gateway: Gateway
) -> None:
    gone, right = woman(country), woman(country)
    for she in (gone, right):
        tell_by(she, "sms")
    Notification.objects.filter(person=gone).delete()
    send_waiting(at=NOON)
    assert len(gateway.received) == 1
    assert fate(right) == {"sms": ("delivered", "")}


def test_after_some_seconds_a_worker_makes_room_and_says_that_more_waits(
    country: Country, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    she = woman(country)
    tell_by(she, "sms")
    StoredEvent.objects.all().delete()
    monkeypatch.setattr(services, "STEP_SECONDS", -1.0)
    send_waiting(at=NOON)
    assert gateway.received == []
    assert [event.topic for event in StoredEvent.objects.all()] == [LettersWaiting.topic]


def test_each_minute_what_is_due_is_noticed_and_nothing_else(country: Country) -> None:
    assert not find_waiting(at=NOON)
    tell_by(woman(country), "sms", at=wait(1))
    StoredEvent.objects.all().delete()
    assert not find_waiting(at=NOON)
    assert find_waiting(at=wait(1))
    assert StoredEvent.objects.count() == 1


def test_names_and_titles_with_signs_of_templates_come_out_as_they_are(
    country: Country, gateway: Gateway, mail_server: MailServer
) -> None:
    name, title = "{{ person.__class__ }}", "{% debug %} %(code)s {0.__init__} <b>x</b> ${7*7}"
    she = woman(country, first_name=name)
    enrolment = on_a_course(she, country, title=title)
    wish(she, "enrolled")
    tell_her(she, kind="enrolled", enrolment=enrolment)
    send_waiting(at=NOON)
    [letter], [message] = mail_server.letters, gateway.received
    plain, html = (part.get_content() for part in letter.iter_parts())
    assert name in plain
    assert title in plain
    assert title[:39] in message["text"]
    assert "{{ person.__class__ }}" in html
    assert "{% debug %} %(code)s {0.__init__} &lt;b&gt;x&lt;/b&gt; ${7*7}" in html
