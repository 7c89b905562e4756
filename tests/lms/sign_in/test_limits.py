"""Limits at the door: a wait, never a lock-out."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from lms.sign_in import limits
from lms.sign_in.addresses import address_key, address_of
from lms.sign_in.limits import CODES_OF_ADDRESS, EVERYONE, FAILURES_OF_ALL, TooManyTries, begin, of_address
from lms.sign_in.models import AuthEvent, RateBucket
from tests.cast import Country, make_person
from tests.lms.sign_in.door import ask_code, right_code, sign_in
from tests.races.racing import at_once

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADDRESS = "192.0.2.7"


def ask(number: int) -> Any:
    phone = f"06{number:08d}"
    return APIClient().post("/api/v1/auth/codes", {"phone": phone}, format="json")


@pytest.mark.django_db
def test_forty_women_sign_in_within_ten_minutes_from_one_centre() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(40):
            request = ask_code(f"06{number:08d}")
            assert sign_in(request, right_code(request)).status_code == 201
            clock.shift(timedelta(seconds=15))
    assert sum(b.count for b in RateBucket.objects.filter(key__startswith="failures")) == 0


@pytest.mark.django_db
def test_above_sixty_an_hour_an_address_waits_and_is_served_again() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert Counter(ask(number).status_code for number in range(60)) == {202: 60}
        assert ask(61).status_code == 202  # the slot's one
        refused = ask(62)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
        clock.shift(timedelta(seconds=int(refused.headers["Retry-After"])))
        assert ask(63).status_code == 202


@pytest.mark.django_db
def test_the_wait_rises_with_what_was_served_above_the_limit_and_ends_at_a_minute() -> None:
    counted = of_address(CODES_OF_ADDRESS, ADDRESS)
    waits = []
    for step in range(200):
        try:
            begin(counted, at=NOON + timedelta(seconds=step * 0.01))
        except TooManyTries as refusal:
            waits.append(refusal.retry_after or 0)
    assert min(waits) <= 2
    RateBucket.objects.filter(key=counted.key).update(count=500)
    begin(counted, at=NOON)
    with pytest.raises(TooManyTries) as refused:
        begin(counted, at=NOON)
    assert 2 < (refused.value.retry_after or 0) <= 64


@pytest.mark.django_db
def test_a_registered_centre_is_exempt(country: Country) -> None:
    country.larache_centre.networks = ["192.0.2.0/24"]
    country.larache_centre.save()
    for _ in range(100):
        begin(of_address(CODES_OF_ADDRESS, ADDRESS), at=NOON)
    elsewhere = of_address(CODES_OF_ADDRESS, "198.51.100.1")
    for _ in range(61):
        begin(elsewhere, at=NOON)
    with pytest.raises(TooManyTries):
        begin(elsewhere, at=NOON)


@pytest.mark.django_db
def test_failures_with_one_email_slow_down_alike_for_known_and_unknown(client: APIClient) -> None:
    make_person(email="known@example.ma", password="عبارة سر طويلة جدا")

    def tries(email: str) -> list[int]:
        body = {"email": email, "password": "wrong"}
        return [client.post("/api/v1/auth/sessions", body, format="json").status_code for _ in range(13)]

    with time_machine.travel(NOON, tick=False):
        known, unknown = tries("known@example.ma"), tries("unknown@example.ma")
    assert known == unknown == [401] * 12 + [429]  # ten, and one in each of the first two slots


@pytest.mark.django_db
def test_many_failures_everywhere_ring_once_and_slow_everyone_down(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = RateBucket.objects.create(
        key=EVERYONE.key, window=limits._start(NOON, FAILURES_OF_ALL.window), count=FAILURES_OF_ALL.most
    )
    for _ in range(FAILURES_OF_ALL.per_slot):
        begin(EVERYONE, at=NOON)
    with pytest.raises(TooManyTries) as refused:
        begin(EVERYONE, at=NOON)
    assert (refused.value.retry_after or 0) <= 2
    begin(EVERYONE, at=NOON + timedelta(seconds=2))
    assert AuthEvent.objects.filter(kind="too_many_failures").count() == 1
    bucket.refresh_from_db()
    assert bucket.count == FAILURES_OF_ALL.most + FAILURES_OF_ALL.per_slot + 1


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_cannot_slip_past_the_limit_together() -> None:
    def attempt(number: int) -> str:
        try:
            begin(of_address(CODES_OF_ADDRESS, ADDRESS), at=NOON)
        except TooManyTries:
            return "waits"
        return "served"

    answers: Counter[str] = Counter()
    for _ in range(2):
        answers.update(at_once(*[partial(attempt, n) for n in range(50)]))
    assert 60 <= answers["served"] <= 66  # sixty, and at most one in each of the slots of 2, 4, … 64 seconds


@pytest.mark.django_db
def test_an_address_stands_nowhere_in_plain_text() -> None:
    begin(of_address(CODES_OF_ADDRESS, ADDRESS), at=NOON)
    assert ADDRESS not in RateBucket.objects.get().key


def test_a_forwarded_address_counts_only_as_far_as_our_proxies_wrote_it(settings: Settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.7")
    settings.TRUSTED_PROXIES = 0
    assert address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert address_of(request) == "192.0.2.7"


def test_the_addresses_of_one_ipv6_line_count_as_one() -> None:
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff")
    assert address_key("2001:db8::1") != address_key("2001:db8:0:1::1")
