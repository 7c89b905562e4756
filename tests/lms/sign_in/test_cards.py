"""Signing in by a card from the centre and a PIN: guessed, copied, lost, and printed anew."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from lms.accounts.models import Person
from lms.sign_in.cards import CardWrong, NotALearner, Printed, free_card, issue_card, sign_in_with_card
from lms.sign_in.models import Card, Session
from lms.sign_in.sessions import Device
from tests.cast import Country, make_person, make_staff
from tests.races.racing import at_once

PIN = "2468"


def printed_for(country: Country, *, pin: str = PIN) -> tuple[Printed, Person]:
    """A card, and the woman whose card it is."""
    her = make_person(home=country.larache_centre, pin=pin)
    by = make_staff("facilitator", country.larache_centre)
    return issue_card(person=her, by=by, at=timezone.now()), her


def enter(card: str, pin: str = PIN) -> Any:
    return APIClient().post("/api/v1/auth/sessions", {"card": card, "pin": pin}, format="json")


def test_her_card_and_her_pin_open_her_account_scanned_or_typed(country: Country) -> None:
    printed, her = printed_for(country)
    typed = printed.grouped.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for card in (printed.token, printed.number, typed):
        answer = enter(card)
        assert answer.status_code == 201, answer.json()
        assert answer.json()["person"]["id"] == str(her.uuid)


def test_nothing_that_stands_on_a_card_stands_in_the_database(country: Country) -> None:
    printed, _her = printed_for(country)
    row = Card.objects.get()
    kept = b"".join(bytes(column) for column in (row.token_hash, row.number_index))
    assert printed.token.encode() not in kept
    assert printed.number.encode() not in kept
    assert "#" in printed.address
    assert printed.token in printed.address.partition("#")[2]


def test_a_wrong_pin_an_unknown_a_revoked_a_resting_card_and_one_without_a_pin_hear_the_same(
    country: Country,
) -> None:
    printed, her = printed_for(country)
    copied = printed
    printed = issue_card(person=her, by=make_staff("facilitator", country.larache_centre), at=timezone.now())
    without, _other = printed_for(country, pin="")
    answers = [
        enter(printed.number, "1111"),
        enter("0000 0000 0000"),
        enter(copied.number),
        enter(without.number),
    ]
    for _ in range(5):
        enter(printed.number, "1111")
    answers.append(enter(printed.number))
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies == [bodies[0]] * 5
    assert bodies[0]["code"] == "card_wrong"
    assert not Session.objects.exists()


def test_a_card_that_was_copied_opens_nothing_once_a_new_one_is_printed(country: Country) -> None:
    copied, her = printed_for(country)
    assert enter(copied.token).status_code == 201
    new = issue_card(person=her, by=make_staff("facilitator", country.larache_centre), at=timezone.now())
    assert enter(copied.token).status_code == 401
    assert enter(copied.number).status_code == 401
    assert enter(new.token).status_code == 201
    assert Card.objects.filter(person=her, revoked_at=None).count() == 1


def test_after_five_tries_it_rests_for_an_hour(country: Country) -> None:
    printed, _her = printed_for(country)
    for _ in range(5):
        assert enter(printed.number, "1111").status_code == 401
    assert enter(printed.number).status_code == 401
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert enter(printed.number).status_code == 201


def test_after_twenty_wrong_pins_it_is_dead_until_her_centre_frees_it(country: Country) -> None:
    printed, her = printed_for(country)
    start = timezone.now()
    for hour in range(4):
        with time_machine.travel(start + timedelta(hours=2 * hour), tick=False):
            for _ in range(5):
                enter(printed.number, "1111")
    with time_machine.travel(start + timedelta(days=30), tick=False):
        assert enter(printed.number).status_code == 401
        staff = make_staff("facilitator", country.larache_centre)
        free_card(person=her, by=staff, at=timezone.now())
        assert enter(printed.number).status_code == 201


def test_the_right_pin_forgives_the_wrong_ones(country: Country) -> None:
    printed, _her = printed_for(country)
    for _ in range(6):
        for _ in range(4):
            enter(printed.number, "1111")
        assert enter(printed.number).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_fifty_guesses_at_once_five_are_judged(country: Country) -> None:
    printed, _her = printed_for(country)

    def guess(pin: str) -> str:
        try:
            sign_in_with_card(
                card=printed.number, pin=pin, device=Device(), address="unknown", at=timezone.now()
            )
        except CardWrong:
            return "wrong"
        return "in"

    outcomes = at_once(*[lambda pin=f"{n:04d}": guess(pin) for n in range(50)])  # type: ignore[misc]  # the pin is bound
    assert set(outcomes) == {"wrong"}
    card = Card.objects.get()
    assert (card.failures, card.window_tries) == (5, 5)
    assert guess(PIN) == "wrong"


def test_staff_get_no_card_and_whoever_becomes_staff_has_none_any_more(country: Country) -> None:
    staff = make_staff("centre_admin", country.larache_centre)
    with pytest.raises(NotALearner):
        issue_card(person=staff, by=staff, at=timezone.now())
    printed, her = printed_for(country)
    her.memberships.create(
        organisation=country.larache_centre, role="trainer", from_date=timezone.localdate()
    )
    assert enter(printed.number).status_code == 401


def test_a_closed_account_is_not_opened_by_a_card(country: Country) -> None:
    printed, her = printed_for(country)
    Person.objects.filter(pk=her.pk).update(is_active=False)
    assert enter(printed.number).status_code == 401


def test_the_page_takes_card_and_pin_and_says_nothing_of_what_was_wrong(country: Country) -> None:
    printed, _her = printed_for(country)
    browser = Client()
    refused = browser.post("/sign-in/card?next=/account", {"card": printed.number, "pin": "1111"})
    assert refused.status_code == 401
    assert printed.number not in refused.content.decode().replace(f'value="{printed.number}"', "")
    entered = browser.post(
        "/sign-in/card?next=/account", {"card": printed.grouped, "pin": PIN, "shared": "on"}
    )
    assert (entered.status_code, entered["Location"]) == (303, "/account")
    assert Session.objects.get().shared_device
    assert browser.get("/account").status_code == 200
