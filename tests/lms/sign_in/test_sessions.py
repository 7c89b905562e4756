"""Sessions: devices, ends, and what they cost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.utils import timezone
from rest_framework.test import APIClient

from lms.accounts.models import Person
from lms.accounts.services import disable_person
from lms.sign_in.models import AuthEvent, Session
from lms.sign_in.sessions import LONG, WORKING_DAY, Device, start_session
from tests.cast import Country, client_for, make_person, make_staff
from tests.lms.sign_in.door import NUMBER, ask_code, client_with, right_code, sign_in
from tests.statements import statements

PASSWORD = "عبارة سر طويلة جدا"


@pytest.fixture
def alice(country: Country) -> Person:
    return make_person(home=country.larache_centre, phone=NUMBER)


def test_a_signed_in_read_costs_one_statement_for_session_person_and_roles(country: Country) -> None:
    client = client_for(make_staff("province_admin", country.larache))
    with statements(1 + 1):  # and the list
        assert client.get("/api/v1/organisations").status_code == 200


def test_her_devices_cost_two_statements_and_name_the_one_she_holds(alice: Person) -> None:
    for name in ("هاتف", "حاسوب المركز", "هاتف أختي"):
        start_session(person=alice, device=Device(name=name), at=timezone.now())
    client = client_for(alice)
    with statements(2):
        devices = client.get("/api/v1/auth/sessions").json()["results"]
    assert [device["current"] for device in devices] == [True, False, False, False]
    assert devices[1]["device_name"] == "هاتف أختي"


def test_signing_out_ends_this_session_and_clears_the_browser(alice: Person) -> None:
    here, there = client_for(alice), client_for(alice)
    answer = here.delete("/api/v1/auth/sessions/current")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (204, '"cache", "cookies"')
    assert here.get("/api/v1/me").status_code == 401
    assert there.get("/api/v1/me").status_code == 200


def test_she_ends_one_device_or_all(alice: Person) -> None:
    here, there, elsewhere = client_for(alice), client_for(alice), client_for(alice)
    results = here.get("/api/v1/auth/sessions").json()["results"]
    there_id = results[1]["id"]
    assert here.delete(f"/api/v1/auth/sessions/{there_id}").status_code == 204
    assert there.get("/api/v1/me").status_code == 401
    assert here.delete("/api/v1/auth/sessions/all").status_code == 204
    assert [client.get("/api/v1/me").status_code for client in (here, elsewhere)] == [401, 401]


def test_the_device_of_another_woman_does_not_exist_for_her(alice: Person) -> None:
    other = start_session(person=make_person(), device=Device(), at=timezone.now()).session
    answer = client_for(alice).delete(f"/api/v1/auth/sessions/{other.uuid}")
    assert answer.status_code == 404
    assert Session.objects.filter(pk=other.pk).exists()


def test_closing_an_account_ends_her_sessions_at_once(alice: Person) -> None:
    client = client_for(alice)
    disable_person(person=alice, actor=make_person(), at=timezone.now(), reason="طلب منها")
    assert client.get("/api/v1/me").status_code == 401
    assert not Session.objects.filter(person=alice).exists()


def test_use_begins_the_time_anew_and_is_written_at_most_every_ten_minutes(alice: Person) -> None:
    at = timezone.now()
    opened = start_session(person=alice, device=Device(), at=at)
    client = client_with(opened.token)
    with time_machine.travel(at + timedelta(days=29), tick=False), statements(1 + 1 + 1):
        client.get("/api/v1/auth/sessions")
    opened.session.refresh_from_db()
    assert opened.session.expires_at == at + timedelta(days=29) + LONG
    with (
        time_machine.travel(at + timedelta(days=29, minutes=9), tick=False),
        statements(1 + 1),
    ):
        client.get("/api/v1/auth/sessions")
    with time_machine.travel(at + timedelta(days=60), tick=False):
        assert client.get("/api/v1/me").status_code == 401


def test_no_session_outlives_a_year(alice: Person) -> None:
    at = timezone.now()
    opened = start_session(person=alice, device=Device(), at=at)
    for day in range(20, 366, 20):
        with time_machine.travel(at + timedelta(days=day), tick=False):
            assert client_with(opened.token).get("/api/v1/me").status_code == 200
    with time_machine.travel(at + timedelta(days=366), tick=False):
        assert client_with(opened.token).get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("device", "number", "lifetime"),
    [
        (Device(kind="app"), NUMBER, LONG),
        (Device(kind="browser"), NUMBER, LONG),
        (Device(kind="browser"), "", WORKING_DAY),
        (Device(kind="app", shared=True), NUMBER, WORKING_DAY),
    ],
)
def test_a_shared_device_and_a_password_in_a_browser_last_a_working_day(
    alice: Person, device: Device, number: str, lifetime: timedelta
) -> None:
    at = timezone.now()
    assert (
        start_session(person=alice, device=device, number=number, at=at).session.expires_at == at + lifetime
    )


@pytest.mark.django_db
def test_staff_sign_in_by_email_in_any_case_and_password(country: Country, client: APIClient) -> None:
    make_staff("centre_admin", country.larache_centre, email="Bouchra@example.ma", password=PASSWORD)
    answer = client.post(
        "/api/v1/auth/sessions", {"email": "bouchra@EXAMPLE.ma", "password": PASSWORD}, format="json"
    )
    assert answer.status_code == 201
    assert answer.json()["person"]["roles"] == [
        {
            "role": "centre_admin",
            "organisation": {"code": "larache-centre", "name": country.larache_centre.name["ar"]},
        }
    ]


@pytest.mark.django_db
def test_an_unknown_email_costs_the_same_hash_as_a_wrong_password(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(email="known@example.ma", password=PASSWORD)
    hashed: list[str] = []
    hasher = hashers.Argon2PasswordHasher

    def counting(work: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            hashed.append(work.__name__)
            return work(*given, **named)

        return counted

    for verb in ("encode", "verify"):
        monkeypatch.setattr(hasher, verb, counting(getattr(hasher, verb)))
    answers = []
    for email in ("known@example.ma", "unknown@example.ma"):
        hashed.clear()
        answer = client.post(
            "/api/v1/auth/sessions", {"email": email, "password": "not this one"}, format="json"
        )
        answers.append((len(hashed), answer.status_code, {**answer.json(), "request_id": ""}))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (1, 401)


@pytest.mark.django_db
def test_a_closed_account_with_the_right_password_hears_what_a_wrong_one_hears(client: APIClient) -> None:
    make_person(email="known@example.ma", password=PASSWORD, is_active=False)
    answer = client.post(
        "/api/v1/auth/sessions", {"email": "known@example.ma", "password": PASSWORD}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_wrong")


@pytest.mark.django_db
def test_half_a_way_to_sign_in_says_what_is_missing(client: APIClient) -> None:
    request = ask_code()
    answer = client.post("/api/v1/auth/sessions", {"request": request}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")
    answer = client.post("/api/v1/auth/sessions", {"email": "a@example.ma"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")


def test_an_answer_to_someone_signed_in_is_kept_nowhere(alice: Person) -> None:
    request = ask_code()
    token = sign_in(request, right_code(request)).json()["token"]
    assert client_with(token).get("/api/v1/me").headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_what_happens_at_the_door_is_written_down_without_an_address(client: APIClient) -> None:
    person = make_person(email="amina@example.ma", password=PASSWORD)
    for password in ("not hers at all", PASSWORD):
        client.post(
            "/api/v1/auth/sessions", {"email": "amina@example.ma", "password": password}, format="json"
        )
    rows = list(AuthEvent.objects.order_by("id").values_list("kind", "person"))
    assert rows == [("password_wrong", None), ("signed_in_by_password", person.pk)]
