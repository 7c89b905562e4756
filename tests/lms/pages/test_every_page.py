"""axe, width and weight of the pages of getting in and of staff; tests/learners/classroom walks the learners'."""

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from lms.pages.guides import all_guides
from lms.registrations.models import Registration
from lms.sign_in.sessions import Device, start_session
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    STAFF_VIEW_AT_MOST,
    Watch,
    carry_session,
    needs_chromium,
    speak,
)
from tests.cast import Country, make_person, make_staff, publish_course
from tests.learners.reports.crowd import crowd

pytestmark = needs_chromium
LOOKS = [("ar", PHONE, "light"), ("fr", DESKTOP, "dark"), ("zgh", PHONE, "dark")]


def visit(
    context: BrowserContext, server: LiveServer, paths: tuple[str, ...], *, at_most: int = STAFF_VIEW_AT_MOST
) -> None:
    page = context.new_page()
    watch = Watch(page, at_most)
    for path in paths:
        answer = page.goto(f"{server.url}{path}")
        assert answer is not None
        assert (path, answer.status, page.url) == (path, 200, f"{server.url}{path}")
        watch.inspect()
    watch.assert_nothing_left_us(server.url)
    page.close()


def carry_proof(context: BrowserContext, server: LiveServer) -> None:
    """She has shown that a number is hers, and is nobody yet."""
    opened = start_session(person=None, device=Device(), number="+212612121212", at=timezone.now())
    cookie: Any = {"name": settings.SESSION_COOKIE, "value": opened.token, "url": server.url}
    context.add_cookies([cookie])


@pytest.mark.parametrize(("language", "viewport", "scheme"), LOOKS, ids=[look[0] for look in LOOKS])
def test_pages_of_getting_in_and_of_staff_have_nothing_to_correct(
    live_server: LiveServer, chromium: Browser, country: Country, language: str, viewport: Any, scheme: Any
) -> None:
    crowd(country.larache_centre, publish_course(country), 12)
    Registration.objects.create(
        person=make_person(),
        organisation=country.larache_centre,
        consent_version="1",
        consent_at=timezone.now(),
    )
    context = chromium.new_context(viewport=viewport, color_scheme=scheme)
    speak(context, live_server, language)
    visit(context, live_server, ("/sign-in", "/sign-in/e-mail"))
    carry_proof(context, live_server)
    visit(context, live_server, ("/register",))
    carry_session(context, live_server, make_staff("centre_admin", country.larache_centre))
    visit(
        context,
        live_server,
        (
            "/",
            "/registrations",
            "/completion",
            "/completion/people",
            "/support-requests",
            "/account",
            "/help",
        ),
    )
    guides = all_guides(language)
    visit(context, live_server, tuple(f"/help/{guide.slug}" for guide in guides[::6]), at_most=400_000)
    context.close()
