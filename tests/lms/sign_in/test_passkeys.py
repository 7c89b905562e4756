"""Passkeys: added after a fresh proof, used, removed; forged, replayed, copied and taken from elsewhere."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from lms.accounts.models import Person
from lms.sign_in.models import AuthEvent, Passkey, PasskeyChallenge
from lms.sign_in.sessions import Device, start_session
from tests.cast import Country, client_for, make_person
from tests.lms.sign_in.door import client_with
from tests.lms.sign_in.software_key import SoftwareKey
from tests.races.racing import at_once

URL = "/api/v1/auth/passkeys"


@pytest.fixture(autouse=True)
def address(settings: Settings) -> None:
    settings.PUBLIC_URL, settings.PASSKEY_RP_ID = "https://learn.example.ma", "learn.example.ma"


@pytest.fixture
def her(country: Country) -> Person:
    return make_person(home=country.larache_centre, phone="0612345678", pin="2468")


def key(**more: Any) -> SoftwareKey:
    return SoftwareKey(origin="https://learn.example.ma", rp_id="learn.example.ma", **more)


def fresh(her: Person, **device: Any) -> APIClient:
    opened = start_session(person=her, device=Device(**device), at=timezone.now())
    return client_with(opened.token)


def add(client: APIClient, device: SoftwareKey) -> Any:
    asked = client.post(f"{URL}/options", {}, format="json")
    if asked.status_code != 200:
        return asked
    made = device.create(asked.json()["options"]["publicKey"])
    body = {"challenge": asked.json()["challenge"], "credential": made, "name": " هاتفي "}
    return client.post(URL, body, format="json")


def challenge() -> tuple[str, dict[str, Any]]:
    asked = APIClient().post(f"{URL}/challenges", {}, format="json").json()
    return asked["challenge"], asked["options"]["publicKey"]


def enter(challenge: str, credential: Any) -> Any:
    body = {"challenge": challenge, "credential": credential}
    return APIClient().post("/api/v1/auth/sessions", body, format="json")


def test_a_key_of_her_device_opens_her_account_without_a_name(her: Person) -> None:
    device = key()
    added = add(fresh(her), device)
    assert (added.status_code, added.json()["name"]) == (201, "هاتفي")
    which, options = challenge()
    assert not options.get("allowCredentials")
    entered = enter(which, device.get(options))
    assert (entered.status_code, entered.json()["person"]["id"]) == (201, str(her.uuid))
    assert Passkey.objects.get().sign_count == 1
    assert her.pseudonym not in str(options)


def test_what_the_device_shows_of_her_is_her_pseudonym(her: Person) -> None:
    asked = fresh(her).post(f"{URL}/options", {}, format="json").json()["options"]["publicKey"]
    assert asked["user"]["name"] == asked["user"]["displayName"] == her.pseudonym
    assert "جسر" not in str(asked)
    assert "Jisr" not in str(asked)


def test_an_old_session_adds_no_key_until_she_shows_again_that_it_is_she(her: Person) -> None:
    client, device = fresh(her), key()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        refused = add(client, device)
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_proof_needed")
        assert client.post("/api/v1/auth/proofs", {"pin": "1111"}, format="json").status_code == 401
        assert add(client, device).status_code == 403
        assert client.post("/api/v1/auth/proofs", {"pin": "2468"}, format="json").status_code == 204
        assert add(client, device).status_code == 201
    assert client_for(her).post(f"{URL}/options", {}, format="json").status_code == 403


def test_a_shared_device_keeps_no_key(her: Person) -> None:
    refused = add(fresh(her, shared=True), key())
    assert (refused.status_code, refused.json()["code"]) == (409, "device_is_shared")


def test_a_challenge_is_good_for_one_answer_and_five_minutes(her: Person) -> None:
    device = key()
    add(fresh(her), device)
    which, options = challenge()
    answer = device.get(options)
    assert enter(which, answer).status_code == 201
    assert enter(which, device.get(options)).status_code == 401
    late, options = challenge()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert enter(late, device.get(options)).status_code == 401


def test_a_wrong_answer_uses_the_challenge_up(her: Person) -> None:
    device = key()
    add(fresh(her), device)
    which, options = challenge()
    assert enter(which, device.get(options, signature=b"no signature")).status_code == 401
    assert enter(which, device.get(options)).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": b"made nowhere"},
        {"private": SoftwareKey("", "").private},
        {"origin": "https://learn.example.ma.evil.com"},
        {"rp_id": "evil.com"},
        {"verified": False},
        {"handle": b"somebody else's"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_not_right_about_an_answer_she_hears_the_same(
    her: Person, change: dict[str, Any]
) -> None:
    device = key()
    add(fresh(her), device)
    which, options = challenge()
    refused = enter(which, replace(device, **change).get(options))
    assert (refused.status_code, refused.json()["code"]) == (401, "passkey_wrong")
    which, options = challenge()
    assert enter(which, device.get(options)).status_code == 201


def test_a_copied_key_is_seen_by_its_counter(her: Person) -> None:
    device = key()
    add(fresh(her), device)
    for _ in range(3):
        which, options = challenge()
        assert enter(which, device.get(options)).status_code == 201
    copy = key(key_id=device.key_id, private=device.private, handle=device.handle, count=1)
    which, options = challenge()
    assert enter(which, copy.get(options)).status_code == 401
    assert AuthEvent.objects.filter(person=her, kind="passkey_copied").exists()


def test_a_device_that_counts_nothing_is_believed(her: Person) -> None:
    device = key()
    add(fresh(her), device)
    for _ in range(2):
        device.count = -1
        which, options = challenge()
        assert enter(which, device.get(options)).status_code == 201


def test_anothers_challenge_and_a_key_she_has_already_add_nothing(country: Country, her: Person) -> None:
    device, other = key(), make_person(home=country.larache_centre)
    asked = fresh(other).post(f"{URL}/options", {}, format="json").json()
    made = device.create(asked["options"]["publicKey"])
    stolen = fresh(her).post(URL, {"challenge": asked["challenge"], "credential": made}, format="json")
    assert (stolen.status_code, stolen.json()["code"]) == (422, "passkey_refused")
    assert add(fresh(her), device).status_code == 201
    assert add(fresh(other), device).status_code == 422


@pytest.mark.parametrize("hostile", [{}, {"id": 1}, {"rawId": "AA", "response": {"clientDataJSON": "e30"}}])
def test_what_no_device_would_answer_is_refused(her: Person, hostile: dict[str, Any]) -> None:
    which, _options = challenge()
    assert enter(which, hostile).status_code == 401
    client = fresh(her)
    asked = client.post(f"{URL}/options", {}, format="json").json()
    refused = client.post(URL, {"challenge": asked["challenge"], "credential": hostile}, format="json")
    assert refused.status_code == 422


def test_a_removed_key_and_one_of_a_closed_account_open_nothing(country: Country, her: Person) -> None:
    device, client = key(), fresh(her)
    one = add(client, device).json()["id"]
    [listed] = client.get(URL).json()["results"]
    assert listed["id"] == one
    stranger = make_person(home=country.larache_centre)
    assert client_for(stranger).delete(f"{URL}/{one}").status_code == 404
    Person.objects.filter(pk=her.pk).update(is_active=False)
    which, options = challenge()
    assert enter(which, device.get(options)).status_code == 401
    Person.objects.filter(pk=her.pk).update(is_active=True)
    assert client.delete(f"{URL}/{one}").status_code == 204
    which, options = challenge()
    assert enter(which, device.get(options)).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_one_answer_sent_ten_times_at_once_opens_one_session(country: Country, her: Person) -> None:
    device = key()
    add(fresh(her), device)
    which, options = challenge()
    answer = device.get(options)
    codes = at_once(*[lambda: int(enter(which, answer).status_code) for _ in range(10)])
    assert sorted(codes) == [201, *[401] * 9]
    assert not PasskeyChallenge.objects.filter(uuid=which).exists()
