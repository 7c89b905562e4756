"""What follows a lesson in the browser: three faces at a module's end, her next steps at the course's."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from courses.authoring.next_steps import set_next_steps
from courses.catalogue.models import Course
from courses.publishing.services import publish_course as publish_draft
from learners.classroom.queries import standing_of
from learners.classroom.texts import missing_words
from learners.enrolments.services import enrol, withdraw
from learners.faces.models import ModuleFaces
from learners.support.models import SupportRequest
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from tests.cast import Country, browser_for, client_for, make_person, make_staff, publish_course
from tests.learners.learning import Learning, begin_learning
from tests.statements import statements

STEPS = [
    {
        "kind": "funding",
        "title": {"ar": "ابحثي عن التمويل", "fr": "Cherchez un financement"},
        "body": {"ar": "اكتبي ما تحتاجينه <b>وثمنه</b>."},
        "link": "https://example.ma/fonds",
    },
    {"kind": "centre", "title": {"ar": "زوري مركزكِ"}},
]


def with_steps(country: Country, slug: str = "stepped") -> Course:
    """The small course, published anew with next steps."""
    course = publish_course(country, slug=slug)
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    set_next_steps(course=course, by=by, steps=STEPS, expected=None, at=timezone.now())
    publish_draft(course=course, by=by, notes="", at=timezone.now())
    course.refresh_from_db()
    return course


def begin(country: Country, course: Course, **fields: object) -> Learning:
    alice = make_person(**{"home": country.larache_centre, **fields})  # type: ignore[arg-type]
    enrolment, _new = enrol(learner=alice, course=course, at=timezone.now())
    return Learning(alice, client_for(alice), course, enrolment)


@pytest.fixture
def learning(country: Country) -> Learning:
    return begin(country, with_steps(country))


@pytest.fixture
def browser(learning: Learning) -> Client:
    return browser_for(learning.alice)


def html(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


# a module's end


def test_the_last_lesson_of_a_module_leads_to_three_faces_and_they_lead_on(
    learning: Learning, browser: Client
) -> None:
    first, last = (f"/my/courses/stepped/lessons/{text.uuid}" for text in learning.texts)
    assert browser.post(first)["Location"] == last
    assert browser.post(last)["Location"] == "/my/courses/stepped/modules/1"
    page = html(browser, "/my/courses/stepped/modules/1")
    assert re.findall(r'name="face" value="([a-z_]+)"', page) == ["good", "so_so", "hard"]
    quiz = f"/my/courses/stepped/lessons/{learning.quiz.uuid}"
    assert f'href="{quiz}"' in page  # she may go on without an answer
    answer = browser.post("/my/courses/stepped/modules/1", {"face": "so_so"})
    assert answer["Location"] == quiz
    assert ModuleFaces.objects.values_list("good", "so_so", "hard").get() == (0, 1, 0)


def test_who_has_answered_is_not_asked_again(learning: Learning, browser: Client) -> None:
    learning.finish_texts()
    browser.post("/my/courses/stepped/modules/1", {"face": "good"})
    last = f"/my/courses/stepped/lessons/{learning.texts[-1].uuid}"
    quiz = f"/my/courses/stepped/lessons/{learning.quiz.uuid}"
    assert browser.post(last)["Location"] == quiz
    assert browser.get("/my/courses/stepped/modules/1")["Location"] == quiz


def test_a_module_that_is_not_finished_asks_nothing_and_counts_nothing(
    learning: Learning, browser: Client
) -> None:
    assert browser.get("/my/courses/stepped/modules/2")["Location"].startswith("/my/courses/stepped/lessons/")
    answer = browser.post("/my/courses/stepped/modules/2", {"face": "good"})
    assert answer["Location"] == "/courses/stepped"
    assert not ModuleFaces.objects.exists()
    for strange in ("0", "3", "99999"):
        assert browser.get(f"/my/courses/stepped/modules/{strange}").status_code == 404
    assert browser.post("/my/courses/stepped/modules/1", {"face": "angry"}).status_code == 404


def test_the_answer_never_stands_in_an_address(learning: Learning, browser: Client) -> None:
    """Addresses are kept in the browser of a shared phone, and in logs."""
    learning.finish_texts()
    browser.get("/my/courses/stepped/modules/1?face=hard")
    assert not ModuleFaces.objects.exists()


# the course's end


def test_a_finished_course_ends_in_its_next_steps_in_her_language(
    learning: Learning, browser: Client
) -> None:
    learning.complete()
    browser.post("/my/courses/stepped/modules/1", {"face": "good"})
    answer = browser.post("/my/courses/stepped/modules/2", {"face": "good"})
    assert answer["Location"] == "/my/courses/stepped/next"
    page = html(browser, "/my/courses/stepped/next")
    assert page.index("ابحثي عن التمويل") < page.index("زوري مركزكِ")
    assert "&lt;b&gt;وثمنه" in page
    assert 'href="https://example.ma/fonds" rel="noopener noreferrer nofollow"' in page
    assert 'class="button" href="/my/certificates"' in page
    assert 'href="/my/courses/stepped/next"' in html(browser, "/courses/stepped")
    browser.cookies["language"] = "fr"
    assert "Cherchez un financement" in html(browser, "/my/courses/stepped/next")


def test_before_the_end_there_is_no_ending(learning: Learning, browser: Client) -> None:
    assert browser.get("/my/courses/stepped/next")["Location"].startswith("/my/courses/stepped/lessons/")
    assert browser.post("/my/courses/stepped/next")["Location"] == "/courses/stepped"
    assert "/my/courses/stepped/next" not in html(browser, "/courses/stepped")
    assert not SupportRequest.objects.exists()


def test_a_course_without_steps_ends_with_the_certificate(country: Country) -> None:
    learning = begin_learning(country)
    learning.complete()
    browser = browser_for(learning.alice)
    slug = learning.course.slug
    assert browser.post(f"/my/courses/{slug}/modules/2", {"face": "good"})["Location"] == "/my/certificates"
    assert '<textarea id="words"' in html(browser, f"/my/courses/{slug}/next")


def test_she_keeps_the_steps_of_her_publication(country: Country) -> None:
    course = publish_course(country, slug="old")
    before = begin(country, course)
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    set_next_steps(course=course, by=by, steps=STEPS, expected=None, at=timezone.now())
    publish_draft(course=course, by=by, notes="", at=timezone.now())
    path = f"/api/v1/enrolments/{before.enrolment.uuid}/next-steps"
    assert before.client.get(path).json()["steps"] == []
    course.refresh_from_db()
    after = begin(country, course)
    said = after.client.get(f"/api/v1/enrolments/{after.enrolment.uuid}/next-steps").json()
    assert [step["kind"] for step in said["steps"]] == ["funding", "centre"]
    assert (said["completed"], said["support"]) == (False, None)


def test_she_asks_for_support_on_the_page_and_sees_that_it_arrived(
    learning: Learning, browser: Client
) -> None:
    learning.complete()
    answer = browser.post("/my/courses/stepped/next", {"words": " مشروع حلويات "})
    assert answer["Location"] == "/my/courses/stepped/next"
    assert SupportRequest.objects.get().read() == "مشروع حلويات"
    page = html(browser, "/my/courses/stepped/next")
    assert "<textarea" not in page
    refused = browser.post("/my/courses/stepped/next", {"words": "شيء آخر"})
    assert refused.status_code == 409


def test_who_has_no_centre_keeps_her_words_in_the_form(country: Country) -> None:
    learning = begin(country, with_steps(country), home=None)
    learning.complete()
    answer = browser_for(learning.alice).post("/my/courses/stepped/next", {"words": "مشروعي"})
    assert answer.status_code == 409
    assert "مشروعي</textarea>" in answer.content.decode()


def test_the_ending_is_hers_alone(learning: Learning, country: Country) -> None:
    learning.complete()
    paths = ("/my/courses/stepped/next", "/my/courses/stepped/modules/1")
    another = browser_for(make_person(home=country.larache_centre))
    for path in paths:
        assert another.get(path).status_code == another.post(path).status_code == 404
        assert Client().get(path)["Location"].startswith("/sign-in?next=")
    withdraw(enrolment=learning.enrolment)
    for path in paths:
        assert browser_for(learning.alice).get(path).status_code == 404


def test_the_ending_costs_five_statements(learning: Learning, browser: Client) -> None:
    learning.complete()
    browser.get("/my/courses/stepped/next")
    with statements(5):  # session, enrolment, progress, outline, her request
        browser.get("/my/courses/stepped/next")


# home


def home(person: Person, language: str = "ar") -> dict[str, object]:
    return client_for(person).get("/api/v1/home", headers={"Accept-Language": language}).json()


def test_home_says_where_she_goes_on_and_what_is_missing(learning: Learning) -> None:
    said = home(learning.alice)
    current = said["current"]
    assert isinstance(current, dict)
    assert current["lesson"]["id"] == str(learning.texts[0].uuid)
    assert (current["missing"]["lessons"], current["missing"]["quizzes"]) == (2, 1)
    assert (current["done"], current["total"], current["completed"]) == (0, 3, False)
    learning.finish_texts()
    current = home(learning.alice)["current"]
    assert isinstance(current, dict)
    assert current["lesson"]["id"] == str(learning.quiz.uuid)
    assert (current["missing"]["lessons"], current["missing"]["quizzes"]) == (0, 1)


def test_home_asks_nothing_more_of_who_has_finished(learning: Learning) -> None:
    learning.complete()
    said = home(learning.alice)
    assert said["current"] is None
    [other] = said["others"]  # type: ignore[misc]  # a list
    assert other["completed"] is True
    assert other["missing"] == {"lessons": 0, "quizzes": 0, "words": ""}


def test_home_of_who_has_no_course_is_empty(country: Country) -> None:
    assert home(make_person(home=country.larache_centre)) == {"current": None, "others": []}


def test_home_costs_four_statements_however_many_courses(learning: Learning, country: Country) -> None:
    client = client_for(learning.alice)
    client.get("/api/v1/home")
    with statements(4):  # session, enrolments, progress, outlines
        client.get("/api/v1/home")
    for slug in ("second", "third"):
        enrol(learner=learning.alice, course=publish_course(country, slug=slug), at=timezone.now())
    with statements(4):
        client.get("/api/v1/home")


@pytest.mark.parametrize(
    ("lessons", "finished", "words"),
    [
        ((("text", "text"), ("quiz",)), 0, "2 lessons and the last quiz"),
        ((("text", "text"), ("quiz",)), 2, "the last quiz"),
        ((("text", "quiz"), ("text", "quiz")), 0, "2 lessons and 2 quizzes"),
        ((("text", "text"),), 1, "1 lesson"),
        ((("text", "text"),), 0, "2 lessons"),
        ((("text", "text"),), 2, ""),
    ],
)
def test_what_is_missing_is_said_as_it_is(
    country: Country, lessons: tuple[tuple[str, ...], ...], finished: int, words: str
) -> None:
    learning = begin(country, publish_course(country, slug="counted", lessons=lessons))
    learning.send(*(learning.event(text) for text in learning.texts[:finished])) if finished else None
    with override("en"):
        said = missing_words(standing_of(learning.enrolment, at=timezone.now()))
    assert said == (f"Still to do before your certificate: {words}." if words else "")


# search


def test_search_on_home_finds_words_however_they_are_written(country: Country) -> None:
    course = publish_course(country, slug="fatima")
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    Course.objects.filter(pk=course.pk).update(title={"ar": "مشروع فَاطِمَه", "fr": "Le projet de Fatima"})
    course.refresh_from_db()
    publish_draft(course=course, by=by, notes="", at=timezone.now())
    publish_course(country, slug="other")
    browser = browser_for(make_person(home=country.larache_centre))
    assert re.search(r'<form[^>]*role="search" action="/courses">', html(browser, "/"))
    for words in ("فاطمة", "فَاطِمَه", "فاطمه", "FATIMA", "fatíma"):
        answer = browser.get("/courses", {"q": words})
        found = re.findall(r'href="/courses/(fatima|other)"', answer.content.decode())
        assert set(found) == {"fatima"}, words
        api = client_for(make_person()).get("/api/v1/courses", {"q": words}).json()
        assert [row["slug"] for row in api["results"]] == ["fatima"], words
