"""A phone without network: what she did waits, sealed, and is sent when there is network again."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from config.embedded.storage import prepare_bucket
from learners.app import pages
from learners.certificates.models import Certificate
from learners.classroom.pages import MyCourses
from learners.progress.models import LessonProgress
from lms.files.models import StoredFile
from tests.browser.chromium import CHROMIUM, PHONE, QUIET, carry_session, needs_chromium
from tests.cast import Country, make_person
from tests.learners.classroom.richly import Classroom, open_classroom
from tests.learners.learning import Learning
from tests.learners.offline.keeping import fill_the_storage, render
from tests.lms.files.recordings import tone
from tests.outbox import work_off

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND"
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

    def __init__(
        self, chromium: Browser, folder: Path, server: LiveServer, *, also: tuple[str, ...] = ()
    ) -> None:
        self.kind, self.folder, self.server, self.also = chromium.browser_type, folder, server, also
        self.switch_on()

    def switch_on(self, *, network: bool = True) -> None:
        self.context = self.kind.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=[*QUIET, *self.also, *([] if network else [NO_NETWORK])],
            viewport=PHONE,
            locale="ar-MA",
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


def test_two_learners_on_one_phone_each_behind_her_own_lock(
    chromium: Browser, live_server: LiveServer, classroom: Classroom, tmp_path: Path
) -> None:
    phone = Phone(chromium, tmp_path, live_server)
    other = make_person(home=classroom.alice.home_organisation)
    carry_session(phone.context, live_server, classroom.alice)
    phone.keep(classroom, "text")
    phone.page.get_by_label("رقم سري من 6 أرقام").fill("246810")
    phone.press("احفظي هذا الرقم السري")
    expect(phone.page.locator("[data-locked]")).to_be_visible()
    phone.context.set_offline(True)
    phone.go(classroom.url("text"))
    phone.finish_lesson()
    phone.page.locator("form.exit button").click()  # with unsent work
    phone.page.wait_for_url("**/calendar")
    phone.go("/")
    expect(phone.page.get_by_label("رقمكِ السري")).to_be_visible()
    assert "ريادة" not in phone.page.locator("main").inner_text()

    phone.context.set_offline(False)
    phone.go("/my/courses")
    phone.page.wait_for_url("**/sign-in*")  # the first network ended her session
    carry_session(phone.context, live_server, other)
    phone.go("/my/courses")
    until(phone.page, HERE)
    assert phone.page.evaluate("jisr.outbox.waiting().then((mine) => mine.length)") == 0
    assert phone.page.evaluate("jisr.keeping.courses().then((mine) => mine.length)") == 0
    assert phone.page.evaluate(WAITING) == 2, "Alice's work stays"
    phone.context.set_offline(True)
    phone.page.evaluate("jisr.leave()")
    phone.go("/")
    phone.page.get_by_label("رقمكِ السري").fill("135791")
    phone.press("افتحي دروسي")
    expect(phone.page.get_by_text("هذا الرقم السري لا يفتح شيئا هنا")).to_be_visible()
    phone.page.get_by_label("رقمكِ السري").fill("246810")
    phone.press("افتحي دروسي")
    expect(phone.page.locator("h1")).to_have_text("في هذا الهاتف")
    assert not LessonProgress.objects.filter(state="finished").exists()

    phone.context.set_offline(False)
    phone.go("/my/courses")
    phone.page.wait_for_url("**/sign-in*")
    carry_session(phone.context, live_server, classroom.alice)
    phone.go("/my/courses")
    until(phone.page, NOTHING_WAITS)
    finished = LessonProgress.objects.filter(state="finished", enrolment=classroom.enrolment)
    assert [row.lesson for row in finished] == [classroom.lessons["text"]]
    phone.context.close()


def test_a_new_release_takes_over_and_what_waits_stays(
    chromium: Browser,
    live_server: LiveServer,
    classroom: Classroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = Phone(chromium, tmp_path, live_server)
    carry_session(phone.context, live_server, classroom.alice)
    phone.keep(classroom, "text")
    phone.context.set_offline(True)
    phone.go(classroom.url("text"))
    phone.finish_lesson()
    before = phone.page.evaluate("caches.keys()")
    monkeypatch.setattr(pages, "release", lambda: "another")
    phone.context.set_offline(False)
    phone.page.evaluate("navigator.serviceWorker.ready.then((it) => it.update())")
    until(phone.page, "caches.keys().then((names) => names.includes('shell-another') && names.length === 2)")
    assert "shell-another" not in before
    phone.go("/my/courses")
    until(phone.page, NOTHING_WAITS)
    assert LessonProgress.objects.filter(state="finished", enrolment=classroom.enrolment).count() == 1
    phone.context.close()


def test_a_slow_network_counts_as_none_after_three_seconds(
    chromium: Browser,
    live_server: LiveServer,
    classroom: Classroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = Phone(chromium, tmp_path, live_server)
    carry_session(phone.context, live_server, classroom.alice)
    phone.keep(classroom, "text")
    answered = threading.Event()
    monkeypatch.setattr(MyCourses, "get", lambda *_: answered.wait(60) and HttpResponse("late"))
    phone.go("/my/courses")
    expect(phone.page.locator("h1")).to_have_text("في هذا الهاتف")
    answered.set()
    phone.context.close()


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

    phone.switch_on(network=False)
    phone.go(classroom.url("quiz"))
    for choice in ("ما يبقى بعد التكلفة", "المواد", "وقت العمل", "صحيح"):
        phone.page.get_by_label(choice, exact=True).check()
    phone.page.get_by_role("textbox").fill("درهم")
    phone.press("أرسلي أجوبتي")
    expect(phone.page.locator("h1")).to_have_text("أجوبتكِ محفوظة")
    assert not LessonProgress.objects.filter(state="finished").exists()
    phone.context.close()

    phone.switch_on()
    carry_session(phone.context, live_server, classroom.alice)
    phone.go("/my/courses")
    until(phone.page, NOTHING_WAITS)
    work_off()
    assert Certificate.objects.get(enrolment=classroom.enrolment).state == "ready"
    phone.context.close()


def test_a_film_goes_on_where_she_left_it_and_can_be_listened_to_alone(
    phone: BrowserContext, live_server: LiveServer, classroom: Classroom
) -> None:
    film = StoredFile.objects.get(purpose="video")
    render(film, "audio", tone(seconds=3))
    carry_session(phone, live_server, classroom.alice)
    page = open_page(phone, live_server, classroom.url("video"))
    page.locator("main").get_by_role("link", name="استمعي فقط").click()
    sound = page.locator("main audio")
    page.locator("h1").click()  # browsers let nothing sound before she has touched the page
    sound.evaluate("(it) => it.play()")
    sound.evaluate(
        "(it) => new Promise((done) => { it.ontimeupdate = () => it.currentTime > 1.1 && done(); })"
    )
    sound.evaluate("(it) => it.pause()")
    until(page, "jisr.outbox.waiting().then((waiting) => waiting.length === 0)")
    expect(page.locator("#waiting")).to_be_hidden()
    assert LessonProgress.objects.get(lesson=classroom.lessons["video"]).position == 1
    page.reload()
    assert sound.get_attribute("data-position") == "1"
    page.close()


def test_she_chooses_how_fast_a_film_goes_and_the_phone_remembers(
    phone: BrowserContext, live_server: LiveServer, classroom: Classroom
) -> None:
    carry_session(phone, live_server, classroom.alice)
    page = open_page(phone, live_server, classroom.url("video"))
    faster = page.get_by_role("button", name="أسرع")
    faster.click()
    until(page, "jisr.get('settings', 'speed').then((rate) => rate === 1.5)")
    page.reload()
    expect(faster).to_have_attribute("aria-pressed", "true")
    film = page.locator("main video")
    assert film.evaluate("(it) => [it.playbackRate, it.defaultPlaybackRate]") == [
        1.5,
        1.5,
    ]
    page.goto(f"{live_server.url}{classroom.url('text')}")
    expect(faster).to_have_count(0)
    page.close()
