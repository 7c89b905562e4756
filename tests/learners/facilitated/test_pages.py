"""The pages of a session, at the centre and on her phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from learners.facilitated.models import AttendanceMark, Attestation, GroupSession
from learners.progress.models import LessonProgress, ProgressEvent
from tests.cast import Country, browser_for, make_staff
from tests.learners.facilitated.room import Room, open_room, session_of
from tests.statements import statements


@pytest.fixture
def browser(room: Room) -> Client:
    return browser_for(room.bouchra)


def read(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def batch_in(page: str) -> str:
    found = re.search(r'name="batch" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_session_is_planned_for_a_group_or_for_all_women_of_a_course(room: Room, browser: Client) -> None:
    page = read(browser, "/sessions/new")
    assert str(room.cohort.uuid) in page
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    sent = {"day": day, "begins": "10:00", "ends": "12:00", "title": "الأثمنة", "place": "", "link": ""}
    for whom, cohort in ((str(room.cohort.uuid), room.cohort), (f"larache-centre/{room.course.slug}", None)):
        assert f'value="{whom}"' in page
        answer = browser.post("/sessions/new", sent | {"whom": whom})
        session = GroupSession.objects.latest("pk")
        assert (answer.status_code, answer["Location"]) == (303, f"/sessions/{session.uuid}")
        assert session.cohort == cohort
        assert timezone.localtime(session.starts_at).isoformat()[:16] == f"{day}T10:00"
        assert "الأثمنة" in read(browser, "/sessions")


@pytest.mark.parametrize(
    "changes",
    [
        {"ends": "09:00"},
        {"link": "http://meet.example.org"},
        {"place": "قاعة", "link": "https://x.example"},
        {"day": ""},
    ],
)
def test_a_form_that_makes_no_sense_says_so(room: Room, browser: Client, changes: dict[str, str]) -> None:
    day = (timezone.localdate() + timedelta(days=1)).isoformat()
    sent = {"day": day, "begins": "10:00", "ends": "12:00", "whom": str(room.cohort.uuid)}
    answer = browser.post("/sessions/new", sent | changes)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert GroupSession.objects.count() == 1


def test_a_session_is_changed_and_called_off_until_attendance_is_recorded(
    room: Room, browser: Client
) -> None:
    path = f"/sessions/{room.session.uuid}"
    morning = timezone.localtime().replace(hour=10, minute=0) - timedelta(days=1)  # the form knows one day
    GroupSession.objects.update(starts_at=morning, ends_at=morning + timedelta(hours=2))
    page = read(browser, f"{path}/change")
    fields = dict(re.findall(r'name="(day|begins|ends)" value="([^"]+)"', page))
    assert browser.post(f"{path}/change", fields | {"place": "القاعة 7"}).status_code == 303
    assert "القاعة 7" in read(browser, path)
    room.mark(room.women[0])
    assert browser.post(f"{path}/change", {"cancel": "1"}).status_code == 409
    GroupSession.objects.update(cancelled_at=None)
    AttendanceMark.objects.all().delete()
    assert browser.post(f"{path}/change", {"cancel": "1"}).status_code == 303
    assert GroupSession.objects.get().cancelled_at


def test_who_came_is_said_in_one_form_or_for_the_whole_room(room: Room, browser: Client) -> None:
    path, (first, second) = f"/sessions/{room.session.uuid}", room.women
    assert "متدربة 0 الاختبارية" in read(browser, path)
    sent = {f"presence-{first.uuid}": "absent", "presence-x": "absent", f"presence-{second.uuid}": "late"}
    assert browser.post(path, sent).status_code == 303
    assert browser.post(path, {"everyone": "present"}).status_code == 303
    marks = AttendanceMark.objects.values_list("enrolment", "presence")
    assert set(marks) == {(first.pk, "absent"), (second.pk, "present")}


def test_a_lesson_is_recorded_for_who_was_there_and_once_however_often_it_is_sent(
    room: Room, browser: Client
) -> None:
    first, second = room.women
    room.mark(first)
    room.mark(second, presence="absent")
    path = f"/sessions/{room.session.uuid}/record"
    assert f"?lesson={room.texts[0].uuid}" in read(browser, path)
    page = read(browser, f"{path}?lesson={room.texts[0].uuid}")
    assert f'name="{first.uuid}-done" checked' in page
    assert f'name="{second.uuid}-done"' not in page
    sent = {"lesson": str(room.texts[0].uuid), "batch": batch_in(page), f"{first.uuid}-done": "on"}
    for _ in range(2):
        assert browser.post(path, sent).status_code == 303
    assert ProgressEvent.objects.get().attested_by == room.bouchra
    assert Attestation.objects.get().session == room.session
    assert f'name="{first.uuid}-done"' not in read(browser, f"{path}?lesson={room.texts[0].uuid}")


def test_results_on_paper_are_written_for_the_room_and_nonsense_stands_beside_her(
    room: Room, browser: Client
) -> None:
    first, second = room.women
    path = f"/sessions/{room.session.uuid}/record"
    page = read(browser, f"{path}?lesson={room.quiz.uuid}")
    sent = {
        "lesson": str(room.quiz.uuid),
        "batch": batch_in(page),
        f"{first.uuid}-score": "75",
        f"{second.uuid}-score": "750",
    }
    answer = browser.post(path, sent)
    assert answer.status_code == 422
    assert f'id="{second.uuid}_error"' in answer.content.decode()
    assert LessonProgress.objects.get().score == 75, "the others are kept"
    assert browser.post(path, sent | {f"{second.uuid}-score": ""}).status_code == 303
    assert LessonProgress.objects.count() == 1


def test_the_sheet_to_sign_has_the_names_of_the_centre_and_no_script(room: Room, browser: Client) -> None:
    page = read(browser, f"/sessions/{room.session.uuid}/sheet")
    assert "متدربة 0 الاختبارية" in page
    assert "متدربة 1 الاختبارية" in page
    assert "<script" not in page


@pytest.mark.parametrize(("language", "words"), [("ar", "ما هو الربح؟"), ("fr", "ما هو الربح؟")])
def test_the_quiz_on_paper_asks_in_her_language_and_tells_no_answer(
    room: Room, browser: Client, language: str, words: str
) -> None:
    path = f"/sessions/{room.session.uuid}/paper"
    page = read(browser, f"{path}/{room.quiz.uuid}?language={language}")
    assert f'<main lang="{language}"' in page
    assert words in page
    assert "ما يبقى بعد التكلفة" in page
    for secret in ("correct", "الربح هو الثمن ناقص التكلفة.", "checked"):
        assert secret not in page
    assert browser.get(f"{path}/{room.texts[0].uuid}").status_code == 404


def test_an_answer_to_the_sample_is_given_on_its_page(room: Room, country: Country) -> None:
    room.said(room.event(room.women[0], room.quiz, score=55), room.event(room.women[0], room.texts[0]))
    admin = browser_for(make_staff("centre_admin", country.larache_centre))
    page = read(admin, "/attestations")
    assert "بشرى الاختبارية" in page
    assert 'value="disputed"' in page
    assert 'value="disputed"' not in re.sub(
        r"<select.*?</select>", "", read(browser_for(room.bouchra), "/attestations"), flags=re.DOTALL
    )
    quiz = Attestation.objects.get(kind="paper_quiz")
    sent = {"attestation": str(quiz.uuid), "answer": "disputed"}
    assert admin.post("/attestations", sent).status_code == 422
    answer = admin.post("/attestations?verdict=waiting", sent | {"reason": "لا ورقة هناك"})
    assert (answer.status_code, answer["Location"]) == (303, "/attestations?verdict=waiting")
    assert "لا ورقة هناك" in read(admin, "/attestations?verdict=disputed")
    assert "لا ورقة هناك" not in read(admin, "/attestations?verdict=waiting&since=nonsense&by=nobody")
    assert not LessonProgress.objects.filter(lesson=room.quiz.uuid).exists()


def test_her_phone_shows_her_next_sessions_and_what_was_recorded(room: Room) -> None:
    session_of(room.cohort, room.bouchra, starts_at=timezone.now() + timedelta(days=1), title="موعد الغد")
    room.said(room.event(room.women[0], room.texts[0]))
    hers = browser_for(room.women[0].learner)
    assert "موعد الغد" in read(hers, "/")
    said = "سُجل في مركزكِ"
    course = read(hers, f"/courses/{room.course.slug}")
    assert said in course or "recorded at your centre" in course
    other = open_room(room.country, place=room.country.ksar_centre).women[0]
    assert "موعد الغد" not in read(browser_for(other.learner), "/")


def test_a_page_costs_the_same_for_few_women_and_for_many(country: Country) -> None:
    costs: list[Any] = [("", 6), ("/sheet", 6)]
    for number in (1, 5):
        room = open_room(country, women=number)
        browser = browser_for(room.bouchra)
        for page, cost in costs:
            with statements(cost):
                assert browser.get(f"/sessions/{room.session.uuid}{page}").status_code == 200
