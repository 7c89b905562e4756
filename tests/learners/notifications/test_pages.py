"""Her messages on a page: read by being shown, and neutral on a phone that others see."""

import re
from typing import Any

import pytest
from django.test import Client

from learners.notifications.models import Notification, NotificationKind
from tests.cast import Country, browser_for, make_person
from tests.learners.learning import Learning, begin_learning
from tests.statements import statements

LIST = "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11"


def tell_all(learning: Learning) -> None:
    """One message of every kind."""
    for kind in NotificationKind:
        about = f"{kind}:{LIST}"
        Notification.objects.create(
            person=learning.alice, kind=kind, about=about, enrolment=learning.enrolment
        )


def page(learning: Learning, path: str = "/messages") -> str:
    return browser_for(learning.alice).get(path).content.decode()


def test_what_she_opens_is_new_once(learning: Learning) -> None:
    tell_all(learning)
    browser = browser_for(learning.alice)
    browser.head("/messages")
    assert browser.get("/messages").content.decode().count("جديدة</li>") == len(NotificationKind)
    assert "جديدة</li>" not in browser.get("/messages").content.decode()
    assert Notification.objects.filter(read_at=None).count() == 0


def test_each_message_leads_to_what_it_speaks_of(learning: Learning) -> None:
    tell_all(learning)
    slug = learning.course.slug
    assert re.findall(r'<h2><a href="([^"]+)"', page(learning)) == [
        "/studio",
        f"/my/courses/{slug}/help",
        "/help-requests",
        "/support-requests",
        f"/imports/{LIST}",
        "/account",
        "/my/certificates",
        "/my/certificates",
        "/my/certificates",
        f"/courses/{slug}",
        f"/courses/{slug}",
        f"/courses/{slug}",
        "/courses",
    ]
    assert f"دورة {slug}" in page(learning)


def test_in_discreet_mode_messages_say_nothing_of_courses_or_certificates(country: Country) -> None:
    learning = begin_learning(country, discreet=True)
    tell_all(learning)
    words = re.sub(r"<[^>]+>", " ", page(learning).partition("<main")[2].partition("</main>")[0])
    assert "أحسنتِ" in words
    for word in ("شهاد", "دورة", "مركز", "جسر", learning.course.slug):
        assert word not in words


def test_a_stranger_signs_in_first_and_another_sees_and_reads_nothing(
    learning: Learning, country: Country
) -> None:
    tell_all(learning)
    assert Client().get("/messages")["Location"] == "/sign-in?next=%2Fmessages"
    another = browser_for(make_person(home=country.larache_centre))
    assert "لا رسائل لديكِ." in another.get("/messages").content.decode()
    assert Notification.objects.filter(read_at=None).count() == len(NotificationKind)


def test_older_messages_stand_on_a_page_of_their_own(learning: Learning) -> None:
    Notification.objects.bulk_create(
        Notification(person=learning.alice, kind="nudge", about=str(n), enrolment=learning.enrolment)
        for n in range(60)
    )
    first = page(learning)
    assert first.count("<article") == 50
    assert Notification.objects.filter(read_at=None).count() == 10
    [older] = re.findall(r'href="([^"]*cursor=[^"]*)"', first)
    assert page(learning, older).count("<article") == 10


@pytest.mark.parametrize("cursor", ["nonsense", "%00", ""])
def test_a_page_that_never_was_does_not_break(learning: Learning, cursor: str) -> None:
    answer: Any = browser_for(learning.alice).get(f"/messages?cursor={cursor}")
    assert answer.status_code in {200, 400, 404}


def test_reading_many_costs_as_few_statements_as_reading_one(learning: Learning) -> None:
    tell_all(learning)
    browser = browser_for(learning.alice)
    with statements(3):
        browser.get("/messages")
    with statements(2):
        browser.get("/messages")
