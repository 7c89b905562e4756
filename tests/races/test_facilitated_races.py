"""A room is busy: what is recorded, marked or judged by two at the same moment happens once."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from learners.certificates.models import Certificate
from learners.facilitated.models import AttendanceMark, Attestation
from learners.progress.models import ProgressEvent
from tests.cast import Country, build_country, client_for, make_staff
from tests.learners.facilitated.room import Room, open_room
from tests.races.racing import TIMES, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db: None) -> Country:
    return build_country()


def record(client: APIClient, event: dict[str, Any]) -> str:
    answer = client.post("/api/v1/attestations", {"events": [event]}, format="json")
    status: str = answer.json()["results"][0]["status"]
    return status


def finish(client: APIClient, room: Room) -> int:
    event = {
        "id": str(uuid.uuid4()),
        "enrolment": str(room.women[0].uuid),
        "lesson": str(room.texts[1].uuid),
        "verb": "finished",
        "occurred_at": timezone.now().isoformat(),
    }
    body = {"device": "هاتف", "events": [event]}
    return int(client.post("/api/v1/progress/events", body, format="json").status_code)


def test_the_same_record_sent_twice_at_once_counts_once(place: Country) -> None:
    room = open_room(place)
    clients = [room.client for _ in range(2)]
    for _ in range(TIMES):
        event = room.event(room.women[0], room.quiz, score=50)
        said = at_once(*(lambda client=client, event=event: record(client, event) for client in clients))
        assert sorted(said) == ["accepted", "duplicate"]
        assert Attestation.objects.filter(event__event_id=event["id"]).count() == 1


def test_she_and_her_facilitator_finish_the_last_lesson_and_one_certificate_is_born(place: Country) -> None:
    for _ in range(TIMES):
        room = open_room(place, women=1)
        woman = room.women[0]
        room.said(room.event(woman, room.texts[0]), room.event(woman, room.quiz, score=100))
        staff, phone = room.client, client_for(woman.learner)
        event = room.event(woman, room.texts[1])
        at_once(lambda: record(staff, event), lambda: finish(phone, room))  # over before the next round
        woman.refresh_from_db()
        assert woman.state == "completed"
        assert Certificate.objects.filter(enrolment=woman).count() == 1


def test_of_two_answers_at_once_one_holds(place: Country) -> None:
    room = open_room(place, women=1)
    judges = [client_for(make_staff("centre_admin", place.larache_centre)) for _ in range(2)]
    for _ in range(TIMES):
        room.said(room.event(room.women[0], room.texts[0]))
        path = f"/api/v1/attestations/{Attestation.objects.latest('pk').uuid}/verdict"
        bodies = [{"verdict": "confirmed"}, {"verdict": "disputed", "reason": "غير صحيح"}]
        moves = [
            lambda judge=judge, body=body, path=path: judge.post(path, body, format="json").status_code
            for judge, body in zip(judges, bodies, strict=True)
        ]
        assert sorted(at_once(*moves)) == [200, 409]
        row = Attestation.objects.latest("pk")
        voided = ProgressEvent.objects.get(pk=row.event_id).voided_at is not None
        assert voided == (row.verdict == "disputed")


def test_one_mark_from_two_at_once(place: Country) -> None:
    room = open_room(place, women=1)
    clients = [room.client for _ in range(2)]
    path = f"/api/v1/sessions/{room.session.uuid}/attendance"
    for number in range(TIMES):
        presence = ("present", "absent")[number % 2]
        body = {"marks": [{"enrolment": str(room.women[0].uuid), "presence": presence}]}
        moves = [
            lambda client=client, body=body: client.put(path, body, format="json").json()["changed"]
            for client in clients
        ]
        assert sorted(at_once(*moves)) == [0, 1]
    assert AttendanceMark.objects.count() == TIMES
