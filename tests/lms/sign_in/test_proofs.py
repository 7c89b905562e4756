"""A session of twenty days does not change how she gets in: she shows again that it is she."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from lms.accounts.models import Person
from lms.sign_in.codes import code_of
from lms.sign_in.models import Challenge, Session
from lms.sign_in.sessions import Device, start_session
from tests.cast import Country, browser_for, client_for, make_person, make_staff, token_for
from tests.lms.sign_in.door import ask_code, client_with, right_code, sign_in

OLD, NEW = "0611223344", "0655443322"


@pytest.fixture
def her(country: Country) -> Person:
    return make_person(home=country.larache_centre, phone=OLD)


def fresh(her: Person) -> APIClient:
    return client_with(start_session(person=her, device=Device(), at=timezone.now()).token)


def ask_number(client: APIClient, phone: str = NEW) -> Any:
    return client.post("/api/v1/me/number", {"phone": phone}, format="json")


def put_number(client: APIClient, request: str, code: str, **more: str) -> Any:
    return client.put("/api/v1/me/number", {"request": request, "code": code, **more}, format="json")


def who_is_on(phone: str) -> str | None:
    request = ask_code(phone)
    person = sign_in(request, right_code(request)).json()["person"]
    return person["id"] if person else None


def test_a_code_to_the_new_number_makes_it_hers_and_signs_her_other_devices_out(her: Person) -> None:
    token_for(her)
    client = fresh(her)
    request = ask_number(client).json()["request"]
    assert put_number(client, request, right_code(request)).status_code == 204
    assert (who_is_on(NEW), who_is_on(OLD)) == (str(her.uuid), None)
    assert client.get("/api/v1/me").status_code == 200


def test_an_old_session_must_show_again_that_it_is_she_by_a_code_to_the_number_she_has(her: Person) -> None:
    client = client_for(her)
    refused = ask_number(client)
    assert (refused.status_code, refused.json()["code"]) == (403, "fresh_proof_needed")
    asked = client.post("/api/v1/auth/proof-codes", {}, format="json")
    request = asked.json()["request"]
    proof = {"request": request, "code": right_code(request)}
    assert client.post("/api/v1/auth/proofs", proof, format="json").status_code == 204
    assert client.post("/api/v1/auth/proofs", proof, format="json").json()["code"] == "code_spent"
    assert ask_number(client).status_code == 202
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert ask_number(client).status_code == 403


def test_a_code_opens_only_what_it_was_asked_for(country: Country, her: Person) -> None:
    client, stranger = fresh(her), make_person(home=country.larache_centre, phone="0677777777")
    for_number = ask_number(client).json()["request"]
    for_proof = client.post("/api/v1/auth/proof-codes", {}, format="json").json()["request"]
    for_session = ask_code(NEW)
    assert sign_in(for_number, right_code(for_number)).status_code == 401
    assert sign_in(for_proof, right_code(for_proof)).status_code == 401
    assert put_number(client, for_session, right_code(for_session)).status_code == 401
    assert put_number(fresh(stranger), for_number, right_code(for_number)).status_code == 401
    proof = {"request": for_number, "code": right_code(for_number)}
    assert client.post("/api/v1/auth/proofs", proof, format="json").status_code == 401


def test_a_number_that_others_use_asks_for_a_pin_of_her_own(country: Country, her: Person) -> None:
    sister = make_person(home=country.larache_centre, phone=NEW)
    client = fresh(her)
    request = ask_number(client).json()["request"]
    assert put_number(client, request, right_code(request)).json()["code"] == "own_pin_first"
    Person.objects.filter(pk=sister.pk).update(pin=make_person(pin="1111").pin)
    assert put_number(client, request, right_code(request)).json()["code"] == "pin_needed"
    assert put_number(client, request, right_code(request), pin="1111").json()["code"] == "pin_not_free"
    client.patch("/api/v1/me", {"pin": "2468"}, format="json")
    request = ask_number(client).json()["request"]
    assert put_number(client, request, right_code(request), pin="9753").json()["code"] == "current_pin_wrong"
    assert put_number(client, request, right_code(request), pin="2468").status_code == 204


def test_her_pin_or_the_password_of_staff_is_a_proof_and_ten_wrong_ones_wait(country: Country) -> None:
    with_pin = make_person(home=country.larache_centre, pin="2468")
    staff = make_staff("trainer", country.institute, password="عبارة سر طويلة جدا")
    url = "/api/v1/auth/proofs"
    assert client_for(with_pin).post(url, {"pin": "2468"}, format="json").status_code == 204
    assert client_for(staff).post(url, {"password": "عبارة سر طويلة جدا"}, format="json").status_code == 204
    client = client_for(with_pin)
    answers = [client.post(url, {"pin": "0000"}, format="json").status_code for _ in range(30)]
    assert set(answers[:10]) == {401}
    assert 429 in answers
    assert not Session.objects.exclude(person=None).filter(proven_at=None, person=staff).exists()


def test_on_the_pages_she_proves_then_changes_her_number(her: Person) -> None:
    browser = browser_for(her)
    assert browser.get("/account/number")["Location"] == "/account/prove?next=%2Faccount%2Fnumber"
    asked = browser.post("/account/prove?next=/account/number", {"ask": "1"})
    challenge = Challenge.objects.latest("id")
    assert str(challenge.uuid) in asked.content.decode()
    proof = {"request": str(challenge.uuid), "code": code_of(challenge.uuid)}
    assert browser.post("/account/prove?next=/account/number", proof)["Location"] == "/account/number"
    browser.post("/account/number", {"phone": NEW})
    challenge = Challenge.objects.latest("id")
    wrong = browser.post("/account/number", {"request": str(challenge.uuid), "code": "000000", "pin": ""})
    assert (wrong.status_code, 'id="id_code_error"' in wrong.content.decode()) == (422, True)
    code = code_of(challenge.uuid)
    done = browser.post("/account/number", {"request": str(challenge.uuid), "code": code, "pin": ""})
    assert (done.status_code, done["Location"]) == (303, "/account")
    assert who_is_on(NEW) == str(her.uuid)
