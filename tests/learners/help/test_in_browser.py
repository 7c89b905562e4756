"""From stuck to answered on her phone: written without network, sent on return, answered on a page, read on hers."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from config.embedded.storage import prepare_bucket
from learners.help.models import HelpMessage
from tests.browser.chromium import DESKTOP, PHONE, STAFF_VIEW_AT_MOST, Watch, carry_session, needs_chromium
from tests.cast import Country, make_staff
from tests.learners.app.test_in_browser import NOTHING_WAITS, Phone, until
from tests.learners.classroom.richly import Classroom, open_classroom
from tests.learners.offline.keeping import fill_the_storage
from tests.outbox import work_off

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

A_VOICE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
RECORDED_FOR_TWO_SECONDS = (
    "Number(document.querySelector('[data-stop] [role=timer]').textContent || 60) <= 58"
)
QUESTION = "كيف أحسب الربح؟"
ANSWER = "الربح هو الثمن ناقص التكلفة."


@pytest.fixture
def classroom(country: Country, live_server: LiveServer) -> Classroom:
    prepare_bucket(os.environ, origins=[live_server.url])
    made = open_classroom(country)
    fill_the_storage(made)
    return made


def test_stuck_without_network_answered_by_her_centre_and_read_on_return(
    chromium: Browser, live_server: LiveServer, classroom: Classroom, country: Country, tmp_path: Path
) -> None:
    hers = Phone(chromium, tmp_path / "phone", live_server)
    carry_session(hers.context, live_server, classroom.alice)
    hers.keep(classroom, "text")
    hers.context.set_offline(True)
    hers.go(classroom.url("text"))
    hers.page.locator("summary").filter(has_text="لم أفهم").click()
    hers.page.locator("#text").fill(QUESTION)
    hers.press("أرسلي")
    expect(hers.page.locator("[data-asked]")).to_be_visible()
    assert not HelpMessage.objects.exists()
    hers.context.set_offline(False)
    hers.go("/my/courses")
    until(hers.page, NOTHING_WAITS)
    assert HelpMessage.objects.get().read() == QUESTION

    staff = chromium.new_context(viewport=PHONE, locale="ar-MA")
    carry_session(staff, live_server, make_staff("facilitator", country.larache_centre))
    desk = staff.new_page()
    watch = Watch(desk, at_most=STAFF_VIEW_AT_MOST)
    desk.goto(f"{live_server.url}/help-requests")
    watch.inspect()
    desk.locator("main .rows a").click()
    watch.inspect()
    desk.set_viewport_size(DESKTOP)
    watch.inspect()
    desk.locator("#text").fill(ANSWER)
    desk.get_by_role("button", name="أرسلي").click()
    desk.wait_for_url("**/help-requests")
    staff.close()

    work_off()
    seen = Watch(hers.page)
    hers.go("/messages")
    hers.page.locator("main a").filter(has_text="جواب").first.click()
    expect(hers.page.locator(".talk li")).to_have_count(2)
    expect(hers.page.locator(".talk")).to_contain_text(ANSWER)
    seen.inspect()
    hers.context.close()


def test_she_says_it_without_network_and_it_is_heard(
    chromium: Browser, live_server: LiveServer, classroom: Classroom, tmp_path: Path
) -> None:
    hers = Phone(chromium, tmp_path / "phone", live_server, also=A_VOICE)
    carry_session(hers.context, live_server, classroom.alice)
    hers.keep(classroom, "text")
    hers.context.set_offline(True)
    hers.go(classroom.url("text"))
    hers.page.locator("summary").filter(has_text="لم أفهم").click()
    hers.press("سجّلي صوتكِ")
    expect(hers.page.locator("[data-stop]")).to_be_visible()
    until(hers.page, RECORDED_FOR_TWO_SECONDS)
    hers.page.locator("[data-stop]").click()
    expect(hers.page.locator(".recorder audio")).to_be_visible()
    hers.press("أرسلي")
    expect(hers.page.locator("[data-asked]")).to_be_visible()
    hers.context.set_offline(False)
    hers.go("/my/courses")
    until(hers.page, NOTHING_WAITS)
    work_off()
    note = HelpMessage.objects.get().voice
    assert note is not None
    assert (note.state, note.owner) == ("ready", classroom.alice)
    assert 1 < (note.seconds or 0) < 10

    seen = Watch(hers.page)
    hers.go(f"/my/courses/{classroom.course.slug}/help")
    player = hers.page.locator(".talk audio")
    expect(player).to_be_visible()
    seen.inspect()  # before her voice is fetched: it is no part of the page
    player.evaluate("(sound) => sound.play()")
    until(hers.page, "document.querySelector('.talk audio').currentTime > 0.2")
    hers.context.close()
