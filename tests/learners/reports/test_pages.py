"""The completion page: the funnel first, then places, then people."""

from django.conf import settings
from django.test import Client
from django.utils import timezone

from learners.enrolments.services import enrol
from lms.accounts.models import Person
from lms.audit.models import AccessEntry
from tests.cast import Country, make_person, make_staff, publish_course, token_for
from tests.learners.reports.crowd import crowd
from tests.outbox import work_off


def browser_of(person: Person) -> Client:
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE] = token_for(person)
    return browser


def test_a_province_sees_its_centres_and_its_neighbour_sees_none_of_them(country: Country) -> None:
    crowd(country.tetouan_centre, publish_course(country), 9)
    page = browser_of(make_staff("province_admin", country.tetouan)).get("/completion").content.decode()
    assert "مركز tetouan-centre" in page
    assert 'class="funnel"' in page
    neighbour = browser_of(make_staff("province_admin", country.larache))
    assert "tetouan-centre" not in neighbour.get("/completion").content.decode()
    assert neighbour.get("/completion?organisation=tetouan").status_code == 404


def test_people_have_names_in_their_own_centre_only_and_the_look_is_recorded(country: Country) -> None:
    course = publish_course(country)
    crowd(country.tetouan_centre, course, 9)
    alice = make_person(home=country.tetouan_centre)
    enrol(learner=alice, course=course, at=timezone.now())
    work_off()
    centre = make_staff("centre_admin", country.tetouan_centre)
    province = make_staff("province_admin", country.tetouan)
    path = "/completion/people?organisation=tetouan-centre"
    page = browser_of(province).get(path).content.decode()
    assert alice.pseudonym in page
    assert "الاختبارية" not in page
    assert not AccessEntry.objects.filter(viewer=province).exists()
    assert "الاختبارية" in browser_of(centre).get(path).content.decode()
    assert AccessEntry.objects.filter(viewer=centre).count() == 1


def test_a_learner_has_no_completion_page(country: Country) -> None:
    course = publish_course(country)
    learner = crowd(country.larache_centre, course, 1)[0].learner
    assert browser_of(learner).get("/completion").status_code == 403
