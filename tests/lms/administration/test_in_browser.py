"""The staff's own site as it is seen: in both languages, on a phone and on a desktop, and asking nothing elsewhere."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from learners.cohorts.models import Cohort
from tests.browser.chromium import DESKTOP, PHONE, carry_session, needs_chromium, speak
from tests.cast import Country, make_staff, publish_course

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("language", "window"), [("ar", PHONE), ("fr", DESKTOP), ("ar", DESKTOP), ("fr", PHONE)]
)
@pytest.mark.django_db(transaction=True)
def test_a_group_is_begun_in_a_browser_that_asks_nobody_else(
    chromium: Browser, live_server: LiveServer, country: Country, language: str, window: Any
) -> None:
    publish_course(country)
    context = chromium.new_context(viewport=window)
    carry_session(context, live_server, make_staff("centre_admin", country.larache_centre))
    speak(context, live_server, language)
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{live_server.url}/admin/learners/cohort/add/")
    page.locator("select[name=course_slug]").select_option("course")
    assert page.locator("input[name=place]").input_value() == "larache-centre"
    page.locator("input[name=title_ar]").fill("فوج مارس")
    page.locator("input[name=seats]").fill("20")
    shot(page, f"form-{language}-{window['width']}")
    page.locator("[name=_save]").click()
    page.locator("#result_list, .result-list, table").first.wait_for()
    shot(page, f"list-{language}-{window['width']}")
    page.goto(f"{live_server.url}/admin/")
    shot(page, f"index-{language}-{window['width']}")

    assert Cohort.objects.get().seats == 20
    assert said == []
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= window["width"]


def shot(page: Any, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
