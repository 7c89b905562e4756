"""What publishers and centres see of a course's editions and grades, on a phone and on a desk."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import DESKTOP, PHONE, needs_chromium
from tests.cast import Country
from tests.courses.studio.desk import Desk
from tests.learners.facilitated.room import open_room
from tests.learners.moving.test_moving import Edition

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "window"), [("ar", PHONE), ("fr", DESKTOP)])
def test_the_pages_of_editions_and_grades_are_for_everyone(
    chromium: Browser, live_server: LiveServer, country: Country, language: str, window: Any
) -> None:
    edition = Edition(country)
    edition.finish(edition.women[0], edition.second)
    edition.replace_second()
    desk = Desk(chromium, live_server, edition.publisher, language, window)
    desk.go("/studio/courses/biz/learners")
    desk.see("editions")
    desk.page.locator("main form .thumb button").click()
    desk.see("moving")
    room = open_room(country)
    room.said(room.event(room.women[0], room.texts[0]), room.event(room.women[0], room.quiz, score=80))
    centre = Desk(chromium, live_server, room.bouchra, language, window)
    centre.go("/gradebooks")
    centre.see("groups")
    centre.page.locator("main .rows a").click()
    centre.see("grades")
    for one in (desk, centre):
        one.watch.assert_nothing_left_us(live_server.url)
        one.context.close()
