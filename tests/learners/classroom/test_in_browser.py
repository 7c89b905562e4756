"""A learner walks from the catalogue to her certificate in a real browser, and a stranger checks it."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from learners.notifications.models import Notification, NotificationKind
from lms.accounts.models import Person
from tests.browser.chromium import DESKTOP, PHONE, Watch, carry_session, needs_chromium, speak
from tests.cast import Country, make_person
from tests.learners.classroom.richly import rich_course
from tests.outbox import work_off

pytestmark = needs_chromium

WORDS = {
    "ar": {
        "course": "أساسيات ريادة الأعمال",
        "join": "ابدئي هذه الدورة",
        "finished": "أنهيتُ هذا الدرس",
        "questions": "ابدئي الأسئلة",
        "hand in": "أرسلي أجوبتي",
        "wrong": ("كل ما يدخل الصندوق", "ثمن الجيران", "خطأ", "لا أدري"),
        "right": ("ما يبقى بعد التكلفة", "وقت العمل", "المواد", "صحيح", "درهم"),
        "waiting": "هذا السؤال ينتظر جوابكِ.",
        "again": "حاولي مرة أخرى",
        "look again": "انظري من جديد",
        "open": "افتحي شهادتي",
        "valid": "هذه الشهادة صالحة",
        "continue": "تابعي",
    },
    "fr": {
        "course": "Les bases de l’entrepreneuriat",
        "join": "Commencer cette formation",
        "finished": "J’ai terminé cette leçon",
        "questions": "Commencer les questions",
        "hand in": "Envoyer mes réponses",
        "wrong": ("Tout ce qui entre en caisse", "Le prix des voisines", "Faux", "euro"),
        "right": ("Ce qui reste après le coût", "Le temps", "Les matières", "Vrai", "dirham"),
        "waiting": "Cette question attend votre réponse.",
        "again": "Réessayer",
        "look again": "Regarder à nouveau",
        "open": "Ouvrir mon attestation",
        "valid": "Cette attestation est valable",
        "continue": "Continuer",
    },
}


class Walk:
    """One woman's way, page by page; each page is inspected where the browser has JavaScript."""

    def __init__(self, page: Page, server: LiveServer, language: str, *, inspects: bool) -> None:
        self.page, self.server, self.words = page, server, WORDS[language]
        self.watch = Watch(page)
        self.inspects = inspects

    def see(self) -> None:
        if self.inspects:
            self.watch.inspect()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")
        self.see()

    def press(self, word: str) -> None:
        self.page.locator("main").get_by_role("button", name=self.words[word]).click()

    def follow(self, word: str) -> None:
        self.page.locator("main").get_by_role("link", name=self.words[word]).first.click()

    def answer(self, words: Any) -> None:
        *choices, text = words
        for choice in choices:
            self.page.get_by_label(choice, exact=True).check()
        self.page.get_by_role("textbox").fill(text)
        self.press("hand in")


def walk_to_the_quiz(walk: Walk) -> None:
    walk.go("/courses")
    walk.follow("course")
    walk.see()
    walk.press("join")
    for kind in ("text", "video"):
        walk.see()
        assert walk.page.locator("video").count() == (kind == "video")
        walk.press("finished")
    for _optional in ("audio", "document"):
        walk.see()
        walk.press("finished")
    walk.see()


def take_the_quiz(walk: Walk) -> None:
    walk.press("questions")
    walk.see()
    walk.press("hand in")
    assert walk.page.get_by_text(walk.words["waiting"]).count() == 4
    walk.watch.said = [line for line in walk.watch.said if "422" not in line]  # the browser notes the refusal
    walk.see()
    walk.answer(walk.words["wrong"])
    walk.see()
    walk.press("again")
    walk.answer(walk.words["right"])
    walk.see()


def open_the_certificate(walk: Walk) -> str:
    walk.page.locator("main .actions a.button").click()
    walk.see()
    walk.page.locator("button[name=face][value=so_so]").click()
    walk.see()
    work_off()
    walk.follow("look again")
    walk.see()
    assert walk.page.get_by_role("link", name=walk.words["open"]).count() == 1
    address = urlsplit(walk.page.locator("a bdi.address").text_content() or "")
    return f"{address.path}?{address.query}"


@pytest.mark.parametrize(
    ("language", "viewport", "scheme", "scripts"),
    [("ar", PHONE, "light", True), ("fr", DESKTOP, "dark", True), ("ar", PHONE, "light", False)],
    ids=["arabic-phone", "french-desktop", "without-javascript"],
)
def test_from_the_catalogue_to_a_certificate_that_a_stranger_can_check(
    live_server: LiveServer,
    chromium: Browser,
    country: Country,
    language: str,
    viewport: Any,
    scheme: Any,
    scripts: bool,
) -> None:
    rich_course(country)
    learner = make_person(home=country.larache_centre)
    hers = chromium.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=scripts)
    carry_session(hers, live_server, learner)
    speak(hers, live_server, language)
    walk = Walk(hers.new_page(), live_server, language, inspects=scripts)

    walk_to_the_quiz(walk)
    take_the_quiz(walk)
    link = open_the_certificate(walk)
    for path in ("/", "/my/courses", "/messages"):
        walk.go(path)
    walk.watch.assert_nothing_left_us(live_server.url)
    hers.close()

    strangers = chromium.new_context(viewport=viewport, locale="fr-MA" if language == "fr" else "ar-MA")
    check = Walk(strangers.new_page(), live_server, language, inspects=True)
    check.go(link)
    assert WORDS[language]["valid"] in check.page.locator("h1").inner_text()
    assert strangers.cookies() == []
    strangers.close()


def tell(learner: Person) -> None:
    for kind in NotificationKind:
        Notification.objects.create(person=learner, kind=kind, about=f"import:{uuid4()}")


@pytest.mark.parametrize(("language", "scheme"), [("ar", "dark"), ("fr", "light"), ("en", "dark")])
def test_pages_of_strangers_and_of_beginners_have_nothing_to_correct(
    live_server: LiveServer, chromium: Browser, country: Country, language: str, scheme: Any
) -> None:
    rich_course(country)
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    speak(context, live_server, language)
    page = context.new_page()
    watch = Watch(page)
    for path in ("/", "/courses", "/courses?q=x", "/courses/riyada", "/v/NOTHING"):
        page.goto(f"{live_server.url}{path}")
        watch.inspect()

    learner = make_person(home=country.larache_centre, discreet=True)
    tell(learner)
    carry_session(context, live_server, learner)
    for path in ("/", "/my/courses", "/my/certificates", "/messages"):
        page.goto(f"{live_server.url}{path}")
        watch.inspect()
        assert "Jisr" not in page.title()
    context.close()


def test_the_one_action_of_a_lesson_stays_in_sight_on_a_phone(
    live_server: LiveServer, chromium: Browser, country: Country
) -> None:
    rich_course(country)
    context = chromium.new_context(viewport=PHONE, locale="ar-MA")
    carry_session(context, live_server, make_person(home=country.larache_centre))
    page = context.new_page()
    page.goto(f"{live_server.url}/courses/riyada")
    join = page.get_by_role("button", name=WORDS["ar"]["join"])
    box = join.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    assert box["y"] + box["height"] <= 640 - 64  # above the bar
    join.click()
    assert re.search(r"/lessons/", page.url)
    context.close()
