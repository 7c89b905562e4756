"""A course written in a real browser: by keyboard, on a phone and on a desk, from its outline to its publication."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from courses.authoring.services import create_course
from courses.catalogue.models import Course
from courses.publishing.models import Publication
from lms.accounts.models import Person
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    STAFF_VIEW_AT_MOST,
    Watch,
    carry_session,
    needs_chromium,
    speak,
)
from tests.cast import Country, make_staff

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

TEXT = "# احسبي الثمن\n\nالثمن هو **التكلفة** وربحكِ.\n\n- المواد\n- النقل"
TEXTE = "# Calculez le prix\n\nLe prix, c'est le **coût** et votre gain."


class Desk:
    """Somebody of the staff at a browser; each page is seen by axe, and kept as a picture where SHOTS says so."""

    def __init__(
        self, chromium: Browser, server: LiveServer, person: Person, language: str, window: Any
    ) -> None:
        self.server, self.name = server, f"{language}-{window['width']}"
        self.context: BrowserContext = chromium.new_context(viewport=window)
        carry_session(self.context, server, person)
        speak(self.context, server, language)
        self.page: Page = self.context.new_page()
        self.watch = Watch(self.page, at_most=STAFF_VIEW_AT_MOST)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")

    def see(self, name: str) -> None:
        self.watch.inspect()
        if shots := os.environ.get("SHOTS"):
            self.page.screenshot(path=Path(shots) / f"studio-{self.name}-{name}.png", full_page=True)

    def tab_to(self, selector: str) -> None:
        """By the keyboard alone, in the order of the page."""
        for _key in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(what) => document.activeElement.matches(what)", selector):
                return
        raise AssertionError(f"no way to {selector}")

    def enter(self) -> None:
        """Press what is focused, and wait for the page that comes of it."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture
def course(country: Country) -> Course:
    return create_course(
        organisation=country.institute,
        by=make_staff("trainer", country.institute),
        slug="suq",
        languages=["ar", "fr"],
        title={"ar": "البيع في السوق الأسبوعي", "fr": "Vendre au marché de la semaine"},
        summary={"ar": "كيف تبيعين", "fr": "Comment vendre"},
        at=timezone.now(),
    )


@pytest.mark.parametrize(("language", "window"), [("ar", PHONE), ("fr", DESKTOP)])
def test_a_bilingual_lesson_is_written_submitted_approved_by_another_and_published(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    course: Course,
    language: str,
    window: Any,
) -> None:
    hers = Desk(chromium, live_server, make_staff("trainer", country.institute), language, window)
    hers.go("/studio")
    hers.see("drafts")
    hers.page.locator("main .rows a").click()
    hers.see("empty")
    hers.page.locator("#module_ar").fill("من التكلفة إلى الثمن")
    hers.page.locator("#module_fr").fill("Du coût au prix")
    hers.page.locator("button[value=add-module]").click()
    hers.page.locator("section.card summary").click()
    hers.page.locator("#title_1_ar").fill("احسبي ثمن البيع")
    hers.page.locator("#title_1_fr").fill("Calculez votre prix")
    hers.page.locator("button[value=add-lesson]").click()
    hers.see("outline")
    hers.page.locator("a.title").click()
    hers.page.locator("#body_ar").fill(TEXT)
    hers.page.locator("#body_fr").fill(TEXTE)
    hers.page.locator(".thumb button").click()
    expect(hers.page.locator(".phone-frame strong").first).to_have_text("التكلفة")
    hers.see("lesson")
    hers.go(f"/studio/courses/{course.slug}")
    hers.page.locator("button[value=submit]").click()
    hers.see("submitted")

    another = Desk(chromium, live_server, make_staff("publisher", country.institute), language, window)
    another.go(f"/studio/courses/{course.slug}")
    another.page.locator("#words").fill("واضح ومفيد")
    another.page.locator("button[value=comment]").click()
    another.see("review")
    another.page.locator("button[value=approve]").click()
    another.page.locator("button[value=publish]").click()
    expect(another.page.locator("main .notice.refusal")).to_have_count(0)
    assert Publication.objects.get().course == course
    for desk in (hers, another):
        desk.watch.assert_nothing_left_us(live_server.url)
        desk.context.close()


def test_two_trainers_in_conflict_see_what_differs(
    chromium: Browser, live_server: LiveServer, country: Country, course: Course
) -> None:
    desks = [
        Desk(chromium, live_server, make_staff("trainer", country.institute), "fr", DESKTOP) for _ in range(2)
    ]
    first, second = desks
    first.go(f"/studio/courses/{course.slug}")
    first.page.locator("#module_fr").fill("Module")
    first.page.locator("button[value=add-module]").click()
    first.page.locator("section.card summary").click()
    first.page.locator("#title_1_fr").fill("Leçon")
    first.page.locator("button[value=add-lesson]").click()
    for desk in desks:
        desk.go(f"/studio/courses/{course.slug}")
        desk.page.locator("a.title").click()
    first.page.locator("#body_fr").fill("Le prix est juste.\nIl paie le transport.")
    first.page.locator(".thumb button").click()
    second.page.locator("#body_fr").fill("Le prix est clair.\nIl paie le transport.")
    second.page.locator(".thumb button").click()
    expect(second.page.locator(".difference del")).to_have_text("Le prix est juste.")
    expect(second.page.locator(".difference ins")).to_have_text("Le prix est clair.")
    second.watch.said.clear()  # the browser says of itself that the answer was 412
    second.see("conflict")
    for desk in desks:
        desk.context.close()


def test_the_keyboard_alone_moves_a_lesson(
    chromium: Browser, live_server: LiveServer, country: Country, course: Course
) -> None:
    desk = Desk(chromium, live_server, make_staff("trainer", country.institute), "ar", DESKTOP)
    desk.go(f"/studio/courses/{course.slug}")
    desk.tab_to("#module_ar")
    desk.page.keyboard.type("الوحدة")
    desk.tab_to("button[value=add-module]")
    desk.enter()
    for title in ("الأول", "الثاني"):
        desk.tab_to("section.card summary")
        desk.page.keyboard.press("Enter")
        desk.tab_to("#title_1_ar")
        desk.page.keyboard.type(title)
        desk.tab_to("button[value=add-lesson]")
        desk.enter()
        expect(desk.page.locator("a.title", has_text=title)).to_be_visible()
    desk.tab_to(".moves button[value=down]")
    desk.enter()
    expect(desk.page.locator("a.title").first).to_have_text("الثاني")
    desk.context.close()
