"""Her messages, through the API."""

import re
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from learners.notifications.models import Notification, NotificationKind
from learners.notifications.queries import unread_count
from learners.notifications.services import Message, tell
from lms.accounts.models import Person
from tests.cast import Country, client_for, make_person, publish_course
from tests.contracts.openapi import document
from tests.learners.reports.crowd import certify, crowd, finish
from tests.statements import statements

PATH = "/api/v1/notifications"
PREFERENCES = "/api/v1/notification-preferences"


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country, slug="trade", lessons=(("text",),))


@pytest.fixture
def alice(country: Country, course: Course) -> Enrolment:
    [she] = crowd(country.larache_centre, course, 1)
    return she


@pytest.fixture
def client(alice: Enrolment) -> APIClient:
    return client_for(alice.learner)


def say(person: Person, *abouts: str, kind: str = "nudge", enrolment: Enrolment | None = None) -> None:
    for about in abouts:
        message = Message(person.pk, about, enrolment.pk if enrolment else None)
        tell(kind=NotificationKind(kind), messages=[message], at=timezone.now())


def results(client: APIClient, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(PATH, asked, headers={"accept-language": "en"}).json()["results"]
    return found


def test_she_reads_her_messages_the_newest_first(client: APIClient, alice: Enrolment) -> None:
    finish(alice, certificate=None)
    certificate = certify(alice, "ready")
    say(alice.learner, "registration:1", kind="registration_confirmed")
    about = f"certificate:{certificate.uuid}"
    say(alice.learner, about, kind="certificate_ready", enrolment=alice)
    ready, confirmed = results(client)
    assert ready["kind"] == "certificate_ready"
    assert "دورة trade" in ready["body"] or "Cours trade" in ready["body"]
    assert ready["read_at"] is None
    assert ready["about"] == {
        "course": "trade",
        "enrolment": str(alice.uuid),
        "certificate": str(certificate.uuid),
    }
    assert (confirmed["title"], confirmed["about"]) == ("Welcome!", {})


def test_in_discreet_mode_a_message_names_and_leads_nowhere(client: APIClient, alice: Enrolment) -> None:
    say(alice.learner, f"enrolment:{alice.pk}", kind="course_completed", enrolment=alice)
    Person.objects.update(discreet=True)
    [message] = results(client)
    assert (message["title"], message["body"], message["about"]) == (
        "Well done",
        "You made it to the end.",
        {},
    )
    assert "trade" not in str(message)


def test_reading_a_message_twice_answers_the_same(client: APIClient, alice: Enrolment) -> None:
    say(alice.learner, "a", "b")
    assert unread_count(alice.learner) == 2
    [_, first] = results(client)
    answers = [client.post(f"{PATH}/{first['id']}/read") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["read_at"] is not None
    assert answers[0].json() == answers[1].json()
    assert unread_count(alice.learner) == 1


def test_anothers_message_does_not_exist_for_her(client: APIClient, country: Country) -> None:
    other = make_person(home=country.larache_centre)
    say(other, "a")
    hers = Notification.objects.get()
    assert results(client) == []
    assert client.post(f"{PATH}/{hers.uuid}/read").status_code == 404
    hers.refresh_from_db()
    assert hers.read_at is None


def test_messages_come_in_pages_of_constant_cost(client: APIClient, alice: Enrolment) -> None:
    say(alice.learner, *(f"n{number}" for number in range(12)), enrolment=alice)
    for size in (2, 10):
        with statements(2):  # her session; the page with its courses
            assert len(results(client, page_size=size)) == size
    [last] = results(client, page_size=1)
    with statements(4):
        client.post(f"{PATH}/{last['id']}/read")


def test_everything_is_on_until_she_chooses(client: APIClient) -> None:
    before = client.get(PREFERENCES).json()
    assert set(before) == {*NotificationKind.values, "quiet_hours"}
    assert all(before[kind]["in_app"] for kind in NotificationKind.values)
    for wanted in (False, False, True):
        answer = client.put(PREFERENCES, {"nudge": {"in_app": wanted}}, format="json")
        assert answer.json() == before | {"nudge": before["nudge"] | {"in_app": wanted}}


def test_kinds_she_does_not_name_stay_as_they_were(client: APIClient) -> None:
    client.put(PREFERENCES, {"nudge": {"in_app": False}}, format="json")
    answer = client.put(PREFERENCES, {"course_completed": {"in_app": False}}, format="json").json()
    assert {kind for kind in NotificationKind.values if not answer[kind]["in_app"]} == {
        "course_completed",
        "nudge",
    }


def test_quiet_hours_are_described_as_they_are_sent(client: APIClient) -> None:
    """Hours and minutes, while `time` in OpenAPI has seconds and a zone."""
    described = document()["components"]["schemas"]["QuietHours"]["properties"]["starts"]
    sent = client.get(PREFERENCES).json()["quiet_hours"]["starts"]
    assert "format" not in described
    assert re.fullmatch(described["pattern"], sent)


def test_each_way_is_chosen_by_itself_and_so_are_the_quiet_hours(client: APIClient) -> None:
    before = client.get(PREFERENCES).json()
    assert before["nudge"] == {"in_app": True, "email": True, "sms": True}
    assert before["quiet_hours"] == {"starts": "21:00", "ends": "08:00"}
    sent = {"nudge": {"sms": False}, "quiet_hours": {"starts": "13:30", "ends": "15:00"}}
    answer = client.put(PREFERENCES, sent, format="json").json()
    assert answer == before | sent | {"nudge": before["nudge"] | {"sms": False}}
    answer = client.put(PREFERENCES, {"quiet_hours": None}, format="json").json()
    assert answer["quiet_hours"] is None
    assert answer["nudge"] == {"in_app": True, "email": True, "sms": False}


@pytest.mark.parametrize(
    ("sent", "status", "pointer"),
    [
        ({"lottery": {"in_app": True}}, 422, "/lottery"),
        ({"nudge": {}}, 422, "/nudge/in_app"),
        ({"nudge": {"in_app": "sometimes"}}, 422, "/nudge/in_app"),
        ({"nudge": False}, 422, "/nudge"),
        ({"nudge": {"pigeon": True}}, 422, "/nudge/in_app"),
        ({"quiet_hours": {"starts": "21:00"}}, 422, "/quiet_hours/ends"),
        ({"quiet_hours": {"starts": "25:00", "ends": "08:00"}}, 422, "/quiet_hours/starts"),
        ({"quiet_hours": {"starts": "21:00", "ends": 8}}, 422, "/quiet_hours/ends"),
        ({"nudge": {"sms": True}, "quiet_hours": "never"}, 422, "/quiet_hours"),
    ],
)
def test_a_choice_that_cannot_be_understood_changes_nothing(
    client: APIClient, sent: Any, status: int, pointer: str
) -> None:
    before = client.get(PREFERENCES).json()
    answer = client.put(PREFERENCES, sent, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert client.get(PREFERENCES).json() == before


def test_a_choice_that_is_no_object_is_refused(client: APIClient) -> None:
    assert client.put(PREFERENCES, [], format="json").status_code == 400


@pytest.mark.parametrize("path", [PATH, PREFERENCES])
def test_strangers_have_no_messages(path: str, db: None) -> None:
    assert APIClient().get(path).status_code == 401
