"""A sample of what was recorded goes before somebody else; what she disputes counts no more."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.facilitated.models import Attestation
from learners.progress.models import LessonProgress, ProgressEvent
from lms.accounts.models import Person
from lms.audit.models import AccessEntry, ChangeEntry
from tests.cast import Country, client_for, make_staff
from tests.learners.facilitated.room import Room, open_room
from tests.statements import statements

ATTESTATIONS = "/api/v1/attestations"


@pytest.fixture
def admin(country: Country) -> Person:
    return make_staff("centre_admin", country.larache_centre)


def listed(reader: Person, **asked: Any) -> list[dict[str, Any]]:
    answer = client_for(reader).get(ATTESTATIONS, asked)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def judge(judge: Person, verdict: str, reason: str = "", *, which: Attestation | None = None) -> Any:
    attestation = which or Attestation.objects.latest("pk")
    body = {"verdict": verdict, "reason": reason}
    return client_for(judge).post(f"{ATTESTATIONS}/{attestation.uuid}/verdict", body, format="json")


def recorded(room: Room, number: int, *, lot: int = 9_999, at: datetime | None = None) -> list[Attestation]:
    """So many records of the room's facilitator, at a moment and with lots of our own."""
    before = set(Attestation.objects.values_list("pk", flat=True))
    room.said(*(room.event(room.women[0], room.texts[0]) for _ in range(number)))
    fresh = Attestation.objects.exclude(pk__in=before)
    fresh.update(lot=lot, recorded_at=at or timezone.now())
    return list(fresh.order_by("pk"))


def last_month() -> datetime:
    return timezone.localtime().replace(day=1) - timedelta(days=3)


def test_what_is_disputed_counts_no_more_and_stays_to_be_read(room: Room, admin: Person) -> None:
    woman = room.women[0]
    room.said(room.event(woman, room.texts[0]), room.event(woman, room.quiz, score=80))
    answer = judge(admin, "disputed", "لم تحضر ذلك اليوم")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "disputed")
    assert not LessonProgress.objects.filter(lesson=room.quiz.uuid).exists()
    woman.refresh_from_db()
    assert woman.percent == 33
    event = ProgressEvent.objects.get(lesson=room.quiz.uuid)
    assert event.voided_at is not None
    assert (event.score, event.attested_by) == (80, room.bouchra), "the fact stays as it was said"
    assert ChangeEntry.objects.get(verb="attestation.disputed").actor == admin
    assert room.said(room.event(woman, room.quiz, score=70)) == ["accepted"]
    assert LessonProgress.objects.get(lesson=room.quiz.uuid).score == 70


def test_what_she_did_herself_stays_when_the_record_of_it_falls(room: Room, admin: Person) -> None:
    woman = room.women[0]
    own = {
        "id": str(uuid.uuid4()),
        "enrolment": str(woman.uuid),
        "lesson": str(room.texts[0].uuid),
        "verb": "finished",
        "occurred_at": timezone.now().isoformat(),
    }
    client_for(woman.learner).post(
        "/api/v1/progress/events", {"device": "هاتف", "events": [own]}, format="json"
    )
    room.said(room.event(woman, room.texts[0]))
    judge(admin, "disputed", "لا أحد يتذكر ذلك")
    lesson = LessonProgress.objects.get()
    assert (lesson.state, lesson.attested) == ("finished", False)


def test_a_completion_stays_and_the_list_says_that_it_rests_on_it(room: Room, admin: Person) -> None:
    woman = room.women[0]
    lessons = [room.event(woman, text) for text in room.texts]
    room.said(*lessons, room.event(woman, room.quiz, score=100))
    assert judge(admin, "disputed", "ورقة امرأة أخرى").json()["completed"] is True
    woman.refresh_from_db()
    assert (woman.state, woman.percent) == ("completed", 100)
    assert Certificate.objects.filter(enrolment=woman).count() == 1


