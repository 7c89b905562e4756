"""The learning pages of a course whose modules open one after the other, or on a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from learners.attempts.models import Attempt
from learners.cohorts.models import Cohort
from learners.progress.models import LessonProgress, ProgressEvent
from tests.cast import Country, browser_for
from tests.learners.learning import Learning
from tests.learners.pacing import paced
from tests.statements import statements


def page(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def url(learning: Learning, lesson: Any) -> str:
    return f"/my/courses/course/lessons/{lesson.uuid}"


@pytest.fixture
def following(country: Country) -> Learning:
    return paced(country, "after_previous")


def test_the_course_page_says_what_opens_a_module_and_links_nothing_in_it(following: Learning) -> None:
    browser = browser_for(following.alice)
    html = page(browser, "/courses/course")
    assert html.count('#clock"') == 1
    assert '<small class="small soft">' in html
    assert f'href="{url(following, following.texts[0])}"' in html
    assert url(following, following.quiz) not in html
    following.finish_texts()
    html = page(browser, "/courses/course")
    assert '#clock"' not in html
    assert f'href="{url(following, following.quiz)}"' in html


def test_a_closed_lesson_says_so_and_is_not_counted_as_opened(following: Learning) -> None:
    browser = browser_for(following.alice)
    html = page(browser, url(following, following.quiz), status=409)
    assert "الوحدة 1" in html
    assert 'href="/courses/course"' in html
    assert not ProgressEvent.objects.exists()


def test_a_quiz_of_a_closed_module_begins_neither_by_its_form(following: Learning) -> None:
    browser = browser_for(following.alice)
    answer = browser.post(f"{url(following, following.quiz)}/attempts")
    assert (answer.status_code, answer["Location"]) == (303, url(following, following.quiz))
    assert not Attempt.objects.exists()


def test_finishing_the_last_lesson_leads_into_the_module_that_opens_with_it(following: Learning) -> None:
    browser = browser_for(following.alice)
    first, last = (url(following, text) for text in following.texts)
    assert browser.post(first)["Location"] == last
    asked = f"/my/courses/{following.course.slug}/modules/1"
    assert browser.post(last)["Location"] == asked
    assert browser.post(asked, {"face": "hard"})["Location"] == url(following, following.quiz)


def test_who_has_done_all_that_is_open_is_told_the_day_of_the_next(country: Country) -> None:
    learning = paced(country, "on_cohort_date", days=3, starts_on=timezone.localdate())
    learning.finish_texts()
    browser = browser_for(learning.alice)
    for path in ("/", "/my/courses"):
        html = page(browser, path)
        assert '#clock"' in html, path
        assert 'class="button" href="/courses/course"' in html, path
        assert url(learning, learning.quiz) not in html, path


def test_the_day_is_written_in_words(country: Country) -> None:
    learning = paced(country, "on_cohort_date", starts_on=date(2099, 3, 3))
    browser = browser_for(learning.alice)
    assert "3 مارس 2099" in page(browser, "/courses/course")
    browser.cookies["language"] = "fr"
    assert "3 mars 2099" in page(browser, "/courses/course")


def test_a_lesson_that_stood_open_when_its_day_was_moved_still_counts(country: Country) -> None:
    learning = paced(country, "on_cohort_date", starts_on=timezone.localdate())
    browser = browser_for(learning.alice)
    first = url(learning, learning.texts[0])
    page(browser, first)
    Cohort.objects.update(starts_on=timezone.localdate() + timedelta(days=5))
    assert browser.post(first).status_code == 303
    assert LessonProgress.objects.get(lesson=learning.texts[0].uuid).state == "finished"


def test_the_pages_of_a_group_cost_what_they_cost_without_one(country: Country) -> None:
    learning = paced(country, "after_previous", starts_on=timezone.localdate())
    browser = browser_for(learning.alice)
    page(browser, url(learning, learning.texts[0]))
    costs = {"/": 6, "/courses/course": 5, "/my/courses": 4, url(learning, learning.texts[0]): 7}
    for path, cost in costs.items():
        with statements(cost):
            page(browser, path)
