"""The one door to names: who may, what is recorded, what does not exist."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.accounts.services import reveal
from lms.audit.models import AccessEntry
from tests.cast import Country, client_for, make_person, make_staff

URL = "/api/v1/people/reveal"
REASON = "الاتصال بمن انقطعن عن التكوين"


@pytest.fixture
def alice(country: Country) -> Person:
    return make_person(home=country.larache_centre, first_name="أليس")


@pytest.fixture
def protected(country: Country) -> Person:
    return make_person(home=country.shelter, first_name="محمية")


def ask(client: APIClient, *people: Person, reason: str = REASON) -> Any:
    return client.post(URL, {"ids": [person.uuid for person in people], "reason": reason}, format="json")


def test_a_name_below_her_comes_with_its_record(country: Country, alice: Person) -> None:
    charaf = make_staff("province_admin", country.larache)
    answer = ask(client_for(charaf), alice)
    assert answer.json() == {"results": [{"person": str(alice.uuid), "name": "أليس الاختبارية"}]}
    entry = AccessEntry.objects.get()
    assert (entry.viewer, entry.people, entry.reason, entry.fields) == (charaf, [alice.pk], REASON, ["name"])


def test_without_a_reason_or_with_too_many_nobody_is_revealed(country: Country, alice: Person) -> None:
    client = client_for(make_staff("province_admin", country.larache))
    assert ask(client, alice, reason="").status_code == 422
    many = client.post(URL, {"ids": [str(uuid4()) for _ in range(101)], "reason": REASON}, format="json")
    assert many.status_code == 422
    assert not AccessEntry.objects.exists()


def test_above_a_confidential_centre_its_women_do_not_exist_by_name(
    country: Country, alice: Person, protected: Person
) -> None:
    for role, place in (("province_admin", "larache"), ("ministry_admin", "ministry")):
        client = client_for(make_staff(role, country.places[place]))
        foreign = ask(client, protected)
        unknown = client.post(URL, {"ids": [str(uuid4())], "reason": REASON}, format="json")
        assert foreign.status_code == 404
        assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
        assert ask(client, alice, protected).status_code == 404
    assert not AccessEntry.objects.exists()
    inside = ask(client_for(make_staff("centre_admin", country.shelter)), protected)
    assert inside.json()["results"][0]["name"] == "محمية الاختبارية"


def test_the_next_province_and_those_without_the_ability_get_nothing(country: Country, alice: Person) -> None:
    assert ask(client_for(make_staff("province_admin", country.tetouan)), alice).status_code == 404
    assert ask(client_for(make_staff("auditor", country.ministry)), alice).status_code == 403
    assert ask(client_for(alice), alice).status_code == 403
    assert ask(APIClient(), alice).status_code == 401


def test_inside_her_own_centre_no_reason_is_asked_and_others_stay_pseudonyms(
    country: Country, alice: Person, protected: Person
) -> None:
    elsewhere = make_person(home=country.ksar_centre)
    viewer = make_staff("centre_admin", country.larache_centre)
    viewer.scope = Scope(person_id=viewer.pk, grants=(Grant("centre_admin", country.larache_centre.path),))
    people = [alice.pk, protected.pk, elsewhere.pk]
    shown = reveal(viewer=viewer, people=people, surface="report.people", at=timezone.now())
    assert shown == {alice.pk: "أليس الاختبارية"}
    assert AccessEntry.objects.get().people == [alice.pk]


def test_where_nobody_was_seen_nothing_is_recorded(country: Country, alice: Person) -> None:
    viewer = make_staff("province_admin", country.larache)
    viewer.scope = Scope(person_id=viewer.pk, grants=(Grant("province_admin", country.larache.path),))
    assert reveal(viewer=viewer, people=[alice.pk], surface="report.people", at=timezone.now()) == {}
    assert not AccessEntry.objects.exists()


def test_a_partner_sees_no_names_where_only_an_agreement_leads(country: Country, alice: Person) -> None:
    viewer = make_staff("centre_admin", country.association)
    grant = Grant("centre_admin", country.larache_centre.path, own_node=False)
    viewer.scope = Scope(person_id=viewer.pk, grants=(grant,))
    assert reveal(viewer=viewer, people=[alice.pk], surface="report.people", at=timezone.now()) == {}
