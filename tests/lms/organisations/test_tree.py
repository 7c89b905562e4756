"""The national tree: listed to all without its secrets, read by those in whose part it lies, moved whole."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms import sealing
from lms.accounts.models import Person
from lms.audit.models import ChangeEntry
from lms.errors import InvalidInput
from lms.organisations.models import Membership, Organisation
from lms.organisations.queries import names_of
from lms.organisations.services import (
    NewOrganisation,
    NotANetwork,
    WouldHoldItself,
    create_organisation,
    end_role,
    grant_role,
    move_organisation,
    sort_name,
)
from tests.cast import Country, client_for, make_person, make_staff
from tests.statements import statements

URL = "/api/v1/organisations"


def test_anyone_lists_centres_by_province_without_what_could_betray(
    country: Country, client: APIClient
) -> None:
    with statements(1):
        answer = client.get(f"{URL}?parent=larache&kind=centre").json()
    assert {row["code"] for row in answer["results"]} == {"larache-centre", "ksar-centre", "shelter"}
    assert all(set(row) == {"code", "name", "kind", "parent"} for row in answer["results"])
    shapes = {frozenset(map(type, row.values())) for row in answer["results"]}
    assert len(shapes) == 1


def test_pages_follow_each_other_and_hold_every_node_once(country: Country, client: APIClient) -> None:
    url, codes = f"{URL}?page_size=4", []
    while url:
        page = client.get(url).json()
        codes += [row["code"] for row in page["results"]]
        url = page["next"]
    assert sorted(codes) == sorted(Organisation.objects.values_list("code", flat=True))


def test_an_unknown_parent_has_no_children_and_an_unknown_kind_is_refused(
    country: Country, client: APIClient
) -> None:
    assert client.get(f"{URL}?parent=nowhere").json()["results"] == []
    assert client.get(f"{URL}?kind=castle").status_code == 422


def test_a_closed_centre_is_not_offered(country: Country, client: APIClient) -> None:
    Organisation.objects.filter(code="ksar-centre").update(is_active=False)
    codes = [row["code"] for row in client.get(f"{URL}?parent=larache").json()["results"]]
    assert "ksar-centre" not in codes


def test_staff_read_nodes_of_their_part_and_no_others(country: Country) -> None:
    client = client_for(make_staff("province_admin", country.larache))
    node = client.get(f"{URL}/larache-centre").json()
    assert [up["code"] for up in node["above"]] == ["ministry", "agency", "north", "larache"]
    assert not {"address", "networks", "centre_type"} & set(node)
    foreign, unknown = client.get(f"{URL}/tetouan-centre"), client.get(f"{URL}/nowhere")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert client_for(make_person()).get(f"{URL}/larache-centre").status_code == 403


def test_an_address_is_sealed_and_a_network_is_checked(country: Country) -> None:
    row = NewOrganisation(
        code="new",
        kind="centre",
        name={"ar": "مركزٌ جديدة", "fr": "Nouveau centre"},
        parent=country.larache,
        address="زنقة الأمان 3",
        networks=("192.0.2.0/24",),
    )
    centre = create_organisation(row, at=timezone.now())
    assert (centre.path, centre.sort_name) == (f"{country.larache.path}new/", "مركز جديده")
    assert "الأمان".encode() not in bytes(centre.address)
    opened = sealing.unseal(centre.address, table="organisation", column="address", row=centre.uuid)
    assert opened == "زنقة الأمان 3"
    with pytest.raises(NotANetwork):
        create_organisation(replace(row, code="other", networks=("home",)), at=timezone.now())


def test_names_come_together(country: Country) -> None:
    with statements(1):
        names = names_of([country.larache.pk, country.tetouan.pk])
    assert names[country.larache.pk] == country.larache.name["ar"]
    assert sort_name({"fr": "Éducation"}) == "education"


def test_a_province_moves_with_all_its_centres_and_her_reach_follows(country: Country) -> None:
    client = client_for(make_staff("ministry_admin", country.agency))
    grown = move_organisation(
        organisation=country.larache, parent=country.ministry, actor=None, at=timezone.now()
    )
    assert grown.path == "/ministry/larache/"
    centre = Organisation.objects.get(code="larache-centre")
    assert centre.path == "/ministry/larache/larache-centre/"
    assert Organisation.objects.get(code="tetouan-centre").path == country.tetouan_centre.path
    assert client.get(f"{URL}/larache-centre").status_code == 404
    again = move_organisation(
        organisation=country.larache, parent=country.ministry, actor=None, at=timezone.now()
    )
    assert again.path == grown.path
    assert ChangeEntry.objects.filter(verb="organisation.moved").count() == 1


@pytest.mark.parametrize("below", ["larache", "larache_centre"])
def test_nothing_moves_below_itself(country: Country, below: str) -> None:
    with pytest.raises(WouldHoldItself):
        move_organisation(
            organisation=country.larache, parent=country.places[below], actor=None, at=timezone.now()
        )


class TestRoles:
    @pytest.fixture
    def charaf(self, country: Country) -> Person:
        return make_person()

    def test_a_role_reaches_from_the_next_request_and_ends_with_the_next(
        self, country: Country, charaf: Person
    ) -> None:
        client, at = client_for(charaf), timezone.now()
        membership = grant_role(person=charaf, organisation=country.larache, role="province_admin", at=at)
        assert client.get(f"{URL}/larache-centre").status_code == 200
        end_role(membership=membership, actor=None, at=at)
        assert client.get(f"{URL}/larache-centre").status_code == 403
        verbs = ChangeEntry.objects.filter(verb__startswith="role.").order_by("id")
        assert [entry.verb for entry in verbs] == ["role.granted", "role.ended"]

    def test_an_older_role_keeps_its_days(self, country: Country, charaf: Person) -> None:
        at = timezone.now()
        today = timezone.localdate(at)
        membership = grant_role(
            person=charaf,
            organisation=country.larache,
            role="auditor",
            at=at,
            from_date=today - timedelta(days=9),
        )
        end_role(membership=membership, actor=None, at=at)
        end_role(membership=membership, actor=None, at=at)
        assert Membership.objects.get().until_date == today - timedelta(days=1)

    def test_granting_twice_is_once_and_an_unknown_role_is_refused(
        self, country: Country, charaf: Person
    ) -> None:
        for _ in range(2):
            grant_role(person=charaf, organisation=country.larache, role="auditor", at=timezone.now())
        assert Membership.objects.count() == 1
        with pytest.raises(InvalidInput):
            grant_role(person=charaf, organisation=country.larache, role="queen", at=timezone.now())
