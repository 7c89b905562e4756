"""Letters and short messages of every kind, in every language: complete, short enough, and discreet where asked."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from courses.catalogue.models import Course
from courses.publishing.models import Publication
from learners.deliveries.letters import letter_for, short_message_for
from learners.enrolments.models import Enrolment
from learners.notifications.models import Notification, NotificationKind
from lms import sealing
from lms.accounts.models import Identity, Person
from lms.accounts.names import Names
from lms.messages.letters import as_html, as_text
from lms.messages.parts import size_of
from tests.browser.chromium import Watch, needs_chromium
from tests.learners.notifications.test_texts import FORBIDDEN

LONG = "أساسيات ريادة الأعمال للنساء في التعاونيات القروية وكيف نبيع ما ننتج ونحسب ثمنه ونحفظ حساباتنا"
LIST = "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11"
KINDS = [
    *((kind, "") for kind in NotificationKind),
    (NotificationKind.NUDGE, ":14"),
    (NotificationKind.NUDGE, ":21"),
]
WRITTEN = ("ar", "fr", "en", "zgh")


@pytest.fixture
def notification() -> Notification:
    """Hers, with all that a letter reads of her; nothing of it is in a database."""
    she = Person(language="ar")
    names = Names("فاطمة الزهراء", "العمراني").text
    Identity(person=she, names=sealing.seal(names, table="identity", column="names", row=she.uuid))
    publication = Publication(title={"ar": LONG, "fr": LONG}, languages=["ar", "fr"])
    enrolment = Enrolment(learner=she, course=Course(slug="trade"), publication=publication)
    return Notification(person=she, enrolment=enrolment)


def of(notification: Notification, kind: NotificationKind, turn: str, language: str) -> Notification:
    notification.kind, notification.about = kind, f"thing:{LIST}{turn}"
    notification.person.language = language
    return notification


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize(("kind", "turn"), KINDS)
def test_every_letter_and_sms_is_whole_and_says_where_to_go(
    notification: Notification, kind: NotificationKind, turn: str, language: str, settings: Any
) -> None:
    letter = letter_for(of(notification, kind, turn, language), neutral=False)
    assert letter.action is not None
    assert letter.action.url.startswith(f"{settings.PUBLIC_URL}/")
    for said in (as_text(letter), as_html(letter)):
        assert not re.search(r"%[({sd]|⟪|None|\{\{", said)
        assert letter.title in said
    assert "فاطمة الزهراء" in as_text(letter)
    assert "http://" not in as_html(letter).replace(settings.PUBLIC_URL, "")
    sms = short_message_for(notification, neutral=False)
    assert size_of(sms).parts <= 3
    assert not re.search(r"%[({sd]", sms)


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize(("kind", "turn"), KINDS)
def test_a_neutral_letter_and_sms_give_nothing_away(
    notification: Notification, kind: NotificationKind, turn: str, language: str
) -> None:
    letter = letter_for(of(notification, kind, turn, language), neutral=True)
    seen = re.sub(r"<style.*?</style>|<[^>]*>", " ", as_html(letter), flags=re.DOTALL)
    for said in (as_text(letter), letter.title, seen, short_message_for(notification, neutral=True)):
        assert not FORBIDDEN.search(said)
        assert "فاطمة" not in said
        assert "/" not in said
    assert not re.search(r"href|src|url\(|@import", as_html(letter))
    assert size_of(short_message_for(notification, neutral=True)).parts == 1


@needs_chromium[0]
@needs_chromium[1]
@pytest.mark.parametrize("language", ["ar", "fr"])
@pytest.mark.parametrize("neutral", [False, True])
def test_a_letter_reads_well_on_a_small_phone_and_asks_nobody_for_anything(
    notification: Notification, phone: BrowserContext, language: str, neutral: bool
) -> None:
    letter = letter_for(of(notification, NotificationKind.NUDGE, ":14", language), neutral=neutral)
    page = phone.new_page()
    watch = Watch(page)
    page.set_content(as_html(letter))
    watch.inspect()
    assert watch.asked == []
    side = page.evaluate("getComputedStyle(document.querySelector('p')).textAlign")
    assert side == ("right" if language == "ar" else "left")
    if not neutral:
        box = page.locator("a").first.bounding_box()
        assert box
        assert box["height"] >= 48


def test_what_stands_in_a_letter_is_text_and_never_markup(notification: Notification) -> None:
    notification = of(notification, NotificationKind.ENROLLED, "", "ar")
    letter = replace(letter_for(notification, neutral=False), title='<img src="x">', sign="{{ x }}")
    assert "<img" not in as_html(letter)
    assert "{{ x }}" in as_html(letter)
