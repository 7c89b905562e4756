"""The frame of every page: language, direction, landmarks, quick exit, errors."""

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from lms.pages.views import csrf_failure, malformed
from lms.sign_in.models import Session
from tests.cast import Country, make_person, make_staff, token_for

pytestmark = pytest.mark.urls("tests.lms.pages.urls")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def browser_of(person: object, settings: object) -> Client:
    """A browser that carries her session cookie."""
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE] = token_for(person)
    return browser


def page(visitor: Client, path: str, **headers: str) -> str:
    return visitor.get(path, headers=headers).content.decode()


def test_a_page_has_title_one_heading_landmarks_and_a_skip_link(visitor: Client) -> None:
    html = page(visitor, "/help")
    assert '<html lang="ar" dir="rtl">' in html
    assert re.findall(r"<title>(.+)</title>", html) == ["مساعدة · جسر"]
    assert len(re.findall(r"<h1", html)) == 1
    for landmark in ("<header", "<nav", '<main id="main"', "<footer", 'href="#main"'):
        assert landmark in html


def test_quick_exit_stands_on_every_page_of_the_base(visitor: Client) -> None:
    for path in ("/", "/help", "/nowhere", "/refuses"):
        html = page(visitor, path)
        assert f'<form class="exit" method="post" action="{reverse("quick-exit")}"' in html
        assert "لا يمحو سجل المتصفح" in html or "ولا يمحو سجل المتصفح" in html


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("", "", "ar"),
        ("", "fr-FR,fr;q=0.9,ar;q=0.8", "fr"),
        ("", "de,es;q=0.5", "ar"),
        ("en", "fr", "en"),
        ("klingon", "fr", "fr"),
        ("zgh", "fr", "zgh"),
    ],
)
def test_her_choice_on_this_device_comes_before_her_browsers(
    visitor: Client, cookie: str, header: str, language: str
) -> None:
    visitor.cookies["language"] = cookie
    answer = visitor.get("/help", headers={"Accept-Language": header})
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}"' in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_her_account_comes_before_her_browser_on_pages_and_after_it_in_the_api(
    country: Country, settings: object
) -> None:
    browser = browser_of(make_person(language="fr"), settings)
    assert browser.get("/help", headers={"Accept-Language": "en"})["Content-Language"] == "fr"
    assert browser.get("/api/nowhere", headers={"Accept-Language": "en"})["Content-Language"] == "en"
    assert browser.get("/api/nowhere")["Content-Language"] == "fr"


def test_choosing_a_language_is_kept_and_leads_back(visitor: Client) -> None:
    answer = visitor.post("/language", {"language": "fr", "next": "/help?x=1"})
    assert (answer.status_code, answer["Location"]) == (303, "/help?x=1")
    assert '<html lang="fr" dir="ltr">' in page(visitor, "/help")


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org", "/\\example.org", "javascript:x", ""]
)
def test_choosing_a_language_leads_nowhere_else(visitor: Client, wanted: str) -> None:
    assert visitor.post("/language", {"language": "fr", "next": wanted})["Location"] == "/"


