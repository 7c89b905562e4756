"""A facilitator takes attendance and records a paper quiz in a real browser, on a phone and on a desk."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from learners.facilitated.models import AttendanceMark
from learners.progress.models import LessonProgress
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
from tests.learners.facilitated.room import open_room

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("language", "window", "scripts"), [("ar", PHONE, True), ("fr", DESKTOP, True), ("ar", PHONE, False)]
)
@pytest.mark.django_db(transaction=True)
def test_a_room_is_marked_its_papers_are_written_down_and_a_colleague_answers_for_the_sample(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    language: str,
    window: Any,
    scripts: bool,
) -> None:
    room = open_room(country, women=3)
    context = chromium.new_context(viewport=window, java_script_enabled=scripts)
    carry_session(context, live_server, room.bouchra)
    speak(context, live_server, language)
    page = context.new_page()
    watch = Watch(page, at_most=STAFF_VIEW_AT_MOST)

    def see(name: str) -> None:
        shots = os.environ.get("SHOTS")
        if shots and scripts:
            page.screenshot(path=Path(shots) / f"{language}-{name}.png", full_page=True)
        if scripts:
            watch.inspect()

    here = f"{live_server.url}/sessions"
    page.goto(here)
    see("list")
    page.goto(f"{here}/new")
    see("new")
    page.goto(f"{here}/{room.session.uuid}")
    absent = room.women[0].uuid
    page.locator(f"input[name='presence-{absent}'][value=absent]").check()
    page.locator(".thumb button").click()
    page.locator("button[name=everyone]").click()
    page.locator(f"input[name='presence-{room.women[1].uuid}'][value=present]:checked").wait_for()
    see("session")
    assert sorted(AttendanceMark.objects.values_list("presence", flat=True)) == [
        "absent",
        "present",
        "present",
    ]
    page.goto(f"{here}/{room.session.uuid}/record")
    see("lessons")
    page.goto(f"{here}/{room.session.uuid}/record?lesson={room.texts[0].uuid}")
    see("lesson")
    page.goto(f"{here}/{room.session.uuid}/record?lesson={room.quiz.uuid}")
    page.locator(f"input[name='{room.women[1].uuid}-score']").fill("80")
    page.locator(f"input[name='{room.women[2].uuid}-score']").fill("800")
    page.locator(".thumb button").click()
    page.locator(".error").wait_for()
    watch.said = [
        line for line in watch.said if "422" not in line
    ]  # the browser says so of every refused form
    see("paper")
    assert LessonProgress.objects.get().score == 80
    for sheet in ("sheet", f"paper/{room.quiz.uuid}"):
        page.goto(f"{here}/{room.session.uuid}/{sheet}")
        see(sheet.partition("/")[0] + "-print")
    carry_session(context, live_server, make_staff("centre_admin", country.larache_centre))
    page.goto(f"{live_server.url}/attestations")
    see("audit")
    page.locator("button[value=confirmed]").click()
    page.locator(".tag.done").wait_for()
    carry_session(context, live_server, room.women[1].learner)
    page.goto(live_server.url)
    see("home")
    page.goto(f"{live_server.url}/courses/{room.course.slug}")
    see("course")
    watch.assert_nothing_left_us(live_server.url)
    context.close()
