"""docs/sync.md says what to do with every refusal that a phone can meet."""

import re
from pathlib import Path

import pytest

from learners.attempts import services as attempts
from learners.progress.batch import _CODES, EVENTS_AT_MOST, TooManyEvents
from learners.progress.openings import ModuleClosed

PAGE = (Path(__file__).parents[2] / "docs" / "sync.md").read_text()
REFUSALS = (
    attempts.EditionNeverHers,
    attempts.AttemptIdTaken,
    attempts.LessonNotInCourse,
    attempts.NotAQuiz,
    ModuleClosed,
    TooManyEvents,
)
ANSWERS = (
    "question_unknown",
    "choice_unknown",
    "choices_needed",
    "text_needed",
    "number_needed",
    "order_needed",
    "one_choice_only",
)


@pytest.mark.parametrize(
    "code",
    sorted({*_CODES.values(), "event_id_reused", "quiz_needs_attempt", "not_an_event", *ANSWERS}),
)
def test_every_refusal_of_an_event_or_an_answer_stands_on_the_page(code: str) -> None:
    assert re.search(rf"`{code}`", PAGE) or (code.endswith("_out_of_range") and "`…_out_of_range`" in PAGE)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_of_a_go_stands_on_the_page_with_its_status(
    refusal: type[attempts.NotAQuiz],
) -> None:
    [line] = [
        line for line in PAGE.splitlines() if f"`{refusal.code}`" in line and str(refusal.status) in line
    ]
    assert line


def test_the_page_names_the_batch_as_it_is() -> None:
    assert f"At most {EVENTS_AT_MOST} events" in PAGE
