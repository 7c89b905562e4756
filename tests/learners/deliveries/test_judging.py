"""Between the moment something is to be told and the moment it goes, the world moves on: it is judged again."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from learners.certificates.models import Certificate
from learners.deliveries.services import find_waiting, send_waiting
from learners.enrolments.models import Enrolment
from learners.notifications.models import Notification, NotificationDelivery, NotificationKind
from learners.notifications.preferences import choose
from learners.notifications.quiet import NEVER, Quiet, be_quiet
from learners.personal_data.services import erase_person
from lms.accounts.models import Identity, Person
from lms.accounts.services import disable_person, set_home
from tests.cast import Country
from tests.learners.deliveries.telling import (
    EVERY_WAY,
    NOON,
    certified,
    delivery_of,
    fate,
    on_a_course,
    tell_by,
    tell_her,
    wish,
    woman,
)
from tests.lms.messages.servers import Gateway, MailServer, http

NIGHT = NOON + timedelta(hours=10)  # 22:00
MORNING = NOON + timedelta(hours=20)  # 8:00 of the next day


def refreshed(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_by_default_a_message_comes_where_it_is_of_use(country: Country) -> None:
    she, without = woman(country), woman(country, email="", phone="")
    for person in (she, without):
        for kind in ("registration_confirmed", "course_completed", "certificate_ready"):
            tell_her(person, kind=kind)
    rows = NotificationDelivery.objects.filter(notification__person=she).order_by("id")
    assert list(rows.values_list("notification__kind", "channel")) == [
        ("registration_confirmed", "email"),
        ("certificate_ready", "email"),
        ("certificate_ready", "sms"),
    ]
    assert fate(without) == {}
    assert Notification.objects.filter(person=without, in_app=True).count() == 3


def test_what_she_switched_off_meanwhile_does_not_go(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    tell_by(she, "sms")
    wish(she, "registration_confirmed", sms=False)
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("suppressed", "switched_off")}
    assert gateway.received == []


def test_what_she_switched_on_meanwhile_goes_from_the_next_time_on(
    country: Country, gateway: Gateway
) -> None:
    she = woman(country)
    tell_by(she, "in_app")
    wish(she, "registration_confirmed", sms=True)
    tell_her(she)
    send_waiting(at=NOON)
    assert fate(she) == {}
    tell_her(she, "thing:2")
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("delivered", "")}


def test_whom_it_goes_to_by_sms_alone_finds_nothing_in_the_app(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    tell_by(she, "sms")
    assert not Notification.objects.get(person=she).in_app
    tell_by(other := woman(country))
    assert not Notification.objects.filter(person=other).exists()


def test_a_closed_account_is_written_to_no_more(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    tell_by(she, "sms")
    disable_person(person=she, actor=woman(country), at=NOON, reason="سبب مكتوب")
    send_waiting(at=NOON)
    tell_her(she, "thing:2")
    assert fate(she) == {"sms": ("suppressed", "account_closed")}
    assert gateway.received == []


def test_of_one_who_was_forgotten_nothing_waits_and_nothing_goes(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    tell_by(she, "sms")
    erase_person(person=she, by=None, reason="سبب مكتوب", at=NOON)
    send_waiting(at=NOON)
    tell_her(refreshed(she), "thing:2")
    assert fate(she) == {}
    assert gateway.received == []


def test_a_number_that_she_gave_back_is_called_no_more(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    tell_by(she, "sms")
    Identity.objects.filter(person=she).update(phone=b"", phone_index=None)
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("suppressed", "no_address")}


def test_whoever_moves_to_another_ordinary_centre_still_has_her_messages(
    country: Country, gateway: Gateway
) -> None:
    she = woman(country)
    tell_by(she, "sms")
    set_home(person=she, organisation=country.tetouan_centre)
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("delivered", "")}


def test_whoever_moves_to_a_confidential_centre_gets_nothing_she_asked_for_before(
    country: Country, gateway: Gateway
) -> None:
    """She may have chosen it beside him from whom she fled."""
    she = woman(country)
    tell_by(she, "sms")
    set_home(person=she, organisation=country.shelter)
    send_waiting(at=NOON)
    tell_her(refreshed(she), "thing:2")
    assert fate(she) == {"sms": ("suppressed", "not_asked")}
    assert gateway.received == []


def test_at_a_confidential_centre_nothing_leaves_until_she_asks_and_then_it_is_neutral(
    country: Country, gateway: Gateway, mail_server: MailServer
) -> None:
    she = woman(country, home=country.shelter)
    tell_her(she, kind="certificate_ready")
    assert fate(she) == {}
    wish(she, "registration_confirmed")
    tell_her(she)
    send_waiting(at=NOON)
    assert fate(she) == {"email": ("delivered", ""), "sms": ("delivered", "")}
    assert (gateway.received[0]["text"], gateway.received[0]["from"]) == ("يمكنكِ أن تبدئي.", "INFO")
    assert mail_server.letters[0]["From"] == "post@post.example"
    assert "جسر" not in mail_server.letters[0].as_string()
    set_home(person=she, organisation=country.larache_centre)
    tell_her(refreshed(she), "thing:2")
    send_waiting(at=NOON)
    assert "جسر" in gateway.received[-1]["text"]


def test_on_a_number_that_others_use_too_a_message_is_neutral(country: Country, gateway: Gateway) -> None:
    mother = woman(country, phone="0612345678")
    tell_by(mother, "sms")
    woman(country, phone="0612345678", pin="1234")
    send_waiting(at=NOON)
    assert gateway.received[0]["text"] == "يمكنكِ أن تبدئي."


def test_in_discreet_mode_also_when_she_turned_it_on_meanwhile(
    country: Country, gateway: Gateway, mail_server: MailServer
) -> None:
    she = woman(country)
    tell_by(she, "sms", "email")
    Person.objects.filter(pk=she.pk).update(discreet=True)
    send_waiting(at=NOON)
    assert gateway.received[0]["text"] == "يمكنكِ أن تبدئي."
    assert mail_server.letters[0]["Subject"] == "مرحبا"


def test_without_a_sender_that_gives_nothing_away_no_neutral_letter_goes(
    country: Country, mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_FROM_NEUTRAL = ""
    she, other = woman(country, discreet=True), woman(country)
    for person in (she, other):
        tell_by(person, "email")
    send_waiting(at=NOON)
    assert fate(she) == {"email": ("suppressed", "no_neutral_sender")}
    assert fate(other) == {"email": ("delivered", "")}


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        (NOON, NOON),
        (NIGHT, MORNING),
        (NOON + timedelta(hours=16), MORNING),  # 4:00
        (MORNING, MORNING),
    ],
)
def test_at_night_a_message_waits_for_the_morning(
    country: Country, gateway: Gateway, told: datetime, sent: datetime
) -> None:
    she = woman(country)
    tell_by(she, "sms", at=told)
    send_waiting(at=told)
    if sent > told:
        assert (delivery_of(she).due_at, delivery_of(she).attempts) == (sent, 0)
        assert not find_waiting(at=sent - timedelta(seconds=1))
        send_waiting(at=sent - timedelta(seconds=1))
        assert gateway.received == []
        assert find_waiting(at=sent)
        send_waiting(at=sent)
    assert fate(she) == {"sms": ("delivered", "")}


def test_her_own_quiet_hours_count_and_so_does_having_none(country: Country, gateway: Gateway) -> None:
    early, never = woman(country), woman(country)
    be_quiet(person=early, quiet=Quiet(time(11, 0), time(15, 30)))
    be_quiet(person=never, quiet=NEVER)
    tell_by(early, "sms", at=NOON)
    tell_by(never, "sms", at=NIGHT)
    send_waiting(at=NIGHT)
    assert (fate(early), fate(never)) == ({"sms": ("delivered", "")}, {"sms": ("delivered", "")})
    tell_her(early, "thing:2", at=NOON)
    send_waiting(at=NOON)
    later = NotificationDelivery.objects.get(notification__about="thing:2")
    assert later.due_at == NOON + timedelta(hours=3, minutes=30)


def test_in_ramadan_the_morning_comes_at_another_hour_of_utc(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    eve = datetime.fromisoformat("2027-02-06T22:30:00+00:00")  # 23:30, the night in which the clock goes back
    tell_by(she, "sms", at=eve)
    send_waiting(at=eve)
    assert delivery_of(she).due_at == datetime.fromisoformat("2027-02-07T08:00:00+00:00")


def test_the_fourth_sms_of_a_day_waits_for_the_next_morning(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    for number in range(5):
        tell_by(she, "sms", about=f"thing:{number}")
    send_waiting(at=NOON)
    assert len(gateway.received) == 3
    waiting = NotificationDelivery.objects.filter(state="waiting")
    assert {row.due_at for row in waiting} == {MORNING}
    send_waiting(at=MORNING)
    assert len(gateway.received) == 5


def test_a_reminder_does_not_reach_who_came_back_since(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    enrolment = on_a_course(she, country)
    wish(she, "nudge", sms=True, email=False)
    tell_her(she, kind="nudge", enrolment=enrolment, at=NIGHT)
    send_waiting(at=NIGHT)
    Enrolment.objects.filter(pk=enrolment.pk).update(last_active_at=NIGHT + timedelta(hours=1))
    send_waiting(at=MORNING)
    assert fate(she) == {"sms": ("suppressed", "no_longer_true")}


def test_a_certificate_that_was_revoked_overnight_is_not_announced(
    country: Country, gateway: Gateway
) -> None:
    she = woman(country)
    certificate = certified(on_a_course(she, country))
    wish(she, "certificate_ready", sms=True, email=False)
    about = f"certificate:{certificate.uuid}"
    tell_her(she, about, kind="certificate_ready", enrolment=certificate.enrolment, at=NIGHT)
    Certificate.objects.update(state="revoked", revoked_at=NIGHT)
    send_waiting(at=MORNING)
    assert fate(she) == {"sms": ("suppressed", "no_longer_true")}


def test_a_place_that_she_gave_up_is_not_announced(country: Country, gateway: Gateway) -> None:
    she = woman(country)
    enrolment = on_a_course(she, country)
    wish(she, "enrolled", sms=True, email=False)
    tell_her(she, kind="enrolled", enrolment=enrolment)
    Enrolment.objects.filter(pk=enrolment.pk).update(state="withdrawn")
    send_waiting(at=NOON)
    assert fate(she) == {"sms": ("suppressed", "no_longer_true")}


def test_a_message_that_failed_for_hours_still_keeps_the_quiet_of_the_night(
    country: Country, gateway: Gateway
) -> None:
    gateway.answers, she = [http("503 Away")], woman(country)
    tell_by(she, "sms", at=NIGHT - timedelta(hours=1, minutes=1))
    send_waiting(at=NIGHT - timedelta(hours=1, minutes=1))
    send_waiting(at=NIGHT)
    assert len(gateway.received) == 1
    assert delivery_of(she).due_at == MORNING


def test_two_choices_at_once_about_two_ways_of_one_kind_both_hold(country: Country) -> None:
    she, kind = woman(country), NotificationKind.NUDGE
    choose(person=she, wishes={kind: dict.fromkeys(EVERY_WAY, False)})
    wish(she, "nudge", sms=True)
    wish(she, "nudge", email=True)
    tell_her(she, kind="nudge")
    assert set(fate(she)) == {"sms", "email"}
    assert not Notification.objects.get(person=she).in_app
