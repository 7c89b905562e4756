"""Facilitators plan sessions at their own centre; women see those of their groups; attendance keeps its history."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from learners.enrolments.services import withdraw
from learners.facilitated.models import AttendanceMark, GroupSession
from lms.audit.models import AccessEntry, ChangeEntry
from tests.cast import client_for, make_person, make_staff
from tests.learners.facilitated.room import Room, open_room, session_of, woman_in
from tests.statements import statements

SESSIONS = "/api/v1/sessions"


def asked(room: Room, **changes: Any) -> dict[str, Any]:
    starts_at = timezone.now() + timedelta(days=1)
    said = {
        "cohort": str(room.cohort.uuid),
        "title": "المحاسبة",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        "place": "القاعة 2",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def plan(room: Room, **changes: Any) -> Any:
    return room.client.post(SESSIONS, asked(room, **changes), format="json")


def hers(room: Room) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        client_for(room.women[0].learner).get("/api/v1/me/sessions").json()["results"]
    )
    return rows


def test_a_session_is_planned_seen_by_its_women_changed_and_called_off(room: Room) -> None:
    answer = plan(room)
    session = answer.json()
    assert (answer.status_code, answer["ETag"], session["place"]) == (201, '"1"', "القاعة 2")
    assert [row["id"] for row in hers(room)] == [str(room.session.uuid), session["id"]]
    path = f"{SESSIONS}/{session['id']}"
    link = {"place": "", "link": "https://meet.example.org/room"}
    changed = room.client.patch(path, link, format="json", headers={"If-Match": '"1"'}).json()
    assert (changed["link"], changed["version"]) == (link["link"], 2)
    assert room.client.patch(path, link, format="json", headers={"If-Match": '"1"'}).status_code == 412
    assert room.client.patch(path, link, format="json").status_code == 428
    for _ in range(2):
        assert room.client.post(f"{path}/cancel").json()["cancelled_at"]
    assert hers(room)[1]["cancelled_at"], "she is not left waiting at the door"
    late = room.client.patch(path, {"title": "x"}, format="json", headers={"If-Match": "*"})
    assert late.json()["code"] == "session_cancelled"
    entries = ChangeEntry.objects.filter(subject=f"group_session:{session['id']}").order_by("id")
    assert [entry.verb for entry in entries] == ["session.plan", "session.change", "session.cancel"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_before_it_begins"),
        ({"ends_at": (timezone.now() + timedelta(days=3)).isoformat()}, "session_too_long"),
        ({"starts_at": "2020-01-01T09:00:00Z", "ends_at": "2020-01-01T10:00:00Z"}, "session_out_of_time"),
        ({"starts_at": "9999-12-31T09:00:00Z", "ends_at": "9999-12-31T10:00:00Z"}, "session_out_of_time"),
        ({"link": "https://meet.example.org"}, "place_or_link"),
        ({"place": None, "link": "http://meet.example.org"}, "https_only"),
        ({"place": None, "link": "javascript:alert(1)"}, "invalid"),
        ({"place": None, "link": "https://who:what@meet.example.org"}, "https_only"),
        ({"cohort": None}, "group_or_centre"),
        ({"starts_at": "tomorrow"}, "invalid"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(room: Room, changes: dict[str, Any], code: str) -> None:
    refused = plan(room, **changes)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


def test_a_session_of_a_centre_is_seen_by_its_women_on_that_course_and_no_others(room: Room) -> None:
    assert (
        plan(
            room, cohort=None, course=room.course.slug, organisation="larache-centre", title="للجميع"
        ).status_code
        == 201
    )
    assert [row["title"] for row in hers(room)] == ["", "للجميع"]
    withdraw(enrolment=room.women[0])
    assert hers(room) == []
    elsewhere = open_room(room.country, place=room.country.ksar_centre)
    assert [row["id"] for row in hers(elsewhere)] == [str(elsewhere.session.uuid)]


def test_what_is_over_is_no_longer_shown_to_her(room: Room) -> None:
    GroupSession.objects.update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    assert hers(room) == []


def test_only_the_staff_of_the_very_centre_plan_and_see_sessions(room: Room) -> None:
    path = f"{SESSIONS}/{room.session.uuid}"
    for role, place, status in (
        ("centre_admin", room.country.larache_centre, 200),
        ("facilitator", room.country.ksar_centre, 404),
        ("centre_admin", room.country.shelter, 404),
        ("province_admin", room.country.larache, 403),
        ("ministry_admin", room.country.ministry, 403),
        ("trainer", room.country.institute, 403),
    ):
        client = client_for(make_staff(role, place))
        assert client.get(path).status_code == status, role
        assert client.get(f"{path}/attendance").status_code == status, role
        expected = {200: 201}.get(status, status)
        assert client.post(SESSIONS, asked(room), format="json").status_code == expected, role
    assert client_for(room.women[0].learner).get(path).status_code == 403


def test_attendance_is_taken_one_by_one_or_for_the_room_and_keeps_its_history(room: Room) -> None:
    first, second = room.women
    assert room.mark(first, presence="absent").json() == {"changed": 1}
    assert room.mark(first, presence="absent").json() == {"changed": 0}
    assert room.put({"everyone": "present"}).json() == {"changed": 1}, "whoever was marked stays as she was"
    admin = make_staff("centre_admin", room.country.larache_centre)
    assert room.mark(first, presence="excused", by=admin).json() == {"changed": 1}
    by_woman = {seat["enrolment"]: seat for seat in room.seats()}
    seat = by_woman[str(first.uuid)]
    assert (seat["presence"], seat["name"]) == ("excused", "متدربة 0 الاختبارية")
    assert [(said["presence"], said["by"]) for said in seat["history"]] == [
        ("excused", str(admin.uuid)),
        ("absent", str(room.bouchra.uuid)),
    ]
    assert by_woman[str(second.uuid)]["presence"] == "present"
    look = AccessEntry.objects.get(surface="sessions")
    assert (look.viewer, set(look.people)) == (room.bouchra, {row.learner_id for row in room.women})


def test_a_woman_who_does_not_take_part_is_not_marked_and_nobody_with_her(room: Room) -> None:
    other = open_room(room.country).women[0]
    for stranger in (other, make_person(home=room.country.larache_centre)):
        refused = room.mark(room.women[0], stranger)  # type: ignore[arg-type]  # anybody's id
        assert refused.json()["errors"][0] | {"detail": ""} == {
            "pointer": "/marks/1/enrolment",
            "code": "not_in_this_session",
            "detail": "",
        }
    assert not AttendanceMark.objects.exists()


@pytest.mark.parametrize(
    ("starts_in", "code"),
    [
        (timedelta(hours=2), "session_not_begun"),
        (timedelta(minutes=50), ""),
        (timedelta(days=-29), ""),
        (timedelta(days=-31), "attendance_closed"),
    ],
)
def test_attendance_is_taken_from_an_hour_before_and_corrected_for_thirty_days(
    room: Room, starts_in: timedelta, code: str
) -> None:
    starts_at = timezone.now() + starts_in
    GroupSession.objects.update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    answer = room.mark(room.women[0])
    assert (answer.status_code, answer.json().get("code", "")) == (409 if code else 200, code)


def test_a_session_with_attendance_keeps_its_time_and_is_not_called_off(room: Room) -> None:
    room.mark(room.women[0])
    path = f"{SESSIONS}/{room.session.uuid}"
    later = {"ends_at": (room.session.ends_at + timedelta(hours=1)).isoformat()}
    for sent in (later, {"starts_at": (room.session.starts_at - timedelta(hours=1)).isoformat()}):
        answer = room.client.patch(path, sent, format="json", headers={"If-Match": "*"})
        assert answer.json()["code"] == "session_held"
    assert room.client.post(f"{path}/cancel").json()["code"] == "session_held"
    titled = room.client.patch(path, {"title": "جديد"}, format="json", headers={"If-Match": "*"})
    assert titled.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"marks": []},
        {"everyone": "late"},
        {"everyone": "present", "marks": [{}]},
        {"marks": [{"enrolment": 1}]},
    ],
)
def test_an_attendance_that_says_nothing_is_refused(room: Room, body: dict[str, Any]) -> None:
    assert room.put(body).status_code == 422


def test_lists_cost_the_same_for_one_and_for_many(room: Room) -> None:
    client, learner = room.client, client_for(room.women[0].learner)
    for _ in range(2):
        for _ in range(3):
            session_of(room.cohort, room.bouchra)
            woman = woman_in(room.cohort)
        room.mark(woman)
        with statements(2):
            assert client.get(SESSIONS).status_code == 200
        with statements(2):
            assert learner.get("/api/v1/me/sessions").status_code == 200
        with statements(6):  # her session, this one, its women, their names, the look, the marks
            assert client.get(f"{SESSIONS}/{room.session.uuid}/attendance").status_code == 200
