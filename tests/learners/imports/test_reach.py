"""Who may import, where to, and what an import tells of women who are elsewhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from learners.cohorts.models import Cohort
from learners.imports.models import Import
from lms.accounts.models import Identity, Person
from lms.accounts.queries import named, people_on_number
from lms.organisations.models import Membership
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.learners.imports.lists import HEADER, IMPORTS, WOMEN, as_csv, send
from tests.outbox import work_off

BY_CENTRE = (*HEADER, "المركز")


def finished(client: APIClient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.json()
    work_off()
    found: dict[str, Any] = client.get(f"{IMPORTS}/{answer.json()['id']}").json()
    return found


def newcomers() -> list[str | None]:
    """The centres of those who came by a list, in its order."""
    rows = Identity.objects.exclude(row_index=None).order_by("person_id")
    return list(rows.values_list("person__home_organisation__code", flat=True))


@pytest.mark.parametrize("role", ["facilitator", "trainer", "publisher", "auditor", "operator"])
def test_other_roles_do_not_import(country: Country, role: str) -> None:
    client = client_for(make_staff(role, country.larache_centre))
    assert send(client, as_csv(WOMEN)).status_code == 403
    assert client.get(IMPORTS).status_code == 403


def test_a_list_for_another_place_finds_no_place(country: Country) -> None:
    client = client_for(make_staff("centre_admin", country.larache_centre))
    for code in ("ksar-centre", "larache", "tetouan-centre", "never-was"):
        assert send(client, as_csv(WOMEN), organisation=code).status_code == 404
    foreign = Cohort.objects.create(
        course=publish_course(country), organisation=country.ksar_centre, title={"ar": "فوج"}
    )
    assert send(client, as_csv(WOMEN), organisation="", cohort=str(foreign.uuid)).status_code == 404
    assert send(client, as_csv(WOMEN), cohort=str(foreign.uuid)).status_code == 404
    assert send(client, as_csv(WOMEN), organisation="").status_code == 422
    assert not Import.objects.exists()


def test_a_list_is_nobody_elses_not_even_the_one_aboves(country: Country) -> None:
    mine = client_for(make_staff("centre_admin", country.larache_centre))
    rows = [*WOMEN, ("", "ناقصة", "", "")]
    job = finished(mine, send(mine, as_csv(rows)))
    for place, role in (("larache_centre", "centre_admin"), ("larache", "province_admin")):
        other = client_for(make_staff(role, country.places[place]))
        assert other.get(f"{IMPORTS}/{job['id']}").status_code == 404
        assert other.get(job["errors"]).status_code == 404
        assert other.post(f"{IMPORTS}/{job['id']}/start", {}, format="json").status_code == 404
        assert other.get(IMPORTS).json()["results"] == []
    assert [each["id"] for each in mine.get(IMPORTS).json()["results"]] == [job["id"]]


def test_a_province_brings_women_into_its_centres_by_code_or_name(country: Country) -> None:
    client = client_for(make_staff("province_admin", country.larache))
    places = (
        "larache-centre",
        "مركز ksar-centre",
        "Centre KSAR-Centre",
        "",
        "tetouan-centre",
        "never-was",
        "shelter",
    )
    rows = [(f"فاطمة {'ا' * place}", "العمراني", "", "1990", name) for place, name in enumerate(places, 2)]
    job = finished(client, send(client, as_csv(rows, header=BY_CENTRE), organisation="larache"))
    assert newcomers() == ["larache-centre", "ksar-centre", "ksar-centre", "larache"]
    assert job["refused"] == 3
    text = client.get(job["errors"]).content.decode()
    reasons = {line.split(",")[1] for line in text.splitlines()[1:]}
    assert len(reasons) == 1, "another's centre, none at all and a shelter are refused alike"


def test_a_ministrys_list_must_name_the_centres(country: Country) -> None:
    client = client_for(make_staff("ministry_admin", country.ministry))
    without = send(client, as_csv(WOMEN), organisation="ministry")
    assert [error["pointer"] for error in without.json()["errors"]] == ["/columns/centre"]
    rows = [(*WOMEN[0], "tetouan-centre"), (*WOMEN[1], "")]
    job = finished(client, send(client, as_csv(rows, header=BY_CENTRE), organisation="ministry"))
    assert (newcomers(), job["refused"]) == (["tetouan-centre"], 1)


def test_a_confidential_centre_is_filled_by_its_own_staff_and_its_women_are_not_searchable(
    country: Country,
) -> None:
    above = client_for(make_staff("province_admin", country.larache))
    assert send(above, as_csv(WOMEN), organisation="shelter").status_code == 404
    assert above.get("/imports/new?organisation=shelter").status_code in (302, 404)
    own = client_for(make_staff("centre_admin", country.shelter))
    assert finished(own, send(own, as_csv(WOMEN), organisation="shelter"))["created"] == 4
    women = Identity.objects.exclude(row_index=None)
    assert [tokens for tokens in women.values_list("search_tokens", flat=True) if tokens] == []
    assert not named(Person.objects.all(), "خديجة").exists()


def test_that_a_woman_is_in_a_shelter_or_another_province_shows_in_no_number(country: Country) -> None:
    """A stranger's list that holds her, or her number, reads as if she were not there; and her way in stays hers."""
    samira = make_person(home=country.shelter, first_name="فاطمة", family_name="العمراني", phone="0612345678")
    far = make_person(home=country.tetouan_centre, first_name="أخرى", family_name="بعيدة", phone="0623456789")
    client = client_for(make_staff("province_admin", country.larache))
    for dry_run in ("true", "false", "false"):
        job = finished(client, send(client, as_csv(WOMEN), organisation="larache-centre", dry_run=dry_run))
        assert (job["accepted"], job["shared_numbers"], job["refused"]) == (4, 0, 0)
    assert job["known"] == 4
    assert people_on_number("+212612345678") == [samira]
    assert people_on_number("+212623456789") == [far]
    assert newcomers() == ["larache-centre"] * 4


def test_a_number_of_someone_within_reach_is_said_to_be_shared(country: Country) -> None:
    make_person(home=country.larache_centre, first_name="سلمى", family_name="الأخرى", phone="0612345678")
    client = client_for(make_staff("centre_admin", country.larache_centre))
    job = finished(client, send(client, as_csv(WOMEN)))
    assert (job["created"], job["shared_numbers"]) == (4, 1)


def test_a_closed_account_is_not_opened_by_a_list(country: Country) -> None:
    client = client_for(make_staff("centre_admin", country.larache_centre))
    finished(client, send(client, as_csv(WOMEN)))
    Person.objects.exclude(identity__row_index=None).update(is_active=False)
    job = finished(client, send(client, as_csv(WOMEN)))
    assert (job["accepted"], job["refused"]) == (0, 4)


def test_who_lost_her_role_meanwhile_brings_nobody_in(country: Country) -> None:
    admin = make_staff("centre_admin", country.larache_centre)
    client = client_for(admin)
    job = send(client, as_csv(WOMEN)).json()
    Membership.objects.update(until_date=timezone.localdate() - timedelta(days=1))
    work_off()
    assert newcomers() == []
    stopped = Import.objects.get(uuid=job["id"])
    assert (stopped.state, stopped.stopped_for) == ("stopped", "not_allowed")
    assert client.get(f"{IMPORTS}/{job['id']}").status_code == 403
