"""A quiz is graded here, once, and its right answers never leave the server."""

import uuid

import pytest

from learners.attempts.grading import grade, is_right
from learners.attempts.models import Attempt
from learners.enrolments.services import withdraw
from learners.progress.models import LessonProgress
from tests.cast import Country, client_for, make_person
from tests.learners.learning import Learning, begin_learning

SHORT = {"id": "q", "kind": "short", "accepted": {"ar": ["الرِّبْح"], "fr": ["Bénéfice"]}}
MULTIPLE = {
    "id": "q",
    "kind": "multiple",
    "choices": [{"id": "a", "correct": True}, {"id": "b", "correct": True}, {"id": "c", "correct": False}],
}


def test_the_right_answers_are_not_in_the_questions(learning: Learning) -> None:
    started = learning.start_quiz()
    assert set(started) == {"id", "questions"}
    for question in started["questions"]:
        assert set(question) == {"id", "kind", "text", "choices"}
        assert all(set(choice) == {"id", "text"} for choice in question["choices"])


def test_failing_then_passing_keeps_the_best_score(learning: Learning) -> None:
    failed = learning.take_quiz(right=False)
    assert (failed["score"], failed["passed"]) == (0, False)
    passed = learning.take_quiz()
    assert (passed["score"], passed["passed"]) == (100, True)
    learning.take_quiz(right=False)
    row = LessonProgress.objects.get(enrolment=learning.enrolment)
    assert (row.state, row.score) == ("finished", 100)


def test_submitting_again_answers_the_same(learning: Learning) -> None:
    attempt = learning.start_quiz()["id"]
    path = f"/api/v1/attempts/{attempt}"
    first = learning.client.post(f"{path}/submit", {}, format="json").json()
    late = learning.client.put(f"{path}/answers", {"answers": learning.answers(right=True)}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "already_submitted")
    assert learning.client.post(f"{path}/submit", {}, format="json").json() == first


def test_an_id_from_the_device_starts_one_attempt(learning: Learning) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/lessons/{learning.quiz.uuid}/attempts"
    body = {"id": str(uuid.uuid4())}
    assert [learning.client.post(path, body, format="json").status_code for _ in range(2)] == [201, 200]


def test_an_attempt_of_another_is_not_there(learning: Learning, country: Country) -> None:
    attempt = learning.start_quiz()["id"]
    stranger = client_for(make_person(home=country.larache_centre))
    answers = {"answers": learning.answers(right=True)}
    assert stranger.put(f"/api/v1/attempts/{attempt}/answers", answers, format="json").status_code == 404
    assert stranger.post(f"/api/v1/attempts/{attempt}/submit", {}, format="json").status_code == 404


def test_an_attempt_id_of_another_tells_nothing_and_takes_nothing(country: Country) -> None:
    alice, bahija = begin_learning(country), begin_learning(country)
    attempt = alice.start_quiz()["id"]
    path = f"/api/v1/enrolments/{bahija.enrolment.uuid}/lessons/{bahija.quiz.uuid}/attempts"
    answer = bahija.client.post(path, {"id": attempt}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "attempt_id_reused")


def test_who_left_the_course_neither_answers_nor_hands_in(learning: Learning) -> None:
    attempt = learning.start_quiz()["id"]
    learning.client.put(
        f"/api/v1/attempts/{attempt}/answers", {"answers": learning.answers(right=True)}, format="json"
    )
    withdraw(enrolment=learning.enrolment)
    answers = {"answers": learning.answers(right=False)}
    assert (
        learning.client.put(f"/api/v1/attempts/{attempt}/answers", answers, format="json").status_code == 404
    )
    assert learning.client.post(f"/api/v1/attempts/{attempt}/submit", {}, format="json").status_code == 404
    row = Attempt.objects.get(uuid=attempt)
    assert (row.submitted_at, row.score) == (None, None)
    assert not LessonProgress.objects.filter(enrolment=learning.enrolment).exists()
    assert learning.fresh().state == "withdrawn"


def test_the_last_answers_may_come_with_the_handing_in(learning: Learning) -> None:
    path = f"/api/v1/attempts/{learning.start_quiz()['id']}/submit"
    handed = learning.client.post(path, {"answers": learning.answers(right=True)}, format="json").json()
    assert handed["passed"]
    again = learning.client.post(path, {"answers": learning.answers(right=False)}, format="json").json()
    assert again == handed


def test_an_answer_that_fits_no_question_hands_nothing_in(learning: Learning) -> None:
    attempt = learning.start_quiz()["id"]
    sent = {"answers": [{"question": "nowhere", "choices": ["c1"]}]}
    refused = learning.client.post(f"/api/v1/attempts/{attempt}/submit", sent, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "question_unknown")
    assert Attempt.objects.get(uuid=attempt).submitted_at is None


def test_a_text_has_no_attempts(learning: Learning) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/lessons"
    assert (
        learning.client.post(f"{path}/{learning.texts[0].uuid}/attempts", {}, format="json").status_code
        == 422
    )
    assert learning.client.post(f"{path}/{uuid.uuid4()}/attempts", {}, format="json").status_code == 404


def test_bad_answers_are_refused_together_and_none_is_kept(learning: Learning) -> None:
    attempt = learning.start_quiz()["id"]
    good = learning.answers(right=True)[0]
    wrong = [{"question": "nowhere", "choices": []}, {"question": good["question"], "choices": ["nowhere"]}]
    answer = learning.client.put(
        f"/api/v1/attempts/{attempt}/answers", {"answers": [good, *wrong]}, format="json"
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/answers/1", "/answers/2"]
    verdict = learning.client.post(f"/api/v1/attempts/{attempt}/submit", {}, format="json").json()
    assert verdict["score"] == 0


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        ({"choices": ["c1"]}, "/answers/0/question"),
        ({"question": "q1", "choices": "c1"}, "/answers/0/choices"),
        ({"question": "q1", "choices": ["c1"] * 51}, "/answers/0/choices"),
        ({"question": "q1", "choices": [["c1"]]}, "/answers/0/choices/0"),
        ({"question": ["q1"], "choices": []}, "/answers/0/question"),
        ("q1", "/answers/0"),
    ],
)
def test_an_answer_that_is_none_is_named_by_its_place(
    learning: Learning, answer: object, pointer: str
) -> None:
    attempt = learning.start_quiz()["id"]
    refused = learning.client.post(f"/api/v1/attempts/{attempt}/submit", {"answers": [answer]}, format="json")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_short_answer_may_be_spelled_as_people_spell() -> None:
    assert is_right(SHORT, {"text": " الربح "})
    assert is_right(SHORT, {"text": "benefice"})
    assert not is_right(SHORT, {"text": ""})


def test_every_right_choice_and_no_other() -> None:
    assert is_right(MULTIPLE, {"choices": ["b", "a"]})
    assert not is_right(MULTIPLE, {"choices": ["a"]})
    assert not is_right(MULTIPLE, {"choices": ["a", "b", "c"]})


def test_nobody_passes_by_rounding() -> None:
    questions = [SHORT | {"id": str(number)} for number in range(3)]
    answers = {"0": {"text": "الربح"}, "1": {"text": "الربح"}}
    assert grade(questions, answers, pass_percent=67).score == 66
    assert not grade(questions, answers, pass_percent=67).passed
