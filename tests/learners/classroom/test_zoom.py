"""Her pages at twice the size: nothing runs out of the window (WCAG 2.2, 1.4.4 and 1.4.10)."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import PHONE, carry_session, needs_chromium, speak
from tests.cast import Country
from tests.learners.classroom.richly import open_classroom

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]
# A window of 1280 × 800 zoomed to 200 %.
ZOOMED: Any = {"width": 640, "height": 400}
TWICE = """() => {
    const html = document.documentElement;
    html.style.fontSize = `${2 * parseFloat(getComputedStyle(html).fontSize)}px`;
}"""
RUNS_OUT = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getClientRects().length)
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
    .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize(
    ("language", "window", "larger"), [("ar", PHONE, True), ("fr", PHONE, True), ("fr", ZOOMED, False)]
)
def test_at_twice_the_size_nothing_runs_out_of_the_window(
    chromium: Browser, live_server: LiveServer, country: Country, language: str, window: Any, larger: bool
) -> None:
    classroom = open_classroom(country)
    context = chromium.new_context(viewport=window)
    carry_session(context, live_server, classroom.alice)
    speak(context, live_server, language)
    page, slug = context.new_page(), classroom.course.slug
    lessons = [classroom.url(kind) for kind in ("text", "video", "audio", "document", "quiz")]
    others = ["/", "/my/courses", f"/courses/{slug}", f"/my/courses/{slug}/help", f"/my/courses/{slug}/keep"]
    for path in [*others, *lessons, "/my/certificates", "/messages", "/messages/choices", "/account"]:
        page.goto(f"{live_server.url}{path}")
        if larger:
            page.evaluate(TWICE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= window["width"], (path, page.evaluate(RUNS_OUT)[:5])
    context.close()
