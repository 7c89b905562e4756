"""The learning pages, as a learner and a stranger meet them with a browser that has no JavaScript."""

import re
import uuid

import pytest
from django.test import Client

from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment
from learners.enrolments.services import withdraw
from learners.progress.models import LessonProgress, ProgressEvent
from tests.cast import Country, browser_for, make_person, make_staff, publish_course
from tests.learners.classroom.richly import RIGHT, WRONG, Classroom, open_classroom
from tests.statements import statements


@pytest.fixture
def room(country: Country) -> Classroom:
    return open_classroom(country)


@pytest.fixture
def stranger() -> Client:
    return Client()


def html_of(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


# Home


def test_a_stranger_reads_what_this_is_and_how_to_join(stranger: Client, country: Country) -> None:
    publish_course(country)
    publish_course(country, slug="closed", is_open=False)
    html = html_of(stranger, "/")
    assert 'href="/register"' in html
    assert 'href="/courses/course"' in html
    assert 'href="/courses/closed"' not in html


def test_home_leads_a_learner_to_her_next_lesson_and_says_what_is_missing(room: Classroom) -> None:
    html = room.page("/")
    assert html.count('class="button"') == 1
    assert f'class="button" href="{room.url("text")}"' in html
    assert "بقي لكِ قبل الشهادة: درسان و" in html
    assert "0 من 3 دروس" in html


def test_home_goes_on_in_the_course_she_was_last_in(room: Classroom, country: Country) -> None:
    other = publish_course(country)
    room.browser.post("/courses/course")
    first = other.newest.lessons.first()
    assert f'href="/my/courses/course/lessons/{first.uuid}"' in room.page("/")
    room.browser.get(room.url("video"))
    assert f'class="button" href="{room.url("text")}"' in room.page("/")


def test_who_has_no_course_is_shown_the_first_step(country: Country) -> None:
    html = html_of(browser_for(make_person(home=country.larache_centre)), "/")
    assert 'class="button" href="/courses"' in html


def test_home_says_that_messages_wait(room: Classroom) -> None:
    room.browser.get("/")
    assert "رسالة جديدة" not in room.page("/")
    room.alice.notifications.create(kind="nudge", about="x", enrolment=room.enrolment)
    assert "لديكِ رسالة جديدة." in room.page("/")


# The catalogue and a course


def test_the_catalogue_says_which_courses_she_takes(room: Classroom, country: Country) -> None:
    publish_course(country, slug="closed", is_open=False)
    html = room.page("/courses")
    assert "تتابعينها" in html
    assert "مع فوج في مركزكِ" in html
    assert "نتائج" not in html


def test_words_that_no_course_has_find_an_empty_catalogue_and_the_way_back(
    stranger: Client, country: Country
) -> None:
    publish_course(country)
    html = html_of(stranger, "/courses?q=%3Cscript%3E")
    assert "لم نجد دورة بهذه الكلمات." in html
    assert "<script>" not in html


def test_a_stranger_reads_the_outline_of_an_open_course_but_no_lesson(
    stranger: Client, room: Classroom
) -> None:
    html = html_of(stranger, "/courses/riyada")
    assert "الفكرة قريبة منكِ" in html
    assert "/lessons/" not in html
    assert "sign-in?next=/courses/riyada" in html


def test_a_course_for_groups_shows_strangers_no_outline_and_no_button(
    stranger: Client, country: Country
) -> None:
    publish_course(country, is_open=False)
    html = html_of(stranger, "/courses/course")
    assert "اسألي مركزكِ" in html
    assert "الدرس 1" not in html
    learner = browser_for(make_person(home=country.larache_centre))
    assert "<form method" not in html_of(learner, "/courses/course").partition("<main")[2]
    assert learner.post("/courses/course").status_code == 404


def test_a_course_that_is_not_there_is_not_found(stranger: Client, country: Country) -> None:
    assert stranger.get("/courses/nothing").status_code == 404


def test_joining_leads_to_the_first_lesson_and_twice_joins_once(country: Country) -> None:
    course = publish_course(country)
    browser = browser_for(make_person(home=country.larache_centre))
    first = f"/my/courses/course/lessons/{course.newest.lessons.first().uuid}"
    for _press in range(2):
        answer = browser.post("/courses/course")
        assert (answer.status_code, answer["Location"]) == (303, first)
    assert Enrolment.objects.filter(course=course).count() == 1


def test_a_stranger_who_joins_signs_in_first_and_comes_back(stranger: Client, country: Country) -> None:
    publish_course(country)
    assert stranger.post("/courses/course")["Location"] == "/sign-in?next=%2Fcourses%2Fcourse"
    assert Enrolment.objects.count() == 0


def test_forms_need_their_token(room: Classroom) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = room.browser.cookies
    for path in (room.url("text"), f"{room.url('quiz')}/attempts", "/courses/riyada"):
        assert strict.post(path).status_code == 403
    assert ProgressEvent.objects.count() == 0


# A lesson


def test_opening_a_lesson_is_recorded_once_a_visit(room: Classroom) -> None:
    for _look in range(3):
        room.page(room.url("text"))
    room.browser.head(room.url("video"))
    [event] = ProgressEvent.objects.all()
    assert (event.verb, event.lesson, event.device) == ("opened", room.lessons["text"], "browser")


def test_finished_pressed_twice_counts_once_and_leads_to_the_next_lesson(room: Classroom) -> None:
    html = room.page(room.url("text"))
    [event] = re.findall(r'name="event" value="([^"]+)"', html)
    for _press in range(2):
        answer = room.browser.post(room.url("text"), {"event": event})
        assert (answer.status_code, answer["Location"]) == (303, room.url("video"))
    assert ProgressEvent.objects.filter(verb="finished").count() == 1
    again = room.page(room.url("text"))
    assert 'name="event"' not in again
    assert f'class="button" href="{room.url("video")}"' in again
    assert "1 من 3 دروس" in again


@pytest.mark.parametrize("event", ["", "nonsense", "٣"])
def test_a_form_without_its_id_still_counts(room: Classroom, event: str) -> None:
    assert room.browser.post(room.url("text"), {"event": event}).status_code == 303
    assert LessonProgress.objects.get(lesson=room.lessons["text"]).state == "finished"


def test_a_quiz_is_not_finished_by_saying_so(room: Classroom) -> None:
    answer = room.browser.post(room.url("quiz"), {"event": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert 'class="notice refusal"' in answer.content.decode()
    assert not LessonProgress.objects.filter(state="finished").exists()


def test_lessons_of_others_of_other_courses_and_of_a_course_she_left_are_not_there(
    room: Classroom, country: Country, stranger: Client
) -> None:
    another = browser_for(make_person(home=country.larache_centre))
    staff = browser_for(make_staff("centre_admin", country.larache_centre))
    elsewhere = publish_course(country).newest.lessons.first()
    for browser in (another, staff):
        assert browser.get(room.url("text")).status_code == 404
        assert browser.post(room.url("text")).status_code == 404
    assert room.browser.get(f"/my/courses/riyada/lessons/{elsewhere.uuid}").status_code == 404
    assert room.browser.post(f"/my/courses/riyada/lessons/{elsewhere.uuid}").status_code == 404
    assert stranger.get(room.url("text"))["Location"].startswith("/sign-in?next=")

    withdraw(enrolment=room.enrolment)
    assert room.browser.get(room.url("text")).status_code == 404
    assert room.browser.post(room.url("text")).status_code == 404
    assert ProgressEvent.objects.count() == 0
    assert "riyada" not in room.page("/my/courses")
    assert "تتابعينها" not in room.page("/courses")
    assert room.browser.post("/courses/riyada")["Location"] == room.url("text")


def test_a_lesson_speaks_her_language_and_the_one_she_chooses(room: Classroom) -> None:
    arabic, french = room.page(room.url("text")), room.page(f"{room.url('text')}?language=fr")
    assert '<div class="lesson" lang="ar" dir="rtl"><h2>خطوة</h2>' in arabic
    assert '<div class="lesson" lang="fr" dir="ltr"><h2>Étape</h2>' in french
    assert '<html lang="ar" dir="rtl">' in french
    assert '<a lang="fr" href="?language=fr">Français</a>' in arabic


def test_a_film_waits_for_her_and_carries_captions_from_our_origin(room: Classroom) -> None:
    html = room.page(room.url("video"))
    assert '<video controls preload="none"' in html
    number = room.course.newest.number
    address = f"/api/v1/courses/riyada/publications/{number}/lessons/{room.lessons['video']}"
    assert f'<source src="{address}/file?language=ar" type="video/mp4">' in html
    assert f'<track kind="captions" src="{address}/captions?language=ar" srclang="ar"' in html
    assert "3,4 ميغا" in html
    captions = room.browser.get(f"{address}/captions?language=ar")
    assert captions["Content-Type"] == "text/vtt; charset=utf-8"
    assert "X-Amz-Signature" in room.browser.get(f"{address}/file?language=ar")["Location"]


def test_a_sound_can_be_heard_in_darija(room: Classroom) -> None:
    html = room.page(f"{room.url('audio')}?language=ary")
    assert "/file?language=ary" in html
    assert '<strong lang="ary">الدارجة</strong>' in html


def test_a_sheet_is_opened_with_its_size_beside_it(room: Classroom) -> None:
    html = room.page(room.url("document"))
    assert "/file?language=ar" in html
    assert "3,4 ميغا" in html


def test_nothing_else_is_asked_of_another_host_than_storage(room: Classroom, settings: object) -> None:
    policy = room.browser.get(room.url("video"))["Content-Security-Policy"]
    for kind in ("media-src", "img-src"):
        assert re.search(rf"{kind} 'self'[^;]* {re.escape(settings.STORAGE_PUBLIC_URL)}", policy)
    assert "unsafe" not in policy


# A quiz


def start(room: Classroom) -> str:
    [attempt] = re.findall(r'name="attempt" value="([^"]+)"', room.page(room.url("quiz")))
    addresses = {
        room.browser.post(f"{room.url('quiz')}/attempts", {"attempt": attempt})["Location"] for _ in range(2)
    }
    [address] = addresses
    return address


def test_starting_twice_from_one_page_starts_one_attempt(room: Classroom) -> None:
    start(room)
    assert Attempt.objects.count() == 1


def test_the_questions_stand_on_one_page_without_their_answers(room: Classroom) -> None:
    html = room.page(start(room))
    assert len(re.findall(r"<fieldset", html)) == 3
    assert html.count('type="radio"') == 4
    assert html.count('type="checkbox"') == 3
    assert "correct" not in html
    assert "الثمن ناقص التكلفة" not in html
    assert "درهم" not in html


def test_answers_kept_for_later_are_there_again(room: Classroom) -> None:
    address = start(room)
    answer = room.browser.post(address, {"q-q1": "c0", "q-q4": "درهم", "later": "1"})
    assert (answer.status_code, answer["Location"]) == (303, room.url("quiz"))
    assert f'class="button" href="{address}"' in room.page(room.url("quiz"))
    html = room.page(address)
    assert re.findall(r'value="c0" checked', html) == ['value="c0" checked']
    assert 'value="درهم"' in html


def test_an_answer_that_is_missing_is_pointed_at_and_the_others_are_kept(room: Classroom) -> None:
    address = start(room)
    answer = room.browser.post(address, {**RIGHT, "q-q2": []})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count('class="error"') == 1
    assert 'aria-describedby="q-q2-error"' in html
    assert html.count(" checked") == 2
    assert Attempt.objects.get().submitted_at is None


@pytest.mark.parametrize(
    "answers", [{**RIGHT, "q-q1": "c9"}, {**RIGHT, "q-q4": "x" * 201}, {**RIGHT, "q-q1": ["c0", "c1"]}]
)
def test_answers_that_no_form_of_ours_sends_are_refused_beside_the_form(
    room: Classroom, answers: dict[str, str]
) -> None:
    answer = room.browser.post(start(room), answers)
    assert answer.status_code == 422
    assert "notice refusal" in answer.content.decode()


def test_a_quiz_not_passed_says_what_to_think_about_and_offers_another_go(room: Classroom) -> None:
    address = start(room)
    room.browser.post(address, WRONG)
    html = room.page(address)
    assert "محاولة أخرى" in html
    assert "أجوبة صحيحة: 0 من 4." in html
    assert html.count("فكّري فيه من جديد") == 4
    assert "الثمن ناقص التكلفة." in html
    assert "ما يبقى بعد التكلفة" not in html
    [again] = re.findall(r'name="attempt" value="([^"]+)"', html)
    assert room.browser.post(f"{room.url('quiz')}/attempts", {"attempt": again}).status_code == 303
    assert Attempt.objects.count() == 2


def test_handed_in_twice_it_is_graded_once_and_stays(room: Classroom) -> None:
    address = start(room)
    room.browser.post(address, RIGHT)
    assert room.browser.post(address, WRONG)["Location"] == address
    assert Attempt.objects.get().score == 100
    assert "نجحتِ. أحسنتِ!" in room.page(address)
    assert "100%" in room.page(room.url("quiz"))


def test_another_womans_attempt_and_that_of_a_course_she_left_are_not_there(
    room: Classroom, country: Country, stranger: Client
) -> None:
    address = start(room)
    another = browser_for(make_person(home=country.larache_centre))
    assert another.get(address).status_code == another.post(address, RIGHT).status_code == 404
    assert stranger.get(address)["Location"].startswith("/sign-in?next=")
    withdraw(enrolment=room.enrolment)
    assert room.browser.get(address).status_code == room.browser.post(address, RIGHT).status_code == 404
    assert room.browser.post(f"{room.url('quiz')}/attempts").status_code == 404
    assert Attempt.objects.get().submitted_at is None


def test_the_last_step_leads_to_her_certificate_whichever_it_is(room: Classroom, country: Country) -> None:
    room.browser.post(room.url("text"))
    room.browser.post(room.url("video"))
    address = start(room)
    room.browser.post(address, RIGHT)
    html = room.page(address)
    assert "وبهذا أتممتِ الدورة." in html
    asked = f"/my/courses/{room.course.slug}/modules/1"
    assert f'class="button" href="{asked}"' in html
    assert 'href="/my/certificates"' in room.page(asked)
    assert room.browser.post(asked, {"face": "good"})["Location"] == "/my/certificates"
    assert 'class="button" href="/my/certificates"' in room.page(address)
    assert "بقي لكِ" not in room.page("/")
    assert 'href="/my/certificates"' in room.page("/")
    assert "مكتملة" in room.page("/my/courses")

    publish_course(country, slug="short", lessons=(("text",),))
    first = room.browser.post("/courses/short")["Location"]
    assert room.browser.post(first)["Location"] == "/my/courses/short/modules/1"


# Cost


def test_each_page_asks_the_database_a_bounded_number_of_times(room: Classroom, country: Country) -> None:
    for number in range(3):
        slug = f"more-{number}"
        publish_course(country, slug=slug)
        room.browser.post(f"/courses/{slug}")
    attempt = start(room)
    room.page(room.url("text"))
    costs = {
        "/": 6,
        "/courses": 3,
        "/courses/riyada": 5,
        "/my/courses": 4,
        room.url("text"): 7,
        room.url("quiz"): 8,
        room.url("video"): 13,  # opened for the first time
        attempt: 2,
    }
    for path, cost in costs.items():
        with statements(cost):
            room.page(path)
    with statements(2):
        Client().get("/courses/more-0")


def test_the_first_view_is_small(room: Classroom) -> None:
    for path in ("/", "/courses/riyada", room.url("text"), room.url("quiz")):
        page = room.browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert len(page.content) <= 6_000, path
