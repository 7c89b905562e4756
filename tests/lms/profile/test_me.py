"""What a person reads and changes of herself."""

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from lms.accounts.models import Person
from lms.accounts.queries import printed_name
from lms.audit.models import ChangeEntry
from tests.cast import Country, browser_for, client_for, make_person, make_staff
from tests.lms.sign_in.door import NUMBER
from tests.statements import statements

URL = "/api/v1/me"


@pytest.fixture
def alice(country: Country) -> Person:
    return make_person(home=country.larache_centre, phone=NUMBER, first_name="أليس", family_name="العرائشية")


@pytest.fixture
def client_of_alice(alice: Person) -> APIClient:
    return client_for(alice)


def test_she_reads_herself_in_three_statements(
    country: Country, alice: Person, client_of_alice: APIClient
) -> None:
    with statements(3):
        me = client_of_alice.get(URL).json()
    assert me == {
        "id": str(alice.uuid),
        "pseudonym": alice.pseudonym,
        "first_name": "أليس",
        "family_name": "العرائشية",
        "printed_name": "",
        "latin_name": "",
        "language": "ar",
        "discreet": False,
        "accommodations": [],
        "home_organisation": {"code": "larache-centre", "name": country.larache_centre.name["ar"]},
        "roles": [],
        "has_pin": False,
    }


def test_names_of_places_come_in_the_language_asked_for(country: Country) -> None:
    client = client_for(make_staff("trainer", country.institute))
    roles = client.get(URL, headers={"Accept-Language": "fr"}).json()["roles"]
    assert roles == [
        {"role": "trainer", "organisation": {"code": "institute", "name": country.institute.name["fr"]}}
    ]


def test_nobody_has_no_self(client: APIClient) -> None:
    assert client.get(URL).status_code == 401


def test_she_changes_what_is_hers_and_the_record_names_fields_only(
    alice: Person, client_of_alice: APIClient
) -> None:
    change = {"printed_name": " أليس  بنت محمد ", "language": "fr", "discreet": True}
    me = client_of_alice.patch(URL, change, format="json").json()
    assert (me["printed_name"], me["language"], me["discreet"]) == ("أليس بنت محمد", "fr", True)
    assert printed_name(Person.objects.get(pk=alice.pk)) == "أليس بنت محمد"
    entry = ChangeEntry.objects.get(verb="person.updated")
    assert sorted(entry.fields) == ["discreet", "language", "names"]
    assert me["first_name"] == "أليس"


def test_what_is_not_hers_to_change_stays(alice: Person, client_of_alice: APIClient) -> None:
    change = {
        "first_name": "x",
        "pseudonym": "AAAA-AAAA",
        "home_organisation": "tetouan-centre",
        "roles": [{"role": "operator"}],
        "is_active": False,
        "phone": "0600000000",
    }
    before = client_of_alice.get(URL).json()
    assert client_of_alice.patch(URL, change, format="json").json() == before
    alice.refresh_from_db()
    assert alice.is_active


def test_a_language_we_do_not_speak_is_refused(client_of_alice: APIClient) -> None:
    answer = client_of_alice.patch(URL, {"language": "de"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/language")


def test_her_first_pin_needs_nothing_and_the_next_one_the_first(client_of_alice: APIClient) -> None:
    assert client_of_alice.patch(URL, {"pin": "1111"}, format="json").json()["has_pin"] is True
    asked = client_of_alice.patch(URL, {"pin": "2222"}, format="json")
    assert (asked.status_code, asked.json()["code"]) == (422, "current_pin_needed")
    wrong = client_of_alice.patch(URL, {"pin": "2222", "current_pin": "9999"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "current_pin_wrong")
    right = client_of_alice.patch(URL, {"pin": "2222", "current_pin": "1111"}, format="json")
    assert right.status_code == 200


def test_a_refused_pin_changes_nothing_else(client_of_alice: APIClient) -> None:
    answer = client_of_alice.patch(URL, {"pin": "12", "discreet": True}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_pin")
    assert client_of_alice.get(URL).json()["discreet"] is False


def test_a_pin_of_someone_on_her_number_is_not_free_and_cannot_be_found_by_trying(
    alice: Person, client_of_alice: APIClient
) -> None:
    make_person(phone=NUMBER, pin="1111")
    with time_machine.travel(timezone.now(), tick=False):
        codes = [client_of_alice.patch(URL, {"pin": "1111"}, format="json").json()["code"] for _ in range(14)]
    assert codes[:10] == ["pin_not_free"] * 10
    assert "too_many_tries" in codes[10:]


def test_what_eases_learning_is_sealed_and_told_to_nobody_else(
    country: Country, alice: Person, client_of_alice: APIClient
) -> None:
    me = client_of_alice.patch(URL, {"accommodations": ["large_text", "captions"]}, format="json").json()
    assert me["accommodations"] == ["captions", "large_text"]
    alice.refresh_from_db()
    assert b"large" not in bytes(alice.accommodations or b"")
    assert not ChangeEntry.objects.filter(fields__contains=["accommodations"]).exists()
    staff = make_staff("centre_admin", country.larache_centre)
    for path in (f"/ways-in/{alice.uuid}", "/ways-in", "/completion/people"):
        page = browser_for(staff).get(path).content.decode()
        assert "large_text" not in page or "checked" not in page
    assert client_of_alice.patch(URL, {"accommodations": []}, format="json").json()["accommodations"] == []


def test_no_other_choice_is_kept(client_of_alice: APIClient) -> None:
    answer = client_of_alice.patch(URL, {"accommodations": ["blind"]}, format="json")
    assert answer.status_code == 422


def test_large_letters_and_captions_stand_on_every_page_of_hers(alice: Person) -> None:
    browser = browser_for(alice)
    assert 'class="large"' not in browser.get("/account").content.decode()
    sent = browser.post("/account", {"ease": "1", "accommodations": ["large_text", "captions"]})
    assert sent.status_code == 303
    for path in ("/account", "/", "/my/courses", "/messages"):
        page = browser.get(path).content.decode()
        assert '<html lang="ar" dir="rtl" class="large" data-captions="on">' in page


def test_staff_with_her_write_down_what_she_asks_for_and_do_not_read_it(
    country: Country, alice: Person
) -> None:
    browser = browser_for(make_staff("facilitator", country.larache_centre))
    sent = browser.post(f"/ways-in/{alice.uuid}", {"action": "ease", "accommodations": "large_text"})
    assert sent.status_code == 303
    assert client_for(alice).get(URL).json()["accommodations"] == ["large_text"]
    assert "checked" not in browser.get(f"/ways-in/{alice.uuid}").content.decode()
