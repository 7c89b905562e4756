"""The staff's own site: our door, our scopes, our services; nothing else writes."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.cohorts.models import Cohort
from learners.enrolments.services import enrol
from lms.audit.models import ChangeEntry
from lms.organisations.models import Organisation
from tests.cast import Country, browser_for, make_person, make_staff, publish_course
from tests.learners.learning import begin_learning
from tests.statements import statements

GROUPS = "/admin/learners/cohort/"
CERTIFICATES = "/admin/learners/certificate/"
ASKED = {
    "course_slug": "course",
    "place": "larache-centre",
    "title_ar": "فوج مارس",
    "title_fr": "Groupe de mars",
    "seats": "20",
    "starts_on": "2027-03-01",
    "ends_on": "2027-06-30",
    "seen": "",
}


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_who_has_not_signed_in_is_led_to_our_own_door(client: Client, db: None) -> None:
    answer = Client().get(GROUPS)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={GROUPS.replace('/', '%2F')}")
    for password_page in ("login", "logout", "password_change", "autocomplete", "search"):
        assert Client().get(f"/admin/{password_page}/").status_code == 404


def test_a_learner_has_no_business_here(country: Country) -> None:
    learner = make_person(home=country.larache_centre)
    assert browser_for(learner).get("/admin/").status_code == 403


def test_each_sees_the_lists_of_her_abilities(country: Country) -> None:
    operator = text_of(browser_for(make_staff("operator", country.ministry)).get("/admin/"))
    assert "/admin/lms/eventdelivery/" in operator
    assert GROUPS not in operator
    admin = text_of(browser_for(make_staff("centre_admin", country.larache_centre)).get("/admin/"))
    assert GROUPS in admin
    assert "/admin/lms/eventdelivery/" not in admin


def test_a_list_holds_her_part_of_the_tree_alone(country: Country) -> None:
    page = text_of(browser_for(make_staff("province_admin", country.larache)).get("/admin/lms/organisation/"))
    assert country.larache_centre.code in page
    assert country.tetouan_centre.code not in page


@pytest.fixture
def shelter_group(country: Country) -> Cohort:
    return Cohort.objects.create(
        course=publish_course(country), organisation=country.shelter, title={"ar": "فوج المركز"}, seats=9
    )


def test_a_confidential_centres_rows_are_nobodys_above_it(country: Country, shelter_group: Cohort) -> None:
    learning = begin_learning(country, home=country.shelter)
    learning.complete()
    serial = Certificate.objects.get().serial
    above = browser_for(make_staff("ministry_admin", country.ministry))
    inside = browser_for(make_staff("centre_admin", country.shelter))
    for path, secret in (
        (GROUPS, "فوج المركز"),
        (CERTIFICATES, serial),
        ("/admin/learners/enrolment/", learning.alice.pseudonym),
    ):
        assert secret in text_of(inside.get(path)), path
        assert secret not in text_of(above.get(path)), path
    assert above.get(f"{GROUPS}{shelter_group.uuid}/change/").status_code == 404
    assert above.post(f"{GROUPS}{shelter_group.uuid}/change/", ASKED).status_code == 404
    shelter_group.refresh_from_db()
    assert shelter_group.version == 1


def test_a_group_is_begun_and_changed_by_the_services(country: Country) -> None:
    publish_course(country)
    browser = browser_for(make_staff("centre_admin", country.larache_centre))
    assert browser.post(f"{GROUPS}add/", ASKED).status_code == 302
    group = Cohort.objects.get()
    assert (group.title, group.seats) == ({"ar": "فوج مارس", "fr": "Groupe de mars"}, 20)
    page = f"{GROUPS}{group.uuid}/change/"
    assert 'name="seen" value="1"' in text_of(browser.get(page))
    assert browser.post(page, ASKED | {"seats": "25", "seen": "1"}).status_code == 302
    group.refresh_from_db()
    assert (group.seats, group.version) == (25, 2)
    history = ChangeEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(history)[-2:] == ["cohort.create", "cohort.change"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ends_on": "2027-02-01"}, "A group cannot end before it begins."),
        ({"place": "tetouan-centre"}, "No centre of yours has this code."),
        ({"course_slug": "nowhere"}, "Select a valid choice."),
    ],
)
def test_a_refusal_of_the_service_stands_on_the_form(
    country: Country, wrong: dict[str, str], message: str
) -> None:
    publish_course(country)
    browser = browser_for(make_staff("centre_admin", country.larache_centre))
    browser.cookies["language"] = "en"
    answer = browser.post(f"{GROUPS}add/", ASKED | wrong)
    assert answer.status_code == 200
    assert message in text_of(answer)
    assert "Groupe de mars" in text_of(answer), "what she wrote is still there"
    assert not Cohort.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(country: Country) -> None:
    group = Cohort.objects.create(
        course=publish_course(country), organisation=country.larache_centre, title={"ar": "فوج"}, version=4
    )
    browser = browser_for(make_staff("centre_admin", country.larache_centre))
    assert browser.post(f"{GROUPS}{group.uuid}/change/", ASKED | {"seen": "3"}).status_code == 200
    group.refresh_from_db()
    assert (group.title, group.version) == ({"ar": "فوج"}, 4)


def test_a_facilitator_reads_groups_and_changes_none(country: Country) -> None:
    group = Cohort.objects.create(
        course=publish_course(country), organisation=country.larache_centre, title={"ar": "فوج"}
    )
    browser = browser_for(make_staff("facilitator", country.larache_centre))
    page = f"{GROUPS}{group.uuid}/change/"
    assert browser.get(page).status_code == 200
    assert browser.post(page, ASKED).status_code == 403
    assert browser.post(f"{GROUPS}add/", ASKED).status_code == 403
    assert browser.get(f"{GROUPS}{group.uuid}/delete/").status_code == 404


def test_above_the_centre_nobody_reads_how_full_a_group_is(country: Country) -> None:
    course = publish_course(country)
    group = Cohort.objects.create(
        course=course, organisation=country.larache_centre, title={"ar": "فوج"}, seats=77
    )
    enrol(learner=make_person(home=country.larache_centre), course=course, cohort=group, at=timezone.now())
    told = {}
    for role, place in (("facilitator", country.larache_centre), ("province_admin", country.larache)):
        page = text_of(browser_for(make_staff(role, place)).get(GROUPS))
        told[role] = re.findall(r"field-taken[^>]*>\s*(?:<[^>]*>\s*)*([^<\s]+)", page)
    assert told == {"facilitator": ["1"], "province_admin": ["–"]}


def test_a_certificate_is_taken_back_with_its_reason(country: Country) -> None:
    begin_learning(country).complete()
    certificate = Certificate.objects.get()
    page = f"{CERTIFICATES}{certificate.uuid}/change/"
    browser = browser_for(make_staff("province_admin", country.larache))
    assert browser.post(page, {"reason": " "}).status_code == 200
    assert browser.post(page, {"reason": "صدرت خطأ"}).status_code == 302
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revoked_reason) == ("revoked", "صدرت خطأ")
    assert 'name="reason"' not in text_of(browser.get(page))


def test_a_list_costs_as_much_for_many_as_for_one(country: Country) -> None:
    course = publish_course(country)
    browser = browser_for(make_staff("centre_admin", country.larache_centre))

    def begin(count: int) -> None:
        for _ in range(count):
            Cohort.objects.create(course=course, organisation=country.larache_centre, title={"ar": "فوج"})

    begin(1)
    browser.get(GROUPS)
    for more in (0, 6):
        begin(more)
        with statements(2):
            assert browser.get(GROUPS).status_code == 200


def test_the_looser_policy_holds_under_admin_alone(country: Country) -> None:
    browser = browser_for(make_staff("centre_admin", country.larache_centre))
    assert "'unsafe-eval'" in browser.get(GROUPS)["Content-Security-Policy"]
    for page in ("/", "/completion", "/admin/nowhere"):
        policy = browser.get(page)["Content-Security-Policy"]
        assert "unsafe" not in policy, page


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr")])
def test_it_speaks_her_language(country: Country, language: str, direction: str) -> None:
    browser = browser_for(make_staff("centre_admin", country.larache_centre))
    browser.cookies["language"] = language
    assert f'lang="{language}" dir="{direction}"' in text_of(browser.get(GROUPS))


def test_a_row_is_known_by_its_public_id_alone(country: Country) -> None:
    browser = browser_for(make_staff("province_admin", country.larache))
    node = Organisation.objects.get(code="larache-centre")
    assert f"/admin/lms/organisation/{node.uuid}/change/" in text_of(browser.get("/admin/lms/organisation/"))
    assert browser.get(f"/admin/lms/organisation/{node.pk}/change/").status_code == 404
