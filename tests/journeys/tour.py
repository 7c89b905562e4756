"""The five-minute tour that `make run` prints, walked in Arabic; each page is seen on a phone and on a desktop."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from courses.publishing.models import PublishedLesson
from learners.attempts.models import Attempt
from learners.certificates.models import Certificate
from learners.demonstration import cast
from lms.accounts.queries import names_of, people_on_number, with_home
from tests.browser.chromium import DESKTOP, PHONE, STAFF_VIEW_AT_MOST, Watch
from tests.journeys.calls import Outbox
from tests.journeys.running import RunningSystem

HER_NUMBER = cast.phone(cast.HEROINE.number)
WORKERS_PATIENCE = 90_000  # milliseconds


class Visitor:
    """Someone at one browser; every page she comes to is inspected at both sizes."""

    def __init__(self, chromium: Browser, system: RunningSystem, viewport: Any) -> None:
        self.system = system
        self.context: BrowserContext = chromium.new_context(viewport=viewport, locale="ar-MA")
        self.page: Page = self.context.new_page()
        self.watch, self.viewport = Watch(self.page), viewport

    def look(self) -> None:
        for size in (DESKTOP if self.viewport == PHONE else PHONE, self.viewport):
            self.page.set_viewport_size(size)
            self.watch.inspect()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.system.base_url}{path}")
        self.look()

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        self.look()

    def follow(self, name: str) -> None:
        self.page.locator("main").get_by_role("link", name=name).first.click()
        self.look()

    def shows(self, text: str) -> bool:
        return text in self.page.locator("main").inner_text()

    def sign_in_by_phone(self, number: str, outbox: Outbox) -> None:
        heard = len(outbox.messages_to(number))
        self.go("/sign-in")
        self.page.locator("input[name=phone]").fill(number)
        self.press("ابعثوا لي الرمز")
        self.page.locator("input[name=code]").fill(outbox.next_code(number, after=heard))
        self.press("تابعي")

    def sign_in_by_email(self, email: str) -> None:
        self.watch.at_most = STAFF_VIEW_AT_MOST
        self.go("/sign-in/e-mail")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(cast.PASSWORD)
        self.press("ادخلي")


def completed_in(visitor: Visitor) -> int:
    """The figure «أتممن التكوين» of her completion page."""
    visitor.go("/completion")
    text = visitor.page.locator("main").inner_text()
    found = re.search(r"أتممن التكوين\s+([\d\u202f.,]+)", text)
    assert found is not None, text
    return int(re.sub(r"\D", "", found.group(1)))


def answer_rightly(visitor: Visitor) -> None:
    """Tick what the published quiz calls right, as the page shows it."""
    attempt = Attempt.objects.filter(submitted_at=None).latest("pk")
    lesson = PublishedLesson.objects.get(pk=attempt.lesson_id)
    for question in lesson.questions:
        name = f"q-{question['id']}"
        if question["kind"] == "short":
            visitor.page.locator(f"[name='{name}']").fill(question["accepted"]["ar"][0])
        for choice in question.get("choices", ()):
            if choice["correct"]:
                visitor.page.locator(f"[name='{name}'][value='{choice['id']}']").check()


def finish_the_course(hers: Visitor) -> None:
    hers.go("/")
    hers.follow("تابعي")
    hers.press("أنهيتُ هذا الدرس")
    hers.press("ابدئي الأسئلة")
    answer_rightly(hers)
    hers.press("أرسلي أجوبتي")


def open_the_certificate(hers: Visitor) -> str:
    """Wait for the workers to draw it; the address that a stranger is given."""
    hers.go("/my/certificates")
    ready = hers.page.locator("main").get_by_role("link", name="افتحي شهادتي")
    for _look in range(WORKERS_PATIENCE // 1000):
        if ready.count():
            break
        hers.page.wait_for_timeout(1000)
        hers.page.reload()
    hers.look()
    assert ready.count() == 1
    address = urlsplit(hers.page.locator("a bdi.address").first.text_content() or "")
    return f"{address.path}?{address.query}"


def take_tour(running_system: RunningSystem, chromium: Browser) -> None:
    """From her last lesson to what two provinces see."""
    [heroine] = people_on_number(HER_NUMBER)
    name = names_of(with_home([heroine.pk]).get()).full
    larache, tetouan = (Visitor(chromium, running_system, DESKTOP) for _ in range(2))
    larache.sign_in_by_email("larache@jisr.example")
    tetouan.sign_in_by_email("tetouan@jisr.example")
    before = completed_in(larache), completed_in(tetouan)

    hers = Visitor(chromium, running_system, PHONE)
    hers.sign_in_by_phone(HER_NUMBER, running_system.outbox)
    finish_the_course(hers)
    link = open_the_certificate(hers)
    hers.go("/messages")
    assert hers.shows("شهادتكِ جاهزة")

    stranger = Visitor(chromium, running_system, PHONE)
    stranger.go(link)
    assert "هذه الشهادة صالحة" in stranger.page.locator("h1").inner_text()
    assert stranger.shows(name)
    assert stranger.context.cookies() == []

    assert completed_in(larache) == before[0] + 1
    assert completed_in(tetouan) == before[1]
    certificate = Certificate.objects.get(enrolment__learner=heroine)
    hidden = tetouan.context.request.get(f"{running_system.base_url}/api/v1/certificates/{certificate.uuid}")
    assert hidden.status == 404
    for visitor in (hers, stranger, larache, tetouan):
        visitor.watch.assert_nothing_left_us(running_system.base_url)
        visitor.context.close()
