"""A file on a bad line: cut in the middle, the page loaded anew, and still every part is sent once."""

import os
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from config.embedded.storage import prepare_bucket
from courses.authoring.models import Lesson, LessonVariant
from courses.authoring.services import add_lesson, add_module, create_course
from courses.publishing.models import PublishedVariant
from lms.accounts.models import Person
from lms.files.models import Upload
from tests.browser.chromium import DESKTOP, PHONE, needs_chromium
from tests.cast import Country, make_staff
from tests.courses.studio.desk import Desk
from tests.outbox import work_off

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

PARTS = 3
STORAGE = "**/quarantine/**"


@pytest.fixture(autouse=True)
def open_storage(live_server: LiveServer) -> None:
    prepare_bucket(os.environ, origins=[live_server.url])


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A WAV of three parts."""
    path = tmp_path / "الدرس الأول.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes(os.urandom(1_000) * 11_000)
    return path


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def lesson(country: Country, trainer: Person) -> Lesson:
    now = timezone.now()
    course = create_course(
        organisation=country.institute,
        by=trainer,
        slug="suq",
        languages=["ar", "fr"],
        title={"ar": "البيع في السوق", "fr": "Vendre au marché"},
        at=now,
    )
    module = add_module(course=course, by=trainer, title={"ar": "الوحدة الأولى"}, at=now)
    return add_lesson(module=module, by=trainer, kind="audio", title={"ar": "استمعي"}, at=now)


@contextmanager
def storage_of(page: Page, *, lets_through: int) -> Iterator[list[str]]:
    """The way to the storage breaks after so many parts; the list is of those that went through."""
    sent: list[str] = []

    def pass_on(route: Route) -> None:
        if len(sent) >= lets_through:
            route.abort("connectionreset")
            return
        if route.request.method == "PUT":
            sent.append(route.request.url)
        route.continue_()

    page.route(STORAGE, pass_on)
    yield sent
    page.unroute(STORAGE)


def test_a_file_whose_line_was_cut_and_whose_page_was_loaded_anew_arrives_and_is_learned_from(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    trainer: Person,
    lesson: Lesson,
    recording: Path,
) -> None:
    desk = Desk(chromium, live_server, trainer, "ar", PHONE)
    desk.watch.expects = ("ERR_CONNECTION_RESET",)
    page = desk.page
    page.on("dialog", lambda dialog: dialog.accept())  # leaving while a file is on its way
    desk.go(f"/studio/lessons/{lesson.uuid}")
    with storage_of(page, lets_through=1):
        page.locator("#file_ar").set_input_files(recording)
        expect(page.locator(".uploader[data-stage=waiting]")).to_be_visible()
        desk.see("line-away")
        page.reload()
    with storage_of(page, lets_through=PARTS) as sent:
        page.locator("#file_ar").set_input_files(recording)
        expect(page.locator(".uploader[data-stage=checking]")).to_be_visible(timeout=15_000)
    assert len(sent) < PARTS
    assert "check_upload" in work_off()
    expect(page.locator(".uploader[data-stage=ready]")).to_be_visible(timeout=15_000)
    expect(page.locator("[data-saved]")).to_have_text("حُفظ.")
    assert Upload.objects.get() == LessonVariant.objects.get(lesson=lesson, language="ar").upload
    work_off()
    page.reload()
    desk.see("file")

    publisher = Desk(chromium, live_server, make_staff("publisher", country.institute), "fr", DESKTOP)
    desk.go("/studio/courses/suq")
    page.locator("button[value=submit]").click()
    publisher.go("/studio/courses/suq")
    publisher.page.locator("button[value=approve]").click()
    publisher.page.locator("button[value=publish]").click()
    expect(publisher.page.locator("main .notice.refusal")).to_have_count(0)
    assert PublishedVariant.objects.get().file == Upload.objects.get().file
    for one in (desk, publisher):
        one.context.close()


def test_a_file_that_is_called_off_takes_no_room_and_one_that_is_refused_says_why(
    chromium: Browser,
    live_server: LiveServer,
    trainer: Person,
    lesson: Lesson,
    recording: Path,
    tmp_path: Path,
) -> None:
    desk = Desk(chromium, live_server, trainer, "fr", DESKTOP)
    desk.watch.expects = (
        "ERR_CONNECTION_RESET",
        "404",
        "422",
    )  # what was under way when it was called off or refused
    page = desk.page
    desk.go(f"/studio/lessons/{lesson.uuid}")
    with storage_of(page, lets_through=1):
        page.locator("#file_fr").set_input_files(recording)
        expect(page.locator(".uploader[data-stage=waiting]")).to_be_visible()
        page.locator(".uploader[data-stage=waiting] [data-cancel]").click()
        expect(page.locator(".uploader[data-stage=cancelled]")).to_be_visible()
    assert Upload.objects.get().code == "cancelled"
    program = tmp_path / "son.mp3"
    program.write_bytes(b"\x7fELF" + bytes(2_000))
    page.locator("#file_fr").set_input_files(program)
    expect(page.locator(".uploader[data-stage=checking]")).to_be_visible()
    work_off()
    expect(page.locator(".uploader[data-stage=refused]")).to_be_visible(timeout=15_000)
    expect(page.locator(".uploader[data-stage=refused] [data-again]")).to_be_visible()
    desk.see("refused")
    desk.context.close()