def test_an_answer_is_given_once_never_by_the_recorder_and_with_a_reason(room: Room, admin: Person) -> None:
    room.said(room.event(room.women[0], room.texts[0]))
    assert judge(admin, "disputed", " ").json()["errors"][0]["code"] == "reason_needed"
    assert judge(room.bouchra, "confirmed").status_code == 403
    assert [judge(admin, "confirmed").status_code for _ in range(2)] == [200, 200]
    assert judge(admin, "disputed", "سبب آخر").json()["code"] == "already_judged"
    assert LessonProgress.objects.get().state == "finished"
    room.said(room.event(room.women[0], room.texts[1]), by=admin)
    assert judge(admin, "confirmed").json()["code"] == "own_record"
    hers = Attestation.objects.filter(by=admin)
    with pytest.raises(IntegrityError, match="nobody_judges_her_own_record"), transaction.atomic():
        hers.update(judged_by=admin, judged_at=timezone.now(), verdict="confirmed")


def test_her_province_reads_pseudonyms_and_nothing_of_a_shelter(room: Room, country: Country) -> None:
    hidden = open_room(country, place=country.shelter, women=1)
    for each in (room, hidden):
        each.said(each.event(each.women[0], each.texts[0]))
    above = make_staff("province_admin", country.larache)
    [row] = listed(above)
    assert row["name"] == room.women[0].learner.pseudonym
    [named] = listed(room.bouchra)
    assert named["name"] == "متدربة 0 الاختبارية"
    assert (row["by"], row["recorder"]) == (str(room.bouchra.uuid), "بشرى الاختبارية")
    looks = AccessEntry.objects.filter(surface="attestations", people=[room.women[0].learner_id])
    assert [look.viewer for look in looks] == [room.bouchra]
    shelters = Attestation.objects.get(enrolment=hidden.women[0])
    assert judge(above, "confirmed", which=shelters).status_code == 404
    assert judge(make_staff("centre_admin", country.shelter), "confirmed", which=shelters).status_code == 200
    assert listed(make_staff("province_admin", country.tetouan)) == []
    assert client_for(make_staff("ministry_admin", country.ministry)).get(ATTESTATIONS).status_code == 403


def test_the_list_is_narrowed_by_recorder_session_day_and_answer(room: Room, admin: Person) -> None:
    woman, today = room.women[0], timezone.localdate()
    past = (today - timedelta(days=5)).isoformat()
    room.said(room.event(woman, room.texts[0], done_on=past))
    room.said(room.event(woman, room.texts[1]), session=str(room.session.uuid))
    room.said(room.event(woman, room.quiz, score=5), by=admin)
    judge(admin, "confirmed", which=Attestation.objects.get(session=room.session))
    days = {
        "by": (str(admin.uuid), 1),
        "session": (str(room.session.uuid), 1),
        "since": (today.isoformat(), 2),
        "until": (past, 1),
        "verdict": ("waiting", 2),
    }
    for name, (value, number) in days.items():
        assert len(listed(admin, **{name: value})) == number, name
    assert client_for(admin).get(ATTESTATIONS, {"since": "yesterday"}).status_code == 422


def test_the_sample_is_by_lot_and_takes_one_of_each_recorder_and_month_past(
    room: Room, admin: Person, country: Country
) -> None:
    recorded(room, 2, at=last_month())
    lowest = recorded(room, 2, lot=7_000, at=last_month())[0]
    [by_lot] = recorded(room, 1, lot=499)
    recorded(room, 1, lot=500)
    other = make_staff("facilitator", country.larache_centre)
    room.bouchra, first = other, room.bouchra
    [others] = recorded(room, 1, at=last_month())
    room.bouchra = first
    expected = [str(each.uuid) for each in (others, by_lot, lowest)]
    for _ in range(2):
        assert [row["id"] for row in listed(admin, sample="true")] == expected, "asked again it is the same"
    assert [row["id"] for row in listed(first, sample="true")] == [str(others.uuid)], "never her own"


def test_a_month_that_has_one_by_lot_needs_no_other(room: Room, admin: Person) -> None:
    recorded(room, 3, at=last_month())
    [by_lot] = recorded(room, 1, lot=3, at=last_month())
    assert [row["id"] for row in listed(admin, sample="true")] == [str(by_lot.uuid)]


def test_the_list_costs_the_same_for_one_and_for_many(room: Room, admin: Person) -> None:
    client = client_for(admin)
    for _ in range(2):
        recorded(room, 3)
        with statements(5):  # her session, the list, the names, the looks at women and colleagues
            assert client.get(ATTESTATIONS, {"sample": "false"}).status_code == 200
