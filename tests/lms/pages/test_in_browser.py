"""What only a real browser can show: leaving quickly, pressing twice, and axe on every page of the base."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from lms.accounts.models import Person
from lms.sign_in.models import Session
from tests.browser.chromium import needs_chromium
from tests.cast import Country, make_person, make_staff, token_for

pytestmark = [pytest.mark.urls("tests.lms.pages.urls"), *needs_chromium]


def signed_in(phone: BrowserContext, server: LiveServer, person: Person, settings: Any) -> Page:
    phone.add_cookies([{"name": settings.SESSION_COOKIE, "value": token_for(person), "url": server.url}])
    page = phone.new_page()
    page.goto(f"{server.url}/messages")
    page.goto(f"{server.url}/my-courses")
    return page


def until(page: Page, true: Callable[[], bool]) -> None:
    """Wait, at most five seconds, for what happens behind the page."""
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


def left(page: Page) -> None:
    """She is on the calendar, her session is gone, and going back shows nothing of hers."""
    page.wait_for_url("**/calendar")
    until(page, lambda: Session.objects.count() == 0)  # the calendar does not wait for the session's end
    with page.expect_navigation():
        page.evaluate("history.back()")
    assert page.url.endswith("/messages")
    assert (
        page.evaluate("history.length") == 3
    )  # the blank first page, messages, and the calendar in place of hers


def test_the_quick_exit_button_leaves_no_way_back_to_the_page(
    live_server: LiveServer, phone: BrowserContext, settings: Any
) -> None:
    page = signed_in(phone, live_server, make_person(), settings)
    page.get_by_role("button", name="خروج سريع").click()
    left(page)
    assert phone.cookies() == []


def test_shift_three_times_leaves_too_but_shift_while_writing_does_not(
    live_server: LiveServer, phone: BrowserContext, settings: Any
) -> None:
    page = signed_in(phone, live_server, make_person(), settings)
    for key in ("Shift", "a", "Shift", "b", "Shift", "c"):
        page.keyboard.press(key)
    assert page.url.endswith("/my-courses")
    for _press in range(3):
        page.keyboard.press("Shift")
    left(page)


def test_quick_exit_works_without_javascript(
    live_server: LiveServer, chromium: Browser, settings: Any
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = signed_in(context, live_server, make_person(), settings)
    page.get_by_role("button", name="خروج سريع").click()
    page.wait_for_url("**/calendar")
    assert Session.objects.count() == 0
    context.close()


def test_a_form_pressed_twice_is_sent_once(live_server: LiveServer, phone: BrowserContext) -> None:
    page = phone.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.route(  # no content: the browser stays on the page, as while it waits for a slow answer
        "**/style",
        lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_(),
    )
    page.goto(f"{live_server.url}/style")
    page.evaluate("""() => {
        const form = document.querySelector("form[novalidate]");
        form.requestSubmit(); form.requestSubmit();
    }""")
    assert page.locator("form[novalidate] button").first.get_attribute("aria-disabled") == "true"
    until(page, lambda: bool(sent))
    assert sent == ["POST"]


def test_the_language_menu_changes_language_and_direction(
    live_server: LiveServer, phone: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/help")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Français").click()
    page.wait_for_url("**/help")
    assert page.evaluate(
        "[document.documentElement.lang, document.dir, document.querySelector('h1').innerText]"
    ) == [
        "fr",
        "ltr",
        "Aide",
    ]


@pytest.mark.parametrize(("language", "scheme"), [("ar", "light"), ("fr", "dark"), ("zgh", "light")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_phone(
    live_server: LiveServer, chromium: Browser, settings: Any, country: Country, language: str, scheme: Any
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 640}, color_scheme=scheme)
    context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
    page = signed_in(context, live_server, make_staff("province_admin", country.larache), settings)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/style", "/help", "/nowhere", "/calendar"):
        page.goto(f"{live_server.url}{path}")
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        found = [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page).response["violations"]]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert {url.startswith(live_server.url) for url in asked} == {True}
    context.close()
