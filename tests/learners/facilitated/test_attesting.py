"""A facilitator records for a woman without a phone; it counts like what she sends herself, under another's name."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.enrolments.services import enrol, withdraw
from learners.facilitated.models import Attestation, GroupSession
from learners.progress.models import LessonProgress, ProgressEvent
from learners.progress.services import rebuild_progress
from lms.events.models import StoredEvent
from tests.cast import Country, client_for, make_staff
from tests.learners.facilitated.room import PUBLISHED_FOR, Room, open_room, session_of
from tests.statements import statements


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_lessons_done_together_and_a_paper_quiz_complete_the_course_and_bring_a_certificate(
    room: Room,
) -> None:
    woman, other = room.women
    lessons = [room.event(each, text) for each in room.women for text in room.texts]
    assert room.said(*lessons, session=str(room.session.uuid)) == ["accepted"] * 4
    woman.refresh_from_db()
    assert (woman.state, woman.percent) == ("active", 66)
    assert room.said(room.event(woman, room.quiz, score=100), room.event(other, room.quiz, score=10)) == [
        "accepted",
        "accepted",
    ]
    woman.refresh_from_db()
    other.refresh_from_db()
    assert (woman.state, other.state) == ("completed", "active")
    assert Certificate.objects.get().enrolment == woman
    assert StoredEvent.objects.filter(topic="course_completed").count() == 1
    attested = ProgressEvent.objects.filter(attested_by=room.bouchra)
    assert attested.count() == 6
    assert {event.person_id for event in attested} == {woman.learner_id, other.learner_id}
    kinds = Attestation.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["lesson"] * 4 + ["paper_quiz"] * 2


def test_her_own_record_says_that_it_was_recorded_at_her_centre(room: Room) -> None:
    woman, client = room.women[0], client_for(room.women[0].learner)
    own = {
        "id": str(uuid.uuid4()),
        "enrolment": str(woman.uuid),
        "lesson": str(room.texts[1].uuid),
        "verb": "finished",
        "occurred_at": timezone.now().isoformat(),
    }
    client.post("/api/v1/progress/events", {"device": "هاتف", "events": [own]}, format="json")
    room.said(room.event(woman, room.texts[0]), room.event(woman, room.quiz, score=40))
    said = client.get(f"/api/v1/enrolments/{woman.uuid}/progress").json()["lessons"]
    by_lesson = {row["lesson"]: (row["state"], row["score"], row["attested"]) for row in said}
    assert by_lesson == {
        str(room.texts[0].uuid): ("finished", None, True),
        str(room.texts[1].uuid): ("finished", None, False),
        str(room.quiz.uuid): ("opened", 40, True),
    }


def test_the_same_record_counts_once_and_its_id_is_good_for_nothing_else(room: Room) -> None:
    event = room.event(room.women[0], room.quiz, score=30)
    assert room.said(event) == ["accepted"]
    assert room.said(event) == ["duplicate"]
    assert room.said(event | {"score": 100}) == ["event_id_reused"]
    assert LessonProgress.objects.get().score == 30
    assert Attestation.objects.count() == 1


def test_the_pass_mark_is_that_of_the_publication(room: Room) -> None:
    woman, mark = room.women[0], room.quiz.pass_percent
    assert room.said(room.event(woman, room.quiz, score=mark - 1)) == ["accepted"]
    assert LessonProgress.objects.get().state == "opened"
    assert room.said(room.event(woman, room.quiz, score=mark)) == ["accepted"]
    assert LessonProgress.objects.get().state == "finished"
    assert room.said(room.event(woman, room.quiz, score=0)) == ["accepted"]
    lesson = LessonProgress.objects.get()
    assert (lesson.state, lesson.score) == ("finished", mark), "the best one counts"


@pytest.mark.parametrize("score", [-1, 101, "x", 7.5, 2**40])
def test_a_score_outside_its_range_is_refused(room: Room, score: Any) -> None:
    answer = room.send(room.event(room.women[0], room.quiz, score=score))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/events/0/score")
    assert not ProgressEvent.objects.exists()


def test_what_cannot_have_been_is_refused_and_spoils_nothing_else(room: Room) -> None:
    woman, other = room.women
    elsewhere = open_room(room.country)
    withdraw(enrolment=other)
    before = -PUBLISHED_FOR.days - 1
    events = {
        "in_the_future": room.event(woman, room.texts[0], done_on=day(1)),
        "before_the_publication": room.event(woman, room.texts[0], done_on=day(before)),
        "lesson_not_in_course": room.event(woman, elsewhere.texts[0]),
        "not_a_quiz": room.event(woman, room.texts[0], score=50),
        "quiz_needs_score": room.event(woman, room.quiz),
        "enrolment_withdrawn": room.event(other, room.texts[0]),
        "accepted": room.event(woman, room.texts[0], done_on=day(before + 1)),
    }
    assert room.said(*events.values()) == list(events)
    assert ProgressEvent.objects.count() == Attestation.objects.count() == 1


def test_one_woman_of_another_centre_and_nothing_is_recorded(room: Room, country: Country) -> None:
    for place in (country.ksar_centre, country.shelter):
        stranger = open_room(country, place=place, women=1).women[0]
        mine = room.event(room.women[0], room.texts[0])
        answer = room.send(mine, room.event(stranger, room.texts[0]))
        never = room.send(mine, mine | {"id": str(uuid.uuid4()), "enrolment": str(uuid.uuid4())})
        assert (answer.status_code, never.status_code) == (404, 404)
        said = [each.json() | {"request_id": ""} for each in (answer, never)]
        assert said[0] == said[1]
    assert not ProgressEvent.objects.exists()


def test_nobody_records_for_herself_and_no_learner_records_at_all(room: Room) -> None:
    own, _new = enrol(learner=room.bouchra, course=room.course, cohort=room.cohort, at=timezone.now())
    assert room.said(room.event(own, room.texts[0])) == ["own_enrolment"]
    assert room.send(room.event(own, room.texts[0]), by=room.women[0].learner).status_code == 403
    above = make_staff("province_admin", room.country.larache)
    assert room.send(room.event(own, room.texts[0]), by=above).status_code == 403
    assert not ProgressEvent.objects.exists()


def test_out_of_a_session_only_who_takes_part_and_was_not_absent_and_on_its_day(room: Room) -> None:
    woman, absent = room.women
    outside = open_room(room.country, women=1).women[0]
    room.mark(absent, presence="absent")
    said = room.said(
        room.event(woman, room.texts[0]),
        room.event(absent, room.texts[0]),
        room.event(outside, room.texts[0]),
        room.event(woman, room.texts[1], done_on=day(-1)),
        session=str(room.session.uuid),
    )
    assert said == ["accepted", "marked_absent", "not_in_this_session", "not_the_day_of_the_session"]
    assert Attestation.objects.get().session == room.session


def test_nothing_is_recorded_out_of_a_session_to_come_called_off_or_of_others(room: Room) -> None:
    event = room.event(room.women[0], room.texts[0])
    coming = session_of(room.cohort, room.bouchra, starts_at=timezone.now() + timedelta(hours=3))
    off = session_of(room.cohort, room.bouchra)
    GroupSession.objects.filter(pk=off.pk).update(cancelled_at=timezone.now())
    others = open_room(room.country, place=room.country.ksar_centre).session
    for session, code in ((coming, "session_not_begun"), (off, "session_cancelled"), (others, "not_found")):
        assert room.send(event, session=str(session.uuid)).json()["code"] == code
    assert not ProgressEvent.objects.exists()


def test_a_forged_score_of_her_own_phone_stays_nothing(room: Room) -> None:
    woman = room.women[0]
    forged = {
        "id": str(uuid.uuid4()),
        "enrolment": str(woman.uuid),
        "lesson": str(room.quiz.uuid),
        "verb": "opened",
        "score": 100,
        "attested_by": str(room.bouchra.uuid),
        "occurred_at": timezone.now().isoformat(),
    }
    client_for(woman.learner).post(
        "/api/v1/progress/events", {"device": "هاتف", "events": [forged]}, format="json"
    )
    rebuild_progress(enrolment=woman, at=timezone.now())
    lesson = LessonProgress.objects.get()
    assert (lesson.score, lesson.attested, lesson.state) == (None, False, "opened")


def test_folded_anew_it_is_the_same(room: Room) -> None:
    woman = room.women[0]
    room.said(
        room.event(woman, room.texts[0], done_on=day(-3)),
        room.event(woman, room.quiz, score=90),
        room.event(woman, room.quiz, score=20),
    )
    told = ("lesson", "state", "percent", "score", "attested", "finished_at", "last_at")
    before = sorted(LessonProgress.objects.values_list(*told))
    rebuild_progress(enrolment=woman, at=timezone.now())
    assert sorted(LessonProgress.objects.values_list(*told)) == before


def test_a_room_costs_as_many_statements_as_one_woman(country: Country) -> None:
    room = open_room(country, women=6)
    client = room.client
    room.said(room.event(room.women[0], room.texts[1]))  # what the course asks is known to the process

    def record(*women: Any) -> None:
        events = [room.event(woman, room.texts[0]) for woman in women]
        with statements(9):
            # session of sign-in, women, lock, days, events, fold, enrolments, fact, attestations
            body = {"events": events}
            assert client.post("/api/v1/attestations", body, format="json").status_code == 200

    record(room.women[0])
    record(*room.women[1:])
