"""Quizzes taken without a network: nothing on the phone says what is right, and nothing she answered is lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from courses.authoring.models import Lesson
from courses.authoring.variants import put_variant
from courses.publishing.services import publish_course as publish_draft
from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol, withdraw
from learners.progress.models import LessonProgress
from lms.access.scoping import Grant, Scope
from tests.cast import QUIZ, Country, client_for, make_person, make_staff
from tests.learners.learning import Learning

RIGHT = [{"question": "q1", "choices": ["c1"]}]
SECRET = {"correct", "accepted", "feedback", "right"}


def home_of(learning: Learning, number: int = 1) -> str:
    return f"/api/v1/courses/{learning.course.slug}/publications/{number}"


def kept_quiz(learning: Learning, **asked: Any) -> dict[str, Any]:
    path = f"{home_of(learning)}/lessons/{learning.quiz.uuid}/quiz"
    quiz: dict[str, Any] = learning.client.get(path, asked).json()
    return quiz


def start(learning: Learning, attempt: uuid.UUID, **more: Any) -> Any:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/lessons/{learning.quiz.uuid}/attempts"
    return learning.client.post(path, {"id": str(attempt), **more}, format="json")


def hand_in(learning: Learning, attempt: uuid.UUID, answers: Any = RIGHT) -> Any:
    return learning.client.post(f"/api/v1/attempts/{attempt}/submit", {"answers": answers}, format="json")


def ask_anew(country: Country, learning: Learning, *, move: bool = True) -> None:
    """Publish the quiz with the other choice right, and move her to that edition."""
    by, at = make_staff("publisher", country.institute), timezone.now()
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    choices = [
        choice | {"correct": not choice["correct"], "id": f"n{choice['id']}"} for choice in QUIZ[0]["choices"]
    ]  # type: ignore[attr-defined]  # a list of dicts
    question = QUIZ[0] | {"id": "q2", "choices": choices}
    lesson = Lesson.objects.get(uuid=learning.quiz.uuid)
    for language in ("ar", "fr"):
        put_variant(
            lesson=lesson, by=by, language=language, content={"questions": [question]}, expected=None, at=at
        )
    newest = publish_draft(course=learning.course, by=by, notes="", at=at)
    if move:
        Enrolment.objects.filter(pk=learning.enrolment.pk).update(publication=newest)
        learning.fresh()


def keys_of(said: Any) -> set[str]:
    if isinstance(said, dict):
        return set(said).union(*map(keys_of, said.values()))
    return set().union(*map(keys_of, said)) if isinstance(said, list) else set()


def test_the_questions_come_in_their_fixed_order_without_a_right_answer(learning: Learning) -> None:
    quiz = kept_quiz(learning, language="ar")
    assert quiz.keys() == {"id", "language", "pass_percent", "questions"}
    assert [question["id"] for question in quiz["questions"]] == [q["id"] for q in learning.quiz.questions]
    assert [choice["id"] for choice in quiz["questions"][0]["choices"]] == ["c1", "c2"]
    assert all(kept_quiz(learning, language="ar") == quiz for _ in range(3))


def test_nothing_a_learner_can_fetch_before_she_hands_in_says_what_is_right(learning: Learning) -> None:
    """Every address of the manifest, and every other that she may read of the course and of an attempt begun."""
    attempt = learning.start_quiz()["id"]
    kept = learning.client.get(f"{home_of(learning)}/manifest", {"language": "ar"}).json()
    hers = f"/api/v1/enrolments/{learning.enrolment.uuid}"
    addresses = [
        *(file["url"] for file in kept["files"]),
        f"{home_of(learning)}/manifest?language=fr",
        f"/api/v1/courses/{learning.course.slug}",
        f"/api/v1/courses/{learning.course.slug}/outline",
        *(f"{hers}{part}" for part in ("", "/progress", "/eligibility")),
        "/api/v1/me/data",
    ]
    for address in addresses:
        answer = learning.client.get(address)
        assert answer.status_code == 200, address
        assert not keys_of(answer.json()) & SECRET, address
    answers = learning.client.put(f"/api/v1/attempts/{attempt}/answers", {"answers": RIGHT}, format="json")
    assert not keys_of(answers.json()) & SECRET


def test_several_goes_that_waited_are_each_graded_once_in_whatever_order_they_come(
    learning: Learning,
) -> None:
    waiting = [uuid.uuid4() for _ in range(4)]
    wrong = [{"question": "q1", "choices": ["c2"]}]
    for attempt in waiting:
        assert start(learning, attempt, publication=1).status_code == 201
    for number, attempt in enumerate(reversed(waiting)):
        graded = [hand_in(learning, attempt, RIGHT if number == 1 else wrong).json() for _ in range(2)]
        assert graded[0] == graded[1]
    assert sorted(Attempt.objects.values_list("score", flat=True)) == [0, 0, 0, 100]
    assert LessonProgress.objects.get(enrolment=learning.enrolment, lesson=learning.quiz.uuid).score == 100


def test_what_she_answered_of_the_earlier_edition_is_graded_by_that_edition(
    country: Country, learning: Learning
) -> None:
    ask_anew(country, learning)
    attempt = uuid.uuid4()
    assert start(learning, attempt, publication=1).status_code == 201
    assert hand_in(learning, attempt).json()["passed"]
    done = LessonProgress.objects.get(enrolment=learning.enrolment, lesson=learning.quiz.uuid)
    assert done.state == "finished"


def test_a_start_whose_answer_was_lost_is_the_same_start_after_a_new_edition(
    country: Country, learning: Learning
) -> None:
    attempt = uuid.uuid4()
    start(learning, attempt)
    ask_anew(country, learning)
    again = start(learning, attempt)
    assert (again.status_code, again.json()["questions"][0]["id"]) == (200, "q1")
    assert hand_in(learning, attempt).json()["passed"]


@pytest.mark.parametrize("number", [2, 3])
def test_an_edition_that_she_is_not_on_yet_or_never_was_is_refused(
    country: Country, learning: Learning, number: int
) -> None:
    ask_anew(country, learning, move=False)
    refused = start(learning, uuid.uuid4(), publication=number)
    assert (refused.status_code, refused.json()["code"]) == (409, "publication_not_hers")


def test_an_old_edition_is_not_for_those_who_came_after_it(country: Country, learning: Learning) -> None:
    ask_anew(country, learning)
    late = make_person(home=country.larache_centre)
    learning.course.refresh_from_db()
    hers, _new = enrol(learner=late, course=learning.course, at=timezone.now() + timedelta(minutes=1))
    path = f"/api/v1/enrolments/{hers.uuid}/lessons/{learning.quiz.uuid}/attempts"
    refused = client_for(late).post(path, {"publication": 1}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "publication_not_hers")


def test_answers_to_anothers_questions_are_refused_and_the_go_stays_open(
    country: Country, learning: Learning
) -> None:
    attempt = uuid.uuid4()
    start(learning, attempt)
    forged = hand_in(learning, attempt, [{"question": "q2", "choices": ["nc1"]}])
    assert (forged.status_code, forged.json()["errors"][0]["code"]) == (422, "question_unknown")
    assert hand_in(learning, attempt).json()["passed"]


def test_a_forged_result_counts_for_nothing(learning: Learning) -> None:
    forged = [
        learning.event(learning.quiz, "finished", percent=100, score=100),
        learning.event(learning.quiz, "progressed", percent=100, score=100),
    ]
    assert learning.statuses(*forged) == ["quiz_needs_attempt", "accepted"]
    done = LessonProgress.objects.get(enrolment=learning.enrolment, lesson=learning.quiz.uuid)
    assert (done.state, done.score) == ("opened", None)


def test_a_go_on_a_course_that_she_has_left_does_not_exist(learning: Learning) -> None:
    attempt = uuid.uuid4()
    start(learning, attempt)
    withdraw(enrolment=learning.enrolment)
    assert start(learning, uuid.uuid4()).status_code == 404
    assert hand_in(learning, attempt).status_code == 404
