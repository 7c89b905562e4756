"""Numbers and orders: read as people write them, graded here, and shown so that nothing tells what is right."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses.assessment.numbers import number_of
from courses.assessment.questions import differ, merge, problems, settle_ids, shown
from courses.authoring.inputs import QuestionSerializer
from courses.authoring.models import Lesson
from courses.authoring.variants import put_variant
from courses.publishing.services import publish_course as publish_draft
from learners.attempts.grading import is_right
from learners.attempts.models import Attempt
from learners.enrolments.models import Enrolment
from learners.facilitated.pages import _on_paper
from lms.access.scoping import Grant, Scope
from tests.cast import Country, browser_for, make_staff
from tests.learners.learning import Learning

STEPS = [{"id": f"v{place}", "text": f"خطوة {place}"} for place in range(1, 5)]
NUMBER = {"id": "sum", "kind": "numeric", "text": "كم؟", "value": "3,5", "tolerance": "0.1"}
ORDER = {"id": "steps", "kind": "ordering", "text": "رتبي", "choices": STEPS}
WRITTEN = [NUMBER, ORDER]
IN_ORDER = ["v1", "v2", "v3", "v4"]


@pytest.fixture
def asked(learning: Learning, country: Country) -> Learning:
    """Her quiz asks for a number and for an order."""
    by, at = make_staff("publisher", country.institute), timezone.now()
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    lesson = Lesson.objects.get(uuid=learning.quiz.uuid)
    for language in ("ar", "fr"):
        content = {"questions": WRITTEN}
        put_variant(lesson=lesson, by=by, language=language, content=content, expected=None, at=at)
    newest = publish_draft(course=learning.course, by=by, notes="", at=at)
    Enrolment.objects.filter(pk=learning.enrolment.pk).update(publication=newest)
    learning.fresh()
    return learning


def submit(learning: Learning, *answers: Any) -> Any:
    path = f"/api/v1/attempts/{learning.start_quiz()['id']}/submit"
    return learning.client.post(path, {"answers": answers}, format="json")


def published(*written: Any) -> list[dict[str, Any]]:
    return merge({"ar": settle_ids(written, [])})


@given(
    st.decimals(-(10**9), 10**9, places=3), st.decimals(0, 100, places=3), st.decimals(-200, 200, places=3)
)
def test_a_number_is_right_just_within_its_tolerance(
    value: Decimal, tolerance: Decimal, off: Decimal
) -> None:
    (question,) = published(NUMBER | {"value": f"{value:f}", "tolerance": f"{tolerance:f}"})
    assert is_right(question, {"number": f"{value + off:f}"}) == (abs(off) <= tolerance)


@given(st.permutations(IN_ORDER))
def test_one_order_is_right(order: list[str]) -> None:
    (question,) = published(ORDER)
    assert is_right(question, {"order": order}) == (order == IN_ORDER)


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_number_or_none(text: str) -> None:
    number = number_of(text)
    assert number is None or number.is_finite()


@pytest.mark.parametrize("text", ["3.5", "3,5", "٣٫٥", " ٣,٥ ", "+3.50", "۳٫۵", "\u200f٣٫٥"])
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert number_of(text) == Decimal("3.5")


@pytest.mark.parametrize("text", ["", "ثلاثة", "1e9", "nan", "1,2,3", "²", "9" * 16])
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    assert number_of(text) is None


def test_the_order_shown_is_always_the_same_and_follows_the_ids_alone() -> None:
    turned = ORDER | {"choices": STEPS[::-1]}
    first, second = (shown(published(question), "ar")[0]["choices"] for question in (ORDER, turned))
    assert first == second
    assert [choice["id"] for choice in first] != IN_ORDER


def test_what_cannot_be_answered_is_named() -> None:
    wrong = settle_ids([NUMBER | {"value": ""}, ORDER | {"choices": STEPS[:1]}], [])
    assert list(problems(wrong)) == [
        ("/0", "quiz_without_right_answer"),
        ("/1/choices", "quiz_too_few_choices"),
    ]
    assert not list(problems(settle_ids(WRITTEN, [])))


def test_languages_with_another_order_or_number_ask_different_things() -> None:
    quiz = settle_ids(WRITTEN, [])
    assert not differ(quiz, settle_ids([NUMBER | {"value": "٣٫٥"}, ORDER], []))
    assert differ(quiz, settle_ids([NUMBER | {"value": "4"}, ORDER], []))
    assert differ(quiz, settle_ids([NUMBER, ORDER | {"choices": STEPS[::-1]}], []))


def test_a_question_of_the_older_kinds_is_published_as_before() -> None:
    (question,) = published(
        {"kind": "short", "text": "س", "accepted": ["جواب"], "value": "3", "tolerance": "1"}
    )
    assert set(question) == {"id", "kind", "text", "feedback", "choices", "accepted"}


def test_right_answers_pass_and_their_form_tells_nothing(asked: Learning) -> None:
    for question in asked.start_quiz()["questions"]:
        assert set(question) == {"id", "kind", "text", "choices"}
    verdict = submit(
        asked, {"question": "sum", "number": "٣٫٦"}, {"question": "steps", "order": IN_ORDER}
    ).json()
    assert (verdict["score"], verdict["passed"]) == (100, True)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"question": "sum", "number": "ثلاثة"}, "number_needed"),
        ({"question": "sum", "choices": ["v1"]}, "number_needed"),
        ({"question": "steps", "order": ["v1"]}, "order_needed"),
        ({"question": "steps", "text": "v1"}, "order_needed"),
        ({"question": "steps", "order": ["v1", "v2", "v3", "nowhere"]}, "choice_unknown"),
    ],
)
def test_an_answer_of_another_form_is_refused(asked: Learning, answer: Any, code: str) -> None:
    refused = submit(asked, answer)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


def test_on_the_page_what_is_half_ordered_is_kept_and_asked_again(asked: Learning) -> None:
    attempt = asked.start_quiz()["id"]
    here, browser = f"/my/attempts/{attempt}", browser_for(asked.alice)
    half = browser.post(here, {"q-sum": "كثير", "q-steps": ["v1", "v1", "", "v4"]})
    assert half.status_code == 422
    assert Attempt.objects.get(uuid=attempt).answers["steps"] == {"order": ["v1", "v1", "", "v4"]}
    page = half.content.decode()
    assert page.count('value="v4" selected') == 1
    assert 'inputmode="decimal"' in page
    done = browser.post(here, {"q-sum": "3,45", "q-steps": IN_ORDER})
    assert done.status_code == 303
    assert Attempt.objects.get(uuid=attempt).score == 100


def test_the_paper_sheet_does_not_tell_the_order(asked: Learning) -> None:
    quiz = asked.quiz
    (_number, steps) = _on_paper(quiz, ["ar"], "ar")
    assert steps["ordered"]
    assert steps["choices"] == ["خطوة 3", "خطوة 4", "خطوة 1", "خطوة 2"]


@pytest.mark.parametrize("field", ["value", "tolerance"])
def test_an_author_who_writes_no_number_is_told_where(field: str) -> None:
    sent = QuestionSerializer(data=NUMBER | {field: "ثلاثة"})
    assert not sent.is_valid()
    assert [error.code for error in sent.errors[field]] == ["not_a_number"]
