"""A real browser for the tests: Debian's Chromium, without network of its own, and what every page must satisfy."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from lms.accounts.models import Person
from tests.cast import token_for

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
FIRST_VIEW_AT_MOST = 60_000
STAFF_VIEW_AT_MOST = 200_000  # staff pages bring their own letters
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="install it: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's own loop runs in this thread, where the tests also ask the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, locale="ar-MA")
    yield context
    context.close()


def carry_session(context: BrowserContext, server: LiveServer, person: Person) -> None:
    """Sign her in on this browser."""
    cookie: Any = {"name": settings.SESSION_COOKIE, "value": token_for(person), "url": server.url}
    context.add_cookies([cookie])


def speak(context: BrowserContext, server: LiveServer, language: str) -> None:
    """Choose the language of the pages, as its menu does."""
    cookie: Any = {"name": "language", "value": language, "url": server.url}
    context.add_cookies([cookie])


@dataclass
class Watch:
    """Eyes on one page: what its console said, and which hosts it asked."""

    page: Page
    at_most: int = FIRST_VIEW_AT_MOST
    expects: tuple[str, ...] = ()  # what the browser itself says of a line that breaks
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"{self.page.url}: {error}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        """Errors and warnings; the browser's advice on password managers is not for shared phones."""
        if message.type in {"error", "warning"} and not any(words in message.text for words in self.expects):
            self.said.append(f"{self.page.url}: {message.text}")

    def inspect(self) -> None:
        """What every page of ours satisfies: axe, no wider than the window, small, one h1, nothing said."""
        self.page.evaluate(f"({SET_DETAILS})('details', true)")
        violations = Axe().run(self.page).response["violations"]
        found = [(one["id"], one["nodes"][0]["html"]) for one in violations]
        assert not found, (self.page.url, found)
        self.page.evaluate(f"({SET_DETAILS})('details.menu', false)")
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width, self.page.url
        assert self.page.locator("h1").count() == 1
        weight = self.page.evaluate(WEIGHT)
        assert weight <= self.at_most, (self.page.url, weight)
        assert not self.said, self.said

    def assert_nothing_left_us(self, address: str) -> None:
        """Nobody but us, and the storage named in the security policy, was asked for anything."""
        ours = (address, settings.STORAGE_PUBLIC_URL, "data:")
        strangers = [url for url in self.asked if not url.startswith(ours)]
        assert not strangers, strangers


SET_DETAILS = (
    """(which, open) => document.querySelectorAll(which).forEach((details) => { details.open = open; })"""
)
WEIGHT = """() => {
    const entries = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
    const sizes = new Map(entries.map(({ name, encodedBodySize }) => [name, encodedBodySize]));
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}"""
