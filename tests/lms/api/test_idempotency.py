"""A creating POST sent twice under one key is done once: the phone that lost the answer hears it again."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from courses.authoring.models import Module
from courses.authoring.services import create_course
from courses.catalogue.models import Course
from lms.accounts.models import Person
from lms.api.models import IdempotencyKey
from lms.upkeep.services import forget
from tests.cast import Country, build_country, client_for, make_person, make_staff
from tests.races.racing import TIMES, at_once

COURSES = "/api/v1/authoring/courses"
SECRET = "ملخص لا يقرأه أحد"


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def client(trainer: Person) -> APIClient:
    return client_for(trainer)


def create(client: APIClient, *, key: str = "one", slug: str = "course", **changes: Any) -> Any:
    body = {"slug": slug, "languages": ["ar"], "title": {"ar": "دورة"}, "summary": {"ar": SECRET}} | changes
    return client.post(COURSES, body, format="json", headers={"Idempotency-Key": key})


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_same_key_and_body_replay_the_first_answer_with_its_status(client: APIClient) -> None:
    first, second = create(client), create(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert Course.objects.count() == 1


def test_a_refusal_is_an_answer_too(client: APIClient) -> None:
    assert refused(create(client, slug="NO SLUG")) == (422, "invalid")
    again = create(client, slug="NO SLUG")
    assert refused(again) == (422, "invalid")
    assert (again.headers["Idempotent-Replay"], again.headers["Content-Type"]) == (
        "true",
        "application/problem+json",
    )


def test_another_body_under_the_same_key_is_refused_and_does_nothing(client: APIClient) -> None:
    create(client)
    assert refused(create(client, slug="another")) == (422, "idempotency_key_reused")
    assert Course.objects.count() == 1


def test_a_key_belongs_to_a_person_and_a_route(country: Country, client: APIClient) -> None:
    create(client, slug="hers")
    colleague = client_for(make_staff("trainer", country.institute))
    assert create(colleague, slug="theirs").status_code == 201
    module = client.post(
        f"{COURSES}/hers/modules",
        {"title": {"ar": "وحدة"}},
        format="json",
        headers={"Idempotency-Key": "one"},
    )
    assert module.status_code == 201


def test_two_long_keys_that_begin_alike_are_two(client: APIClient) -> None:
    assert create(client, key="k" * 200 + "1", slug="first").status_code == 201
    assert create(client, key="k" * 200 + "2", slug="second").status_code == 201
    assert create(client, key="k" * 200 + "2", slug="second").headers["Idempotent-Replay"] == "true"


def test_after_a_day_the_key_is_new_and_its_row_is_swept(client: APIClient) -> None:
    create(client)
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert refused(create(client, slug="another")) == (422, "idempotency_key_reused")
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert create(client, slug="another").status_code == 201
    forget(at=timezone.now() + timedelta(days=3))
    assert not IdempotencyKey.objects.exists()


def test_what_failed_on_our_side_is_no_answer_and_may_be_sent_again(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("courses.authoring.api.services.create_course", _fail)
        assert create(client).status_code == 500
    assert not IdempotencyKey.objects.exists()
    assert create(client).status_code == 201


def _fail(**_: Any) -> None:
    raise RuntimeError


def test_the_kept_answer_is_sealed(client: APIClient) -> None:
    create(client)
    answer = bytes(IdempotencyKey.objects.get().answer)
    assert answer
    assert SECRET.encode() not in answer
    assert b"slug" not in answer


def test_the_kept_answer_goes_with_the_person(db: None) -> None:
    person = make_person()
    IdempotencyKey.objects.create(person=person, route="/", key="one", body_hash=b"", status=201)
    person.delete()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sent_many_times_at_once_it_is_done_once() -> None:
    country = build_country()
    staff = make_staff("trainer", country.institute)
    course = create(client_for(staff), key="first").json()
    clients = [client_for(staff) for _ in range(3)]

    def add(client: APIClient, key: str) -> int:
        return int(
            client.post(
                f"{COURSES}/{course['slug']}/modules",
                {"title": {"ar": "وحدة"}},
                format="json",
                headers={"Idempotency-Key": key},
            ).status_code
        )

    for number in range(TIMES):
        statuses = Counter(at_once(*(partial(add, client, f"key {number}") for client in clients)))
        assert set(statuses) <= {201, 409}
        assert statuses[201] >= 1
        assert Module.objects.count() == number + 1


@dataclass
class Slow:
    """The making of a course, held up in the middle of its transaction the first time."""

    going_on: Event = field(default_factory=Event)
    in_the_middle: Event = field(default_factory=Event)
    backend: int = 0

    def __call__(self, **words: Any) -> Course:
        course = create_course(**words)
        if not self.in_the_middle.is_set():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self.in_the_middle.set()
            assert self.going_on.wait(60)
        return course


@contextmanager
def first_under_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Slow, Person, "Future[Any]"]]:
    """Someone has sent a course, and it is neither made nor refused yet."""
    trainer = make_staff("trainer", build_country().institute)
    slow = Slow()
    monkeypatch.setattr("courses.authoring.api.services.create_course", slow)
    client = client_for(trainer)

    def send() -> Any:
        try:
            return create(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        try:
            sent = pool.submit(send)
            assert slow.in_the_middle.wait(60)
            yield slow, trainer, sent
        finally:
            slow.going_on.set()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_to_wait_and_then_hears_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with first_under_way(monkeypatch) as (slow, trainer, sent):
        waiting = create(client_for(trainer))
        assert refused(waiting) == (409, "idempotency_in_progress")
        assert waiting.headers["Retry-After"]
        slow.going_on.set()
        assert sent.result(60).status_code == 201
        assert create(client_for(trainer)).json() == sent.result().json()
    assert Course.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_dies_in_the_middle_the_second_is_the_first_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with first_under_way(monkeypatch) as (slow, trainer, sent):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [slow.backend])
        assert create(client_for(trainer)).status_code == 201
        slow.going_on.set()
        assert sent.result(60).status_code == 503
    assert Course.objects.count() == 1
