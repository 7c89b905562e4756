"""Somebody of the staff at a browser."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from lms.accounts.models import Person
from tests.browser.chromium import STAFF_VIEW_AT_MOST, Watch, carry_session, speak


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
