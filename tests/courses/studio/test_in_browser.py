"""A course written in a real browser: by keyboard, on a phone and on a desk, from its outline to its publication."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from courses.authoring.services import add_lesson, add_module, create_course
from courses.catalogue.models import Course
from courses.publishing.models import Publication
from tests.browser.chromium import DESKTOP, PHONE, needs_chromium
from tests.cast import Country, make_staff
from tests.courses.studio.desk import Desk

pytestmark = [*needs_chromium, pytest.mark.django_db(transaction=True)]

TEXT = "# احسبي الثمن\n\nالثمن هو **التكلفة** وربحكِ.\n\n- المواد\n- النقل"
TEXTE = "# Calculez le prix\n\nLe prix, c'est le **coût** et votre gain."


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
    hers.go("/studio/new")
    hers.see("new")
    hers.go("/studio")
    hers.see("drafts")
    hers.page.locator("main .rows a").click()
    hers.see("empty")
    hers.page.locator("#module_ar").fill("من التكلفة إلى الثمن")
    hers.page.locator("#module_fr").fill("Du coût au prix")
    hers.page.locator("button[value=add-module]").click()
    hers.page.locator("details:has([value=add-lesson]) > summary").click()
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
    hers.page.locator("a.back[href$=history]").click()
    hers.see("history")
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
    first.page.locator("details:has([value=add-lesson]) > summary").click()
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


@pytest.mark.parametrize(("language", "window"), [("ar", PHONE), ("fr", DESKTOP)])
def test_a_quiz_is_written_on_its_page(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    course: Course,
    language: str,
    window: Any,
) -> None:
    trainer, now = make_staff("trainer", country.institute), timezone.now()
    module = add_module(course=course, by=trainer, title={"ar": "الوحدة"}, at=now)
    quiz = add_lesson(module=module, by=trainer, kind="quiz", title={"ar": "اختبار"}, at=now)
    desk = Desk(chromium, live_server, trainer, language, window)
    desk.go(f"/studio/lessons/{quiz.uuid}")
    for kind in ("single", "ordering", "numeric"):
        desk.page.locator(f"button[value={kind}]").click()
    desk.page.locator("#q0_text_ar").fill("ما هو الربح؟")
    desk.page.locator("#q0_0_ar").fill("ما يبقى بعد التكلفة")
    desk.page.locator("#q0_1_ar").fill("كل ما دخل")
    desk.page.locator("[name='0-right'][value='0']").check()
    expect(desk.page.locator("[data-saved]")).to_have_text("حُفظ." if language == "ar" else "C’est gardé.")
    desk.see("quiz")
    [first, *_others] = quiz.variants.get(language="ar").questions
    assert [choice["correct"] for choice in first["choices"]] == [True, False]
    desk.context.close()


def test_a_lesson_is_dragged_into_another_module(
    chromium: Browser, live_server: LiveServer, country: Country, course: Course
) -> None:
    trainer, now = make_staff("trainer", country.institute), timezone.now()
    for number in (1, 2):
        module = add_module(course=course, by=trainer, title={"ar": f"الوحدة {number}"}, at=now)
        for place in (1, 2):
            add_lesson(module=module, by=trainer, kind="text", title={"ar": f"{number}.{place}"}, at=now)
    desk = Desk(chromium, live_server, trainer, "ar", {"width": 1280, "height": 2400})
    desk.go(f"/studio/courses/{course.slug}")
    dragged, target = (desk.page.locator("li[data-lesson]", has_text=title) for title in ("1.1", "2.2"))
    with desk.page.expect_navigation():
        dragged.drag_to(target, target_position={"x": 20, "y": 2})
    titles = desk.page.locator("a.title").all_inner_texts()
    assert titles == ["1.2", "2.1", "1.1", "2.2"]
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
        desk.tab_to("details:has([value=add-lesson]) > summary")
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
