"""An operator looks at a bad day in a real browser, and gives what was given up a new life."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from learners.certificates.models import Certificate
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
from tests.learners.operations.trouble import drawing_given_up, last_night, message_failed
from tests.outbox import work_off
from tests.servers import BreakableServers

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("language", "window", "scripts"),
    [("ar", PHONE, True), ("fr", DESKTOP, True), ("fr", PHONE, True), ("ar", DESKTOP, False)],
)
@pytest.mark.django_db(transaction=True)
def test_an_operator_replays_a_delivery_and_a_message(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    language: str,
    window: Any,
    scripts: bool,
) -> None:
    certificate, delivery = drawing_given_up(country)
    _she, message = message_failed(country)
    last_night(missing=2)
    context = chromium.new_context(viewport=window, java_script_enabled=scripts)
    carry_session(context, live_server, make_staff("operator", country.ministry))
    speak(context, live_server, language)
    page = context.new_page()
    watch = Watch(page, at_most=STAFF_VIEW_AT_MOST)
    see = watch.inspect if scripts else lambda: None

    page.goto(live_server.url)
    page.locator(".staff-bar a[href='/operations']").click()
    see()
    page.locator(f"form[action*='{delivery.uuid}'] button").click()
    page.locator(".notice.done").wait_for()
    see()
    assert not page.locator(f"form[action*='{delivery.uuid}']").count()
    work_off()
    assert Certificate.objects.get(pk=certificate.pk).state == "ready"
    page.goto(f"{live_server.url}/operations/messages")
    see()
    page.locator(f"form[action*='{message.uuid}'] button").click()
    page.locator(".notice.done").wait_for()
    see()
    message.refresh_from_db()
    assert message.state == "waiting"
    page.goto(f"{live_server.url}/operations/deliveries")
    see()
    watch.assert_nothing_left_us(live_server.url)
    context.close()


@pytest.mark.django_db(transaction=True)
def test_it_is_whole_while_queues_and_storage_are_away(
    chromium: Browser, live_server: LiveServer, country: Country, servers: BreakableServers
) -> None:
    drawing_given_up(country)
    message_failed(country)
    context = chromium.new_context(viewport=PHONE)
    carry_session(context, live_server, make_staff("operator", country.ministry))
    speak(context, live_server, "ar")
    page = context.new_page()
    watch = Watch(page, at_most=STAFF_VIEW_AT_MOST)
    servers.valkey.freeze()
    servers.storage.kill()
    page.goto(f"{live_server.url}/operations")
    assert page.locator("main .notice.refusal").count() == 3
    watch.inspect()
    context.close()
