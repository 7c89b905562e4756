"""A woman joins, by herself or with her facilitator, and her centre answers."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from lms.accounts.models import Identity, Person
from lms.audit.models import AccessEntry, ChangeEntry
from lms.events.models import StoredEvent
from lms.registrations.models import Registration
from lms.sign_in.models import Session
from tests.cast import Country, browser_for, client_for, make_person, make_staff
from tests.lms.sign_in.door import NUMBER, PHONE, ask_code, client_with, proven, right_code, sign_in
from tests.races.racing import at_once
from tests.statements import statements

URL = "/api/v1/registrations"


def form(**changes: Any) -> dict[str, Any]:
    return {
        "first_name": "فاطمة",
        "family_name": "العمراني",
        "birth_year": 1994,
        "phone": PHONE,
        "organisation": "larache-centre",
        "language": "ar",
        "consent": True,
    } | changes


def send(client: APIClient, **changes: Any) -> Any:
    return client.post(URL, form(**changes), format="json")


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def bouchra(country: Country) -> APIClient:
    """Runs the centre of Larache."""
    return client_for(make_staff("centre_admin", country.larache_centre))


def test_she_joins_with_her_proven_number_and_is_signed_in_under_a_new_key(country: Country) -> None:
    client = proven()
    answer = send(client)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["state"], body["organisation"]["code"]) == ("waiting", "larache-centre")
    me = client_with(body["token"]).get("/api/v1/me").json()
    assert (me["first_name"], me["family_name"], me["home_organisation"]) == ("فاطمة", "العمراني", None)
    assert send(client).status_code == 401  # the key of nobody is gone
    registration = Registration.objects.get()
    assert (registration.consent_version, registration.registered_by) == ("2026-11", None)
    assert ChangeEntry.objects.filter(verb="registration.sent").exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"consent": False}, (422, "consent_needed")),
        ({"consent": None}, (422, "invalid")),
        ({"birth_year": timezone.now().year - 17}, (422, "guardian_needed")),
        ({"birth_year": 1800}, (422, "invalid")),
        ({"phone": "0611111111"}, (422, "phone_not_proven")),
        ({"phone": ""}, (422, "not_a_mobile")),
        ({"organisation": "nowhere"}, (422, "organisation_unknown")),
        ({"organisation": "ministry"}, (422, "organisation_unknown")),
        ({"first_name": " "}, (422, "invalid")),
        ({"language": "de"}, (422, "invalid")),
        ({"pin": "12"}, (422, "not_a_pin")),
    ],
)
def test_what_is_refused_leaves_nobody_behind_and_can_be_sent_again(
    country: Country, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    client = proven()
    assert refused(send(client, **changes)) == expected
    assert not Person.objects.exists()
    assert send(client).status_code == 201


def test_silence_is_no_consent(country: Country) -> None:
    body = form()
    del body["consent"]
    assert refused(proven().post(URL, body, format="json")) == (422, "consent_needed")


def test_without_a_proven_number_nobody_registers(country: Country) -> None:
    assert refused(send(APIClient())) == (401, "not_signed_in")


def test_who_knows_no_centre_registers_with_her_province_or_nothing(country: Country) -> None:
    assert send(proven(), organisation="larache").json()["organisation"]["code"] == "larache"
    other = proven("0622222222")
    assert send(other, phone="0622222222", organisation=None).json()["organisation"] is None


def test_the_second_person_on_a_number_needs_pins_on_both(country: Country) -> None:
    make_person(phone=NUMBER)
    mother = proven()
    assert refused(send(mother, first_name="البنت", pin="2222")) == (422, "own_pin_first")
    assert mother.patch("/api/v1/me", {"pin": "1111"}, format="json").status_code == 200
    assert refused(send(mother, first_name="البنت")) == (422, "pin_needed")
    assert refused(send(mother, first_name="البنت", pin="1111")) == (422, "pin_not_free")
    answer = send(mother, first_name="البنت", pin="2222")
    assert answer.status_code == 201
    assert mother.get("/api/v1/me").status_code == 200  # her own session stays hers
    assert proven(pin="2222").get("/api/v1/me").json()["first_name"] == "البنت"


def test_guessing_a_sharers_pin_through_registrations_is_slowed_down(country: Country) -> None:
    make_person(phone=NUMBER, pin="1111")
    mother = proven()
    with time_machine.travel(timezone.now(), tick=False):
        codes = Counter(refused(send(mother, pin="1111"))[1] for _ in range(14))
        answer = mother.post(URL, form(pin="1111"), format="json", HTTP_IDEMPOTENCY_KEY="another")
    assert codes == {"pin_not_free": 12, "too_many_tries": 2}
    assert refused(answer) == (429, "too_many_tries")


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_person(country: Country) -> None:
    request = ask_code()
    token = sign_in(request, right_code(request)).json()["token"]

    def click(_: int) -> int:
        return int(send(client_with(token)).status_code)

    assert Counter(at_once(*[partial(click, n) for n in range(5)])) == {201: 1, 401: 4}
    assert Person.objects.count() == Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sessions_of_one_unknown_number_make_one_person_without_a_pin(country: Country) -> None:
    clients = [proven(), proven()]
    answers = at_once(*[partial(lambda n: send(clients[n]).status_code, n) for n in range(2)])
    assert Counter(answers) == {201: 1, 422: 1}
    assert Person.objects.count() == 1


class TestWithHerFacilitator:
    @pytest.fixture
    def facilitator(self, country: Country) -> Person:
        return make_staff("facilitator", country.larache_centre)

    def test_she_is_confirmed_at_once_under_the_name_of_who_helped(
        self, country: Country, facilitator: Person
    ) -> None:
        answer = send(client_for(facilitator), phone="")
        assert answer.status_code == 201
        assert (answer.json()["state"], answer.json()["token"]) == ("confirmed", None)
        registration = Registration.objects.get()
        assert registration.registered_by == registration.decided_by == facilitator
        assert registration.person.home_organisation == country.larache_centre
        assert StoredEvent.objects.get(topic="registration_confirmed").payload == {
            "registration_id": registration.pk
        }

    def test_their_only_centre_needs_no_naming(self, country: Country, facilitator: Person) -> None:
        answer = send(client_for(facilitator), organisation="")
        assert answer.json()["organisation"]["code"] == "larache-centre"

    @pytest.mark.parametrize("organisation", ["ksar-centre", "tetouan-centre", "nowhere"])
    def test_another_centre_does_not_exist_for_them(self, facilitator: Person, organisation: str) -> None:
        assert refused(send(client_for(facilitator), organisation=organisation)) == (404, "not_found")
        assert Person.objects.count() == 1

    def test_consent_age_and_shared_numbers_bind_them_too(self, facilitator: Person) -> None:
        make_person(phone=NUMBER)
        client = client_for(facilitator)
        assert refused(send(client, consent=False)) == (422, "consent_needed")
        assert refused(send(client, birth_year=timezone.now().year - 15)) == (422, "guardian_needed")
        assert refused(send(client, pin="1234")) == (422, "own_pin_first")

    def test_sent_twice_with_one_key_she_is_registered_once(self, facilitator: Person) -> None:
        client = client_for(facilitator)
        answers = [
            client.post(URL, form(), format="json", HTTP_IDEMPOTENCY_KEY="once").json() for _ in range(2)
        ]
        assert answers[0] == answers[1]
        assert Registration.objects.count() == 1

    def test_staff_above_the_centre_register_nobody_else(self, country: Country) -> None:
        above = client_for(make_staff("province_admin", country.larache))
        assert refused(send(above)) == (422, "phone_not_proven")


def test_her_centre_reads_names_and_each_page_is_recorded_once(country: Country) -> None:
    staff = make_staff("centre_admin", country.larache_centre)
    people = [_waiting(country, f"امرأة{n}").person for n in range(3)]
    client = client_for(staff)
    with statements(3):  # who asks, the page, the record of the look
        rows = client.get(f"{URL}?state=waiting").json()["results"]
    assert [row["first_name"] for row in rows] == ["امرأة0", "امرأة1", "امرأة2"]
    entry = AccessEntry.objects.get()
    assert (entry.viewer, sorted(entry.people)) == (staff, sorted(person.pk for person in people))


def _waiting(country: Country, first_name: str = "فاطمة") -> Registration:
    return Registration.objects.create(
        person=make_person(first_name=first_name),
        organisation=country.larache_centre,
        consent_version="2026-11",
        consent_at=timezone.now(),
    )


@pytest.mark.parametrize("role", ["centre_admin", "province_admin", "region_admin", "ministry_admin"])
def test_only_the_very_centre_it_was_sent_to_sees_it(country: Country, role: str) -> None:
    registration = _waiting(country)
    places = {"province_admin": "larache", "region_admin": "north", "ministry_admin": "ministry"}
    other = client_for(make_staff(role, country.places[places.get(role, "tetouan_centre")]))
    assert other.get(URL).json()["results"] == []
    assert not AccessEntry.objects.exists()
    unknown = other.post(f"{URL}/{make_person().uuid}/confirm", {}, format="json")
    foreign = other.post(f"{URL}/{registration.uuid}/confirm", {}, format="json")
    declined = other.post(f"{URL}/{registration.uuid}/decline", {"reason": "لا"}, format="json")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert declined.status_code in {404, 422}
    registration.refresh_from_db()
    assert registration.state == "waiting"


def test_confirmed_she_has_a_home_and_the_platform_is_told_once(country: Country, bouchra: APIClient) -> None:
    registration = _waiting(country)
    for _ in range(2):
        answer = bouchra.post(f"{URL}/{registration.uuid}/confirm", {}, format="json")
        assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    assert answer.json()["home_organisation"]["code"] == "larache-centre"
    assert StoredEvent.objects.filter(topic="registration_confirmed").count() == 1
    late = bouchra.post(f"{URL}/{registration.uuid}/decline", {"reason": "مكررة"}, format="json")
    assert refused(late) == (409, "already_decided")


def test_declined_she_hears_why_and_it_stays(country: Country, bouchra: APIClient) -> None:
    registration = _waiting(country)
    url = f"{URL}/{registration.uuid}/decline"
    assert refused(bouchra.post(url, {}, format="json")) == (422, "invalid")
    for _ in range(2):
        answer = bouchra.post(url, {"reason": "المركز ممتلئ"}, format="json")
        assert (answer.json()["state"], answer.json()["reason"]) == ("declined", "المركز ممتلئ")
    late = bouchra.post(f"{URL}/{registration.uuid}/confirm", {}, format="json")
    assert refused(late) == (409, "already_decided")
    assert not StoredEvent.objects.filter(topic="registration_confirmed").exists()
    registration.person.refresh_from_db()
    assert registration.person.home_organisation is None


class TestDeclined:
    """Her centre said no: she may ask again, elsewhere or better, as the same woman."""

    @pytest.fixture
    def safia(self, country: Country, bouchra: APIClient) -> APIClient:
        sent = send(proven(), first_name="صافيه").json()
        bouchra.post(f"{URL}/{sent['id']}/decline", {"reason": "الاسم غير كامل"}, format="json")
        return client_with(sent["token"])

    def test_she_asks_again_without_a_pin_and_is_the_same_person(
        self, country: Country, safia: APIClient
    ) -> None:
        answer = send(safia, first_name="صفية", organisation="ksar-centre")
        assert answer.status_code == 201, answer.json()
        assert (answer.json()["state"], answer.json()["first_name"]) == ("waiting", "صفية")
        assert list(Registration.objects.order_by("id").values_list("state", flat=True)) == [
            "declined",
            "waiting",
        ]
        assert Registration.objects.values("person").distinct().count() == 1
        assert Identity.objects.filter(phone_index__isnull=False).count() == 1
        assert safia.get("/api/v1/me").status_code == 401  # her new key has taken the place of the old one
        again = client_with(answer.json()["token"])
        assert again.get("/api/v1/me").json()["first_name"] == "صفية"
        ksar = client_for(make_staff("centre_admin", country.ksar_centre))
        taken = ksar.post(f"{URL}/{answer.json()['id']}/confirm", {}, format="json")
        assert taken.json()["home_organisation"]["code"] == "ksar-centre"
        change = ChangeEntry.objects.get(verb="person.corrected")
        assert set(change.fields) == {"names", "search_tokens", "birth_year", "language"}

    def test_after_signing_in_anew_too(self, safia: APIClient) -> None:
        assert send(proven()).status_code == 201

    def test_while_she_waits_she_asks_nobody_else(self, safia: APIClient) -> None:
        token = send(safia).json()["token"]
        assert refused(send(client_with(token))) == (422, "own_pin_first")
        assert Registration.objects.count() == 2

    def test_what_is_refused_leaves_her_as_she_was(self, safia: APIClient) -> None:
        assert refused(send(safia, consent=False)) == (422, "consent_needed")
        assert safia.get("/api/v1/me").json()["first_name"] == "صافيه"
        assert Registration.objects.count() == 1

    def test_a_daughter_with_a_pin_of_her_own_is_someone_else(self, safia: APIClient) -> None:
        safia.patch("/api/v1/me", {"pin": "1111"}, format="json")
        assert send(safia, first_name="البنت", pin="2222").status_code == 201
        assert safia.get("/api/v1/me").json()["first_name"] == "صافيه"
        assert Registration.objects.values("person").distinct().count() == 2

    def test_at_a_confidential_centre_her_name_is_found_no_more(self, safia: APIClient) -> None:
        send(safia, organisation="shelter")
        assert Identity.objects.get(phone_index__isnull=False).search_tokens == []

    @pytest.mark.django_db(transaction=True)
    def test_from_two_devices_at_once_she_asks_once(self, safia: APIClient) -> None:
        devices = [proven(), proven()]
        answers = at_once(*[partial(lambda n: send(devices[n]).status_code, n) for n in range(2)])
        assert Counter(answers) == {201: 1, 422: 1}
        assert Registration.objects.filter(state="waiting").count() == 1


def test_on_the_page_too_a_no_says_why(country: Country) -> None:
    registration, browser = (
        _waiting(country),
        browser_for(make_staff("centre_admin", country.larache_centre)),
    )
    for reason in ("", "  ", "لا"):
        answer = browser.post(f"/registrations/{registration.uuid}", {"answer": "decline", "reason": reason})
        assert answer.status_code == 422
    registration.refresh_from_db()
    assert registration.state == "waiting"
    browser.post(f"/registrations/{registration.uuid}", {"answer": "decline", "reason": "المركز ممتلئ"})
    registration.refresh_from_db()
    assert (registration.state, registration.reason) == ("declined", "المركز ممتلئ")


def test_the_province_sends_her_to_a_centre_of_its_own_only(country: Country) -> None:
    registration = _waiting(country)
    Registration.objects.update(organisation=country.larache)
    url = f"{URL}/{registration.uuid}/confirm"
    province = client_for(make_staff("province_admin", country.larache))
    assert refused(province.post(url, {"organisation": "tetouan-centre"}, format="json")) == (
        404,
        "not_found",
    )
    answer = province.post(url, {"organisation": "ksar-centre"}, format="json")
    assert answer.json()["home_organisation"]["code"] == "ksar-centre"
    assert refused(province.post(url, {"organisation": "larache-centre"}, format="json")) == (
        409,
        "already_decided",
    )


def test_at_a_confidential_centre_she_is_never_found_by_name(country: Country) -> None:
    send(proven(), organisation="shelter")
    assert Identity.objects.get().search_tokens == []
    shelter = client_for(make_staff("centre_admin", country.shelter, first_name="موظفة"))
    registration = Registration.objects.get()
    assert shelter.post(f"{URL}/{registration.uuid}/confirm", {}, format="json").status_code == 200
    assert Identity.objects.get(person=registration.person).search_tokens == []


@pytest.mark.django_db(transaction=True)
def test_confirming_and_declining_at_once_only_one_counts(country: Country) -> None:
    staff = make_staff("centre_admin", country.larache_centre)
    clients = [client_for(staff) for _ in range(6)]
    registration = _waiting(country)

    def answer(number: int) -> tuple[str, int]:
        verb = ("confirm", "decline")[number % 2]
        sent = clients[number].post(f"{URL}/{registration.uuid}/{verb}", {"reason": "ممتلئ"}, format="json")
        return verb, sent.status_code

    answers = Counter(at_once(*[partial(answer, n) for n in range(6)]))
    registration.refresh_from_db()
    won = {"confirmed": "confirm", "declined": "decline"}[registration.state]
    lost = {"confirm": "decline", "decline": "confirm"}[won]
    assert answers == {(won, 200): 3, (lost, 409): 3}
    told = StoredEvent.objects.filter(topic="registration_confirmed").count()
    assert told == (1 if won == "confirm" else 0)


def test_who_named_no_place_is_sent_to_a_centre_by_the_ministry(country: Country, bouchra: APIClient) -> None:
    sent = send(proven(), organisation="").json()
    ministry = client_for(make_staff("ministry_admin", country.ministry))
    assert [row["id"] for row in ministry.get(URL).json()["results"]] == [sent["id"]]
    assert bouchra.get(URL).json()["results"] == []
    answer = ministry.post(f"{URL}/{sent['id']}/confirm", {"organisation": "larache-centre"}, format="json")
    assert (answer.status_code, answer.json()["home_organisation"]["code"]) == (200, "larache-centre")
