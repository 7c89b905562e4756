"""A phone without network: what she did waits, sealed, and is sent when there is network again."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from config.embedded.storage import prepare_bucket
from learners.certificates.models import Certificate
from learners.progress.models import LessonProgress
from tests.browser.chromium import CHROMIUM, PHONE, QUIET, carry_session, needs_chromium
from tests.cast import Country
from tests.learners.classroom.richly import Classroom, open_classroom
from tests.learners.learning import Learning
from tests.learners.offline.keeping import fill_the_storage
from tests.outbox import work_off

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
HERE = "jisr.now().then((here) => here !== undefined)"
WAITING = "jisr.all('waiting').then((rows) => rows.length)"
NOTHING_WAITS = f"{WAITING}.then((number) => number === 0)"


def open_page(context: BrowserContext, server: LiveServer, path: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}{path}")
    until(page, READY)
    until(page, HERE)
    return page


def until(page: Page, true: str) -> None:
    """Waits, ten seconds at most, for what a promise of the page's says."""
    page.evaluate(
        f"""async () => {{
            for (let round = 0; !(await {true}); round += 1) {{
                if (round === 200) throw new Error({true!r});
                await new Promise((done) => setTimeout(done, 50));
            }}
        }}"""
    )


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
    until(page, NOTHING_WAITS)
    assert finished(learning) == {lesson.uuid}
    page.close()


@pytest.fixture
def classroom(country: Country, live_server: LiveServer) -> Classroom:
    """Every kind of lesson; the storage lets the pages of this server read from it."""
    prepare_bucket(os.environ, origins=[live_server.url])
    made = open_classroom(country)
    fill_the_storage(made)
    return made


class Phone:
    """A browser whose memory outlives it, as a phone's does."""

    def __init__(self, chromium: Browser, folder: Path, server: LiveServer) -> None:
        self.kind, self.folder, self.server = chromium.browser_type, folder, server
        self.switch_on()

    def switch_on(self, *, offline: bool = False) -> None:
        self.context = self.kind.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=QUIET,
            viewport=PHONE,
            locale="ar-MA",
            offline=offline,
        )
        self.page = self.context.pages[0]

    def go(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")

    def press(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words).click()

    def follow(self, words: str) -> None:
        self.page.locator("main").get_by_role("link", name=words).first.click()

    def finish_lesson(self) -> None:
        self.press("أنهيتُ هذا الدرس")
        expect(self.page.locator("main .tag.done")).to_be_visible()

    def keep(self, classroom: Classroom, choice: str) -> None:
        self.go(f"/my/courses/{classroom.course.slug}/keep")
        until(self.page, READY)
        self.page.locator(f"label:has(input[value={choice}])").click()
        self.press("احتفظي به")
        expect(self.page.locator("[data-kept]")).to_be_visible()


def test_a_whole_course_is_taken_without_network_through_a_restart_and_the_certificate_arrives(
    chromium: Browser, live_server: LiveServer, classroom: Classroom, tmp_path: Path
) -> None:
    phone = Phone(chromium, tmp_path, live_server)
    carry_session(phone.context, live_server, classroom.alice)
    phone.keep(classroom, "video")
    phone.context.set_offline(True)
    phone.go("/")
    phone.follow("ريادة")
    phone.follow("الفكرة قريبة منكِ")
    phone.finish_lesson()
    phone.page.reload()
    phone.follow("تابعي")
    phone.finish_lesson()
    phone.context.close()

    phone.switch_on(offline=True)
    phone.go(classroom.url("quiz"))
    for choice in ("ما يبقى بعد التكلفة", "المواد", "وقت العمل", "صحيح"):
        phone.page.get_by_label(choice, exact=True).check()
    phone.page.get_by_role("textbox").fill("درهم")
    phone.press("أرسلي أجوبتي")
    expect(phone.page.locator("h1")).to_have_text("أجوبتكِ محفوظة")
    assert not LessonProgress.objects.filter(state="finished").exists()

    phone.context.set_offline(False)
    carry_session(phone.context, live_server, classroom.alice)
    phone.go("/my/courses")
    until(phone.page, NOTHING_WAITS)
    work_off()
    assert Certificate.objects.get(enrolment=classroom.enrolment).state == "ready"
    phone.context.close()
