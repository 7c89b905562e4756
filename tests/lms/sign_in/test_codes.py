"""Signing in by a code to the phone: through the API, on the real database."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from lms.events.models import StoredEvent
from lms.sign_in.codes import request_code
from lms.sign_in.models import Challenge, Session
from tests.cast import make_person
from tests.lms.sign_in.door import NUMBER, PHONE, ask_code, right_code, sign_in, wrong_code
from tests.outbox import work_off
from tests.races.racing import at_once


@pytest.fixture
def outbox(settings: Settings, tmp_path: Path) -> Path:
    settings.SMS_OUTBOX = tmp_path / "outbox" / "sms.jsonl"
    return Path(settings.SMS_OUTBOX)


def messages_in(outbox: Path) -> list[dict[str, str]]:
    """Let relay and workers send what waits, and read it."""
    work_off()
    return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []


@pytest.mark.django_db
def test_known_and_unknown_numbers_hear_the_same_and_get_a_code(outbox: Path) -> None:
    make_person(phone=NUMBER)
    known = APIClient().post("/api/v1/auth/codes", {"phone": PHONE}, format="json")
    unknown = APIClient().post("/api/v1/auth/codes", {"phone": "07 11 11 11 11"}, format="json")
    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys() == {"request", "expires_at"}
    messages = messages_in(outbox)
    assert [message["to"] for message in messages] == [NUMBER, "+212711111111"]
    assert right_code(known.json()["request"]) in messages[0]["text"]
    assert "جسر" not in messages[0]["text"]


@pytest.mark.django_db
def test_no_table_holds_the_code_or_the_number() -> None:
    request = ask_code()
    challenge = Challenge.objects.get(uuid=request)
    event = StoredEvent.objects.get(topic="code_requested")
    stored = [bytes(challenge.phone), bytes(challenge.code_mac), bytes(challenge.phone_index)]
    assert not any(right_code(request).encode() in column or b"612345678" in column for column in stored)
    assert event.payload == {"challenge_id": challenge.pk, "language": "ar"}


@pytest.mark.django_db
def test_the_right_code_signs_her_in_and_every_session_has_a_key_of_its_own() -> None:
    person = make_person(phone=NUMBER)
    tokens = set()
    for _ in range(2):
        request = ask_code()
        answer = sign_in(request, right_code(request), device_name="هاتفي")
        assert answer.status_code == 201
        assert answer.json()["person"]["id"] == str(person.uuid)
        tokens.add(answer.json()["token"])
    assert len(tokens) == 2
    assert not any(token in str(Session.objects.values_list()) for token in tokens)


@pytest.mark.django_db
def test_digits_may_be_typed_in_arabic_and_with_spaces() -> None:
    request = ask_code("٠٦١٢٣٤٥٦٧٨")
    typed = right_code(request).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert sign_in(request, f"{typed[:3]} {typed[3:]}").status_code == 201


@pytest.mark.django_db
def test_a_code_guessed_wrong_five_times_is_spent_even_for_the_right_one() -> None:
    request = ask_code()
    answers = [sign_in(request, wrong_code(request)).json()["code"] for _ in range(5)]
    assert answers == ["code_wrong"] * 5
    late = sign_in(request, right_code(request))
    assert (late.status_code, late.json()["code"]) == (401, "code_spent")
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_a_code_is_good_for_ten_minutes_and_one_session() -> None:
    early, late = ask_code(), ask_code()
    assert sign_in(early, right_code(early)).status_code == 201
    assert sign_in(early, right_code(early)).json()["code"] == "code_spent"
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert sign_in(late, right_code(late)).json()["code"] == "code_spent"


@pytest.mark.django_db
def test_a_request_that_never_was_answers_like_a_wrong_code() -> None:
    request = ask_code()
    never = sign_in("01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a01", right_code(request))
    wrong = sign_in(request, wrong_code(request))
    assert never.status_code == wrong.status_code == 401
    assert {**never.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}


@pytest.mark.django_db
def test_the_fourth_code_within_an_hour_is_answered_alike_and_not_sent(outbox: Path) -> None:
    for _ in range(4):
        ask_code()
    assert len(messages_in(outbox)) == 3
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        ask_code()
    assert [c.silent for c in Challenge.objects.order_by("id")] == [False, False, False, True, False]


@pytest.mark.django_db
def test_a_used_or_expired_code_is_not_sent_any_more(outbox: Path) -> None:
    request = ask_code()
    sign_in(request, right_code(request))
    assert messages_in(outbox) == []


@pytest.mark.django_db
def test_what_is_no_mobile_is_refused() -> None:
    answer = APIClient().post("/api/v1/auth/codes", {"phone": "0522334455"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_mobile")
    assert not Challenge.objects.exists()


@pytest.mark.django_db
def test_an_old_token_is_no_reason_to_refuse_a_new_code() -> None:
    client = APIClient(HTTP_AUTHORIZATION="Bearer ended-long-ago")
    assert client.post("/api/v1/auth/codes", {"phone": PHONE}, format="json").status_code == 202
    request = ask_code()
    body = {"request": request, "code": right_code(request)}
    assert client.post("/api/v1/auth/sessions", body, format="json").status_code == 201


@pytest.mark.django_db
def test_an_unknown_number_gets_a_session_of_nobody_that_opens_nothing() -> None:
    request = ask_code()
    answer = sign_in(request, right_code(request)).json()
    assert answer["person"] is None
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {answer['token']}")
    for path in ("me", "auth/sessions", "enrolments"):
        assert client.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.django_db
class TestTwoOnOneNumber:
    @pytest.fixture(autouse=True)
    def _mother_and_daughter(self) -> None:
        self.mother = make_person(phone=NUMBER, pin="1111", first_name="الأم")
        self.daughter = make_person(phone=NUMBER, pin="2222", first_name="البنت")

    def test_without_a_pin_the_code_stays_good(self) -> None:
        request = ask_code()
        for _ in range(6):
            asked = sign_in(request, right_code(request))
            assert (asked.status_code, asked.json()["code"]) == (401, "pin_needed")
            assert "الأم" not in asked.content.decode()
        answer = sign_in(request, right_code(request), pin="2222")
        assert answer.json()["person"]["id"] == str(self.daughter.uuid)

    def test_a_wrong_pin_costs_a_try(self) -> None:
        request = ask_code()
        answers = [sign_in(request, right_code(request), pin="9999").json()["code"] for _ in range(6)]
        assert answers == ["pin_wrong"] * 5 + ["code_spent"]
        assert not Session.objects.exists()

    def test_someone_whose_account_was_closed_is_told_so_only_when_she_is_alone(self) -> None:
        self.mother.is_active = self.daughter.is_active = False
        self.mother.save()
        request = ask_code()
        assert sign_in(request, right_code(request), pin="1111").json()["code"] == "pin_wrong"
        self.daughter.save()
        request = ask_code()
        assert sign_in(request, right_code(request), pin="1111").json()["code"] == "account_closed"


@pytest.mark.django_db(transaction=True)
def test_of_fifty_guesses_at_once_five_are_judged() -> None:
    request = ask_code()
    guess = wrong_code(request)
    answers = at_once(*[lambda: sign_in(request, guess).json()["code"]] * 50)
    assert Counter(answers) == {"code_wrong": 5, "code_spent": 45}
    assert Challenge.objects.get().tries == 5


@pytest.mark.django_db(transaction=True)
def test_a_code_used_twenty_times_at_once_gives_one_session() -> None:
    make_person(phone=NUMBER)
    request = ask_code()
    code = right_code(request)
    answers = at_once(*[lambda: sign_in(request, code).status_code] * 20)
    assert Counter(answers) == {201: 1, 401: 19}
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_codes_asked_for_at_once_three_are_sent() -> None:
    def ask() -> Challenge:
        return request_code(phone=PHONE, address="192.0.2.1", at=timezone.now())

    at_once(*[ask] * 10)
    assert Challenge.objects.filter(silent=False).count() == 3