def test_an_unknown_language_or_another_sites_form_changes_nothing(visitor: Client) -> None:
    assert "language" not in visitor.post("/language", {"language": "xx"}).cookies
    elsewhere = visitor.post("/language", {"language": "fr"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert "language" not in elsewhere.cookies


def test_quick_exit_ends_the_session_and_shows_a_page_that_names_nothing(
    country: Country, settings: object
) -> None:
    browser = browser_of(make_person(), settings)
    answer = browser.post("/exit")
    assert (answer.status_code, answer["Location"]) == (303, "/calendar")
    assert answer["Clear-Site-Data"] == '"cache", "cookies"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.cookies[settings.SESSION_COOKIE].value == ""
    assert Session.objects.count() == 0
    assert browser.post("/exit").status_code == 303

    neutral = page(browser, "/calendar")
    assert not re.search(r"جسر|Jisr|دروس|<nav|<a |/exit", neutral)


def test_quick_exit_needs_no_token_from_a_page_open_for_hours() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/exit").status_code == 303


def test_another_site_cannot_sign_her_out(country: Country, settings: object) -> None:
    browser = browser_of(make_person(), settings)
    browser.post("/exit", headers={"Sec-Fetch-Site": "cross-site"})
    assert Session.objects.count() == 1


def test_in_discreet_mode_title_name_and_icon_say_nothing(country: Country, settings: object) -> None:
    html = page(browser_of(make_person(discreet=True), settings), "/help")
    assert re.findall(r"<title>(.+)</title>", html) == ["دروس"]
    assert "جسر" not in html
    assert "icon-plain.svg" in html
    assert "#arch" not in html.partition("<main")[0]


def test_staff_see_their_places_and_their_font(country: Country, settings: object) -> None:
    learner = page(browser_of(make_person(), settings), "/")
    staff = page(browser_of(make_staff("province_admin", country.larache), settings), "/")
    assert 'href="/completion"' in staff
    assert "staff.css" in staff
    assert 'href="/completion"' not in learner
    assert "staff.css" not in learner


def test_the_bar_marks_where_she_is(visitor: Client) -> None:
    bar = re.findall(r'<nav class="bar".*?</nav>', page(visitor, "/messages"), re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"( aria-current="page")?', bar) == [
        ("/", ""),
        ("/my-courses", ""),
        ("/messages", ' aria-current="page"'),
        ("/account", ""),
    ]
    assert re.findall(r"<span>(.+?)</span>", bar) == ["الرئيسية", "دروسي", "رسائلي", "حسابي"]


def test_a_page_for_others_leads_a_stranger_to_sign_in_and_tells_a_learner(
    country: Country, settings: object, visitor: Client
) -> None:
    assert visitor.get("/operators?a=1")["Location"] == "/sign-in?next=%2Foperators%3Fa%3D1"
    answer = browser_of(make_person(), settings).get("/operators")
    assert answer.status_code == 403
    assert "هذه الصفحة ليست لهذا الحساب" in answer.content.decode()
    assert browser_of(make_staff("operator", country.ministry), settings).get("/operators").status_code == 200


def test_a_page_that_names_no_ability_is_closed_to_all(country: Country, settings: object) -> None:
    assert browser_of(make_staff("operator", country.ministry), settings).get("/nameless").status_code == 403


def test_a_refusal_becomes_a_page_with_its_status_and_words(visitor: Client) -> None:
    answer = visitor.get("/refuses")
    assert (answer.status_code, answer["Retry-After"]) == (409, "5")
    assert "المجموعة ممتلئة" in answer.content.decode()


def test_what_is_not_hers_looks_like_what_never_existed(visitor: Client) -> None:
    hidden, unknown = visitor.get("/hides"), visitor.get("/never")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content.replace(b"/hides", b"/never") == unknown.content


def test_errors_speak_to_people_on_pages_and_to_clients_in_the_api(visitor: Client) -> None:
    broken = visitor.get("/breaks", headers={"Accept-Language": "fr"})
    assert broken.status_code == 500
    assert "Un problème est survenu de notre côté" in broken.content.decode()
    assert broken["X-Request-ID"] in broken.content.decode()
    for path, status, code in (("/api/nowhere", 404, "not_found"), ("/api/breaks", 500, "server_error")):
        answer = visitor.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["code"] == code


def test_a_form_open_for_too_long_and_an_unreadable_one_have_their_pages(rf: RequestFactory) -> None:
    for handler, status in ((csrf_failure, 403), (lambda request: malformed(request, ValueError()), 400)):
        answer = handler(rf.get("/somewhere"))
        assert answer.status_code == status
        assert "<h1>" in answer.content.decode()
        assert handler(rf.get("/api/somewhere"))["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_the_style_guide_draws_every_component(visitor: Client, language: str) -> None:
    visitor.cookies["language"] = language
    html = page(visitor, "/style")
    assert "⟪" not in html
    for component in (
        "steps",
        "funnel",
        "choice",
        "notice refusal",
        "tag done",
        "empty",
        "player",
        "rows",
        "thumb",
    ):
        assert f'class="{component}' in html or f" {component}" in html


@pytest.mark.parametrize("environment", ["production", "demo"])
def test_the_style_guide_is_not_for_people(visitor: Client, settings: object, environment: str) -> None:
    settings.JISR_ENV = environment
    assert visitor.get("/style").status_code == 404
