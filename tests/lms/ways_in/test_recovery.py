"""She lost her way in: two people of her centre sign for a new one, within a day, and she is told."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from lms.accounts.models import Person
from lms.accounts.pins import pin_matches
from lms.audit.models import AccessEntry, ChangeEntry
from lms.sign_in.cards import issue_card
from lms.sign_in.codes import code_of
from lms.sign_in.models import AuthEvent, Card, Challenge, Recovery, Session
from tests.cast import Country, browser_for, client_for, make_person, make_staff, token_for
from tests.lms.sign_in.door import ask_code, right_code, sign_in
from tests.outbox import work_off

OLD, NEW = "0611223344", "0655443322"
REASON = {"reason": "ضاع الهاتف والبطاقة، وهي حاضرة أمامي"}


@pytest.fixture
def her(country: Country) -> Person:
    return make_person(home=country.larache_centre, phone=OLD, pin="1357")


@pytest.fixture
def facilitator(country: Country) -> Person:
    return make_staff("facilitator", country.larache_centre)


@pytest.fixture
def admin(country: Country) -> Person:
    return make_staff("centre_admin", country.larache_centre)


def opened(by: Person, her: Person) -> str:
    answer = client_for(by).post(f"/api/v1/people/{her.uuid}/recoveries", REASON, format="json")
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def sign(by: Person, recovery: str) -> Any:
    return client_for(by).post(f"/api/v1/recoveries/{recovery}/sign", {}, format="json")


def new_number(by: Person, recovery: str, **more: str) -> Any:
    client = client_for(by)
    asked = client.post(f"/api/v1/recoveries/{recovery}/number", {"phone": NEW}, format="json")
    if asked.status_code != 202:
        return asked
    body = {"request": asked.json()["request"], "code": right_code(asked.json()["request"]), **more}
    return client.put(f"/api/v1/recoveries/{recovery}/number", body, format="json")


def enters_by(phone: str) -> Any:
    request = ask_code(phone)
    return sign_in(request, right_code(request)).json()


def test_after_two_signatures_her_new_number_opens_her_account_and_the_old_one_does_not(
    her: Person, facilitator: Person, admin: Person
) -> None:
    token_for(her)
    recovery = opened(facilitator, her)
    assert sign(admin, recovery).status_code == 204
    assert not Session.objects.filter(person=her).exists()
    assert new_number(facilitator, recovery).status_code == 204
    assert enters_by(NEW)["person"]["id"] == str(her.uuid)
    assert enters_by(OLD)["person"] is None
    verbs = set(ChangeEntry.objects.filter(subject=f"person:{her.uuid}").values_list("verb", flat=True))
    assert {"recovery.opened", "recovery.signed", "recovery.used", "person.number_set"} <= verbs


def test_whoever_asked_for_it_cannot_sign_it(her: Person, facilitator: Person) -> None:
    recovery = opened(facilitator, her)
    answer = sign(facilitator, recovery)
    assert (answer.status_code, answer.json()["code"]) == (409, "same_person")
    refused = new_number(facilitator, recovery)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_signed")
    assert not Challenge.objects.exists()


def test_signed_twice_it_is_signed_once(her: Person, facilitator: Person, admin: Person) -> None:
    recovery = opened(facilitator, her)
    assert sign(admin, recovery).status_code == sign(admin, recovery).status_code == 204
    assert ChangeEntry.objects.filter(verb="recovery.signed").count() == 1


@pytest.mark.parametrize("signed", [False, True])
def test_after_a_day_it_is_over(her: Person, facilitator: Person, admin: Person, signed: bool) -> None:
    recovery = opened(facilitator, her)
    if signed:
        sign(admin, recovery)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert sign(admin, recovery).status_code == 404
        assert new_number(facilitator, recovery).status_code == 404
        assert opened(facilitator, her) != recovery


def test_it_is_good_for_one_use(her: Person, facilitator: Person, admin: Person) -> None:
    recovery = opened(facilitator, her)
    sign(admin, recovery)
    assert new_number(facilitator, recovery).status_code == 204
    assert new_number(facilitator, recovery).status_code == 404


def test_someone_above_her_centre_signs_without_learning_her_name(
    country: Country, her: Person, facilitator: Person
) -> None:
    recovery = opened(facilitator, her)
    above = make_staff("province_admin", country.larache)
    [seen] = client_for(above).get("/api/v1/recoveries").json()["results"]
    assert (seen["name"], seen["pseudonym"]) == ("", her.pseudonym)
    assert sign(above, recovery).status_code == 204
    assert (
        client_for(above)
        .post(f"/api/v1/recoveries/{recovery}/number", {"phone": NEW}, format="json")
        .status_code
        == 403
    )


def test_beside_her_centre_and_above_a_shelter_nobody_signs(country: Country, facilitator: Person) -> None:
    protected = make_person(home=country.shelter, phone=OLD)
    at_shelter = make_staff("facilitator", country.shelter)
    recovery = opened(at_shelter, protected)
    for role, place in (("facilitator", "larache_centre"), ("province_admin", "larache")):
        stranger = make_staff(role, getattr(country, place))
        assert sign(stranger, recovery).status_code == 404
        assert client_for(stranger).get("/api/v1/recoveries").json()["results"] == []
    assert sign(make_staff("centre_admin", country.shelter), recovery).status_code == 204


def test_a_new_pin_opens_a_card_and_the_lost_number_nothing(
    her: Person, facilitator: Person, admin: Person
) -> None:
    old_card = issue_card(person=her, by=facilitator, at=timezone.now())
    recovery = opened(facilitator, her)
    sign(admin, recovery)
    assert not Card.objects.filter(person=her, revoked_at=None).exists()
    client = client_for(facilitator)
    assert client.put(f"/api/v1/recoveries/{recovery}/pin", {"pin": "2468"}, format="json").status_code == 204
    new = client.post(f"/api/v1/people/{her.uuid}/card", {}, format="json").json()
    door = "/api/v1/auth/sessions"
    assert client.post(door, {"card": new["number"], "pin": "2468"}, format="json").status_code == 201
    assert client.post(door, {"card": old_card.number, "pin": "2468"}, format="json").status_code == 401
    assert client.post(door, {"card": new["number"], "pin": "1357"}, format="json").status_code == 401
    assert enters_by(OLD)["person"] is None


def test_one_alone_sets_a_pin_only_for_a_woman_without_any_way_in(
    country: Country, her: Person, facilitator: Person
) -> None:
    client, without = client_for(facilitator), make_person(home=country.larache_centre)
    assert client.put(f"/api/v1/people/{without.uuid}/pin", {"pin": "2468"}, format="json").status_code == 204
    without.refresh_from_db()
    assert pin_matches("2468", without.pin)
    for woman in (without, her):
        refused = client.put(f"/api/v1/people/{woman.uuid}/pin", {"pin": "9999"}, format="json")
        assert (refused.status_code, refused.json()["code"]) == (409, "has_own_way")


def test_she_is_told_at_her_old_number_in_words_that_give_nothing_away(
    her: Person, facilitator: Person, settings: Settings, tmp_path: Any
) -> None:
    settings.SMS_OUTBOX = tmp_path / "sms.jsonl"
    opened(facilitator, her)
    work_off()
    [message] = [orjson.loads(line) for line in settings.SMS_OUTBOX.read_text().splitlines()]
    assert message["to"] == "+212611223344"
    for word in ("جسر", "Jisr", "مركز", "تكوين", "http"):
        assert word not in message["text"]


def test_no_message_goes_out_to_a_woman_of_a_confidential_centre(
    country: Country, settings: Settings, tmp_path: Any
) -> None:
    settings.SMS_OUTBOX = tmp_path / "sms.jsonl"
    opened(make_staff("facilitator", country.shelter), make_person(home=country.shelter, phone=OLD))
    work_off()
    assert not settings.SMS_OUTBOX.exists()
    assert AuthEvent.objects.filter(kind="recovery_opened").exists()


def test_the_table_itself_refuses_one_person_as_both(her: Person, facilitator: Person) -> None:
    recovery = opened(facilitator, her)
    with pytest.raises(IntegrityError, match="recovery_signed_by_another"):
        Recovery.objects.filter(uuid=recovery).update(signed_by=facilitator)


def test_on_the_pages_two_people_and_she_come_to_a_new_number(
    her: Person, facilitator: Person, admin: Person
) -> None:
    centre, second = browser_for(facilitator), browser_for(admin)
    listed = centre.get("/ways-in").content.decode()
    assert str(her.uuid) in listed
    assert "611223344" not in listed
    asked = centre.post(f"/ways-in/{her.uuid}", {"action": "lost", **REASON})
    page = asked["Location"]
    assert centre.post(page, {"action": "sign"}).status_code == 409
    assert page in second.get("/recoveries").content.decode()
    assert second.post(page, {"action": "sign"}).status_code == 303
    shown = centre.post(page, {"action": "phone", "phone": NEW})
    challenge = Challenge.objects.latest("id")
    assert str(challenge.uuid) in shown.content.decode()
    wrong = centre.post(page, {"action": "code", "request": str(challenge.uuid), "code": "000000", "pin": ""})
    assert wrong.status_code == 422
    code = code_of(challenge.uuid)
    done = centre.post(page, {"action": "code", "request": str(challenge.uuid), "code": code, "pin": ""})
    assert (done.status_code, done["Location"]) == (303, f"/ways-in/{her.uuid}")
    assert enters_by(NEW)["person"]["id"] == str(her.uuid)


def test_a_sheet_shows_each_card_once_and_says_who_saw_whose(
    country: Country, facilitator: Person, her: Person
) -> None:
    other = make_person(home=country.ksar_centre)
    centre = browser_for(facilitator)
    sheet = centre.post("/ways-in/cards", {"person": [str(her.uuid), str(other.uuid)]})
    card = Card.objects.get()
    assert card.person == her
    assert sheet.headers["Cache-Control"] == "no-store"
    assert sheet.content.decode().count('class="card"') == 1
    look = AccessEntry.objects.get(surface="cards")
    assert look.people == [her.pk]


def test_reading_the_list_costs_the_same_for_many_as_for_one(
    country: Country, facilitator: Person, her: Person, django_assert_max_num_queries: Any
) -> None:
    client = client_for(facilitator)
    for number in range(6):
        woman = make_person(home=country.larache_centre, pin=f"246{number}")
        issue_card(person=woman, by=facilitator, at=timezone.now())
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/ways-in").json()["results"]) == 7


def test_a_stranger_is_led_to_the_door(her: Person) -> None:
    assert Client().get(f"/ways-in/{her.uuid}").status_code == 302
