"""Getting in through the pages, as she does: phone, code, name, home."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from lms.accounts.services import NewPerson, create_person
from lms.registrations.models import Registration, State
from lms.sign_in.codes import code_of
from lms.sign_in.models import Challenge, Session
from tests.cast import Country, make_staff, token_for

PHONE = "0612345678"
HERSELF = {
    "first_name": "فاطمة",
    "family_name": "الاختبارية",
    "birth_year": "1990",
    "organisation": "larache-centre",
    "consent": "on",
}


def known(country: Country, *, pin: str = "", first_name: str = "فاطمة") -> None:
    row = NewPerson(
        first_name=first_name,
        family_name="الاختبارية",
        phone="+212612345678",
        language="ar",
        home=country.larache_centre,
        verified_at=timezone.now(),
    )
    create_person(row, at=timezone.now(), pin=pin)


@pytest.fixture
def browser(country: Country) -> Client:
    return Client()


def prove(browser: Client, **extra: str) -> tuple[str, str]:
    """Ask for a code; returns the address of the form that takes it, and the code."""
    asked = browser.post("/sign-in", {"phone": PHONE})
    assert asked.status_code == 303
    return asked["Location"], code_of(Challenge.objects.latest("id").uuid)


def test_a_new_number_is_led_to_joining_and_home(country: Country, browser: Client) -> None:
    form, code = prove(browser)
    proven = browser.post(form, {"code": code})
    assert (proven.status_code, proven["Location"]) == (303, "/register")
    assert 'value="larache"' in browser.get("/register").content.decode()
    assert 'value="larache-centre"' in browser.get("/register?province=larache").content.decode()
    joined = browser.post("/register?province=larache", HERSELF)
    assert (joined.status_code, joined["Location"]) == (303, "/")
    registration = Registration.objects.get()
    assert registration.organisation == country.larache_centre
    assert registration.person.home_organisation is None
    assert "الاختبارية" in browser.get("/account").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consent": ""}, "consent"),
        ({"birth_year": "2015"}, "birth_year"),
        ({"organisation": "nowhere"}, "organisation"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nobody_is_made(
    browser: Client, change: dict[str, str], field: str
) -> None:
    form, code = prove(browser)
    browser.post(form, {"code": code})
    answer = browser.post("/register?province=larache", HERSELF | change)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not Registration.objects.exists()


def test_a_known_number_comes_home_and_no_cookie_reads_like_a_name(country: Country, browser: Client) -> None:
    known(country)
    form, code = prove(browser)
    answer = browser.post(form, {"code": code})
    assert (answer.status_code, answer["Location"]) == (303, "/")
    cookie = answer.cookies[settings.SESSION_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_shared_number_asks_for_the_pin_and_names_nobody(country: Country, browser: Client) -> None:
    known(country, pin="2468")
    known(country, pin="1357", first_name="سلمى")
    form, code = prove(browser)
    asked = browser.post(form, {"code": code})
    page = asked.content.decode()
    assert asked.status_code == 401
    assert 'name="pin"' in page
    assert "سلمى" not in page
    assert "فاطمة" not in page
    assert browser.post(form, {"code": code, "pin": "0000"}).status_code == 401
    assert browser.post(form, {"code": code, "pin": "1357"}).status_code == 303
    assert "سلمى" in browser.get("/account").content.decode()


def test_a_wrong_code_is_said_beside_the_field(browser: Client) -> None:
    form, code = prove(browser)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    answer = browser.post(form, {"code": wrong})
    assert answer.status_code == 401
    assert 'id="id_code_error"' in answer.content.decode()


def test_a_link_to_elsewhere_is_not_followed_after_signing_in(country: Country, browser: Client) -> None:
    known(country)
    asked = browser.post("/sign-in?next=https://example.org/", {"phone": PHONE})
    code = code_of(Challenge.objects.latest("id").uuid)
    assert browser.post(asked["Location"], {"code": code})["Location"] == "/"


def test_quick_exit_and_sign_out_end_the_session(country: Country, browser: Client) -> None:
    known(country)
    for leave in ("/exit", "/sign-out"):
        form, code = prove(browser)
        browser.post(form, {"code": code})
        answer = browser.post(leave)
        assert answer.status_code == 303
        assert answer["Clear-Site-Data"] == '"cache", "cookies"'
        assert not Session.objects.exists()


def test_another_device_can_be_ended_and_this_one_stays(country: Country, browser: Client) -> None:
    known(country)
    form, code = prove(browser)
    browser.post(form, {"code": code})
    here = Session.objects.get()
    assert here.person
    token_for(here.person)
    other = Session.objects.exclude(pk=here.pk).get()
    assert browser.post("/sign-out", {"device": str(other.uuid)})["Location"] == "/account"
    assert list(Session.objects.all()) == [here]


def staff_browser(role: str, place: object) -> Client:
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE] = token_for(make_staff(role, place))  # type: ignore[arg-type]
    return browser


def test_her_centre_takes_her_in_and_the_neighbour_cannot(country: Country, browser: Client) -> None:
    form, code = prove(browser)
    browser.post(form, {"code": code})
    browser.post("/register?province=larache", HERSELF)
    registration = Registration.objects.get()
    path = f"/registrations/{registration.uuid}"
    neighbour = staff_browser("centre_admin", country.tetouan_centre)
    assert "الاختبارية" not in neighbour.get("/registrations").content.decode()
    assert neighbour.post(path, {"answer": "confirm"}).status_code == 404
    centre = staff_browser("centre_admin", country.larache_centre)
    assert "الاختبارية" in centre.get("/registrations").content.decode()
    assert centre.post(path, {"answer": "confirm"}).status_code == 303
    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED


@pytest.mark.parametrize("path", ["/account", "/registrations"])
def test_a_stranger_is_led_to_the_door(browser: Client, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next=%2F{path[1:]}")


def test_the_forms_refuse_another_sites_post(country: Country) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/sign-in", {"phone": PHONE}).status_code == 403
