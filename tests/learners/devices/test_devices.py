"""When a device was last heard of, and what it said it still owes: for her, and for those who accompany her."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from learners.devices.hearing import DEVICES_AT_MOST
from learners.devices.models import Device
from learners.enrolments.services import withdraw
from learners.reports.services import reconcile_tallies
from lms.accounts.models import Person
from lms.audit.models import AccessEntry
from tests.cast import Country, browser_for, client_for, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.outbox import work_off
from tests.statements import statements

PATH = "/api/v1/devices"


def say(learning: Learning, *events: Any, **said: Any) -> Any:
    body = {"device": "هاتف", "events": list(events), **said}
    return learning.client.post("/api/v1/progress/events", body, format="json")


def seen_by(reader: Person, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client_for(reader).get(PATH, asked).json()["results"]
    return rows


@pytest.fixture
def bouchra(country: Country) -> Person:
    return make_staff("facilitator", country.larache_centre)


def test_each_batch_says_what_its_device_still_owes(learning: Learning) -> None:
    say(learning, learning.event(learning.texts[0]), waiting=700, release="2026.11")
    say(learning, learning.event(learning.texts[1]), waiting=200)
    [device] = Device.objects.all()
    assert (device.person, device.name, device.waiting) == (learning.alice, "هاتف", 200)
    assert device.release == "2026.11"
    assert device.first_heard_at < device.last_heard_at


def test_a_device_with_nothing_to_send_can_say_so(learning: Learning) -> None:
    assert say(learning, waiting=0).json() == {"results": [], "enrolments": []}
    assert Device.objects.get().waiting == 0
    refused = say(learning)
    assert refused.json()["errors"][0]["code"] == "events_needed"


def test_what_it_does_not_say_is_not_known(learning: Learning) -> None:
    say(learning, learning.event(learning.texts[0]), waiting=5)
    say(learning, learning.event(learning.texts[1]))
    assert Device.objects.get().waiting is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"waiting": -1}, "not_a_number"),
        ({"waiting": "x"}, "not_a_number"),
        ({"waiting": 2**40}, "not_a_number"),
        ({"waiting": float("1e300")}, "not_a_number"),
        ({"release": "x" * 41}, "release_too_long"),
        ({"release": 7}, "release_too_long"),
        ({"release": "\x00"}, "release_too_long"),
    ],
)
def test_nonsense_of_a_device_is_refused_before_anything_is_stored(
    learning: Learning, said: dict[str, Any], code: str
) -> None:
    refused = say(learning, learning.event(learning.texts[0]), **said)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert not Device.objects.exists()


def test_it_is_heard_of_even_when_all_it_sent_is_refused_and_the_clock_is_ours(learning: Learning) -> None:
    lost = learning.event(learning.texts[0]) | {
        "occurred_at": "1999-01-01T00:00:00Z",
        "lesson": str(learning.alice.uuid),
    }
    say(learning, lost, waiting=1)
    assert timezone.now() - Device.objects.get().last_heard_at < timedelta(minutes=1)


def test_a_name_made_anew_each_time_does_not_fill_the_table(learning: Learning) -> None:
    for number in range(DEVICES_AT_MOST + 3):
        say(learning, waiting=number, device=f"d{number}")
    assert Device.objects.count() == DEVICES_AT_MOST
    say(learning, waiting=999, device="d0")
    assert Device.objects.get(name="d0").waiting == 999


def test_a_batch_with_its_device_costs_no_statement_more(learning: Learning) -> None:
    say(learning, learning.event(learning.texts[1]))  # what the course asks is known to the process
    events = [learning.event(learning.texts[0]) for _ in range(20)]
    with statements(6):  # her session, the lock and the device, the events, the fold, the enrolment, the fact
        say(learning, *events, waiting=3)
    with statements(3):
        say(learning, *events, waiting=3)


def test_she_sees_her_own_devices_under_their_names(learning: Learning, country: Country) -> None:
    say(learning, waiting=2)
    say(begin_learning(country), waiting=9)
    [hers] = seen_by(learning.alice)
    assert (hers["device"], hers["waiting"], "name" in hers) == ("هاتف", 2, False)


def test_her_centre_sees_her_name_and_not_what_her_device_calls_itself(
    learning: Learning, bouchra: Person
) -> None:
    say(learning, waiting=2)
    [row] = seen_by(bouchra)
    assert (row["name"], row["waiting"], "device" in row) == ("فاطمة الاختبارية", 2, False)
    entry = AccessEntry.objects.get()
    assert (entry.viewer, entry.surface, entry.people) == (bouchra, "devices", [learning.alice.pk])


def test_nobody_above_or_beside_her_centre_and_no_centre_she_has_left_sees_them(
    learning: Learning, country: Country, bouchra: Person
) -> None:
    say(learning, waiting=2)
    for role, place in (
        ("province_admin", country.larache),
        ("ministry_admin", country.ministry),
        ("facilitator", country.tetouan_centre),
        ("facilitator", country.shelter),
        ("trainer", country.institute),
        ("auditor", country.ministry),
    ):
        assert seen_by(make_staff(role, place)) == [], role
    assert len(seen_by(bouchra, person=learning.alice.uuid)) == 1
    assert seen_by(bouchra, person=bouchra.uuid) == []
    withdraw(enrolment=learning.enrolment)
    assert seen_by(bouchra) == []


def test_the_list_costs_the_same_for_one_and_for_many(country: Country, bouchra: Person) -> None:
    her = client_for(bouchra)
    for expected in (1, 4):
        for _ in range(expected - Device.objects.count()):
            say(begin_learning(country), waiting=1)
        with statements(3):  # her session, the devices with their women, the look
            assert len(her.get(PATH).json()["results"]) == expected


def test_the_page_of_learners_says_when_a_phone_was_heard_of_and_what_it_owes(
    learning: Learning, bouchra: Person, country: Country
) -> None:
    say(learning, waiting=41)
    say(learning, waiting=1, device="والآخر")
    begin_learning(country, first_name="زينب")
    work_off()
    reconcile_tallies(at=timezone.now())
    page = browser_for(bouchra).get("/completion/people").content.decode()
    assert "آخر اتصال للهاتف" in page
    assert '<td class="number">42</td>' in page
    assert "person.heard" not in page, "a woman who was never heard of has an empty cell"
    above = browser_for(make_staff("province_admin", country.larache))
    assert "آخر اتصال للهاتف" not in above.get("/completion/people").content.decode()
