"""A phone without network: what she did waits, sealed, and is sent when there is network again."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from learners.progress.models import LessonProgress
from tests.browser.chromium import carry_session, needs_chromium
from tests.learners.learning import Learning

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
HERE = "jisr.now().then((here) => here !== undefined)"
WAITING = "jisr.all('waiting').then((rows) => rows.length)"


def open_page(context: BrowserContext, server: LiveServer, path: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}{path}")
    until(page, READY)
    until(page, HERE)
    return page


def until(page: Page, true: str) -> None:
    """Waits for something that a page says asynchronously."""
    page.wait_for_function(f"() => {true}")


def finished(learning: Learning) -> set[Any]:
    rows = LessonProgress.objects.filter(enrolment=learning.enrolment, state="finished")
    return set(rows.values_list("lesson", flat=True))


def test_a_lesson_finished_without_network_waits_sealed_and_is_sent_once_on_return(
    phone: BrowserContext, live_server: LiveServer, learning: Learning
) -> None:
    carry_session(phone, live_server, learning.alice)
    lesson = learning.texts[0]
    page = open_page(phone, live_server, f"/my/courses/{learning.course.slug}/lessons/{lesson.uuid}")
    phone.set_offline(True)
    page.locator("main form button.button").click()
    expect(page.locator("h1")).to_have_text("تم التسجيل")
    assert page.evaluate(WAITING) == 1
    sealed = page.evaluate("jisr.all('waiting').then(([row]) => Object.keys(row).sort())")
    assert sealed == ["at", "data", "id", "iv", "key", "owner"]
    assert finished(learning) == set()
    phone.set_offline(False)
    page.goto(f"{live_server.url}/my/courses")
    until(page, f"{WAITING.removesuffix('.length)')}.length === 0)")
    assert finished(learning) == {lesson.uuid}
    page.close()
