"""When a module opens: the rule by itself, and what it lets her do."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from courses.publishing.rules import ModuleRule
from learners.cohorts.models import Cohort
from learners.enrolments.services import enrol
from learners.progress.openings import OPEN, Gate, gates, gates_of
from tests.cast import Country, make_person, publish_course
from tests.learners.learning import Learning
from tests.learners.pacing import paced
from tests.statements import statements

A, B, C = (uuid4() for _ in range(3))
BEGINS = date(2027, 3, 1)
MOROCCO = ZoneInfo("Africa/Casablanca")


def module(
    opens: str = "at_once", *lessons: UUID, days: int = 0, optional: Sequence[UUID] = ()
) -> ModuleRule:
    return ModuleRule(opens, days, frozenset({*lessons, *optional}), frozenset(lessons))


def opened(*modules: ModuleRule, finished: Sequence[UUID] = (), **more: Any) -> list[Gate]:
    defaults: dict[str, Any] = {"begins": None, "today": BEGINS}
    return gates(modules, finished=finished, **defaults | more)


def closed(*, on: date | None = None, after: int | None = None) -> Gate:
    return Gate(open=False, on=on, after=after)


# the rule


def test_modules_without_rules_are_open() -> None:
    assert opened(module("at_once", A), module("at_once", B)) == [OPEN, OPEN]


def test_a_module_follows_the_one_before_it() -> None:
    modules = module("after_previous", A, B), module("after_previous", C), module("after_previous")
    assert opened(*modules) == [OPEN, closed(after=1), closed(after=2)]
    assert opened(*modules, finished=[A]) == [OPEN, closed(after=1), closed(after=2)]
    assert opened(*modules, finished=[A, B]) == [OPEN, OPEN, closed(after=2)]
    assert opened(*modules, finished=[A, B, C]) == [OPEN, OPEN, OPEN]


def test_only_what_is_required_holds_up_the_next() -> None:
    modules = module("at_once", A, optional=[B]), module("after_previous", C)
    assert opened(*modules, finished=[B])[1] == closed(after=1)
    assert opened(*modules, finished=[A])[1] == OPEN


def test_a_module_opens_so_many_days_after_the_group_begins() -> None:
    dated = module("on_cohort_date", A, days=14)
    day = BEGINS + timedelta(days=14)
    assert opened(dated, begins=BEGINS, today=day - timedelta(days=1)) == [closed(on=day)]
    assert opened(dated, begins=BEGINS, today=day) == [OPEN]


def test_before_its_first_day_a_group_has_nothing_open() -> None:
    modules = module("at_once", A), module("after_previous", B), module("on_cohort_date", C, days=7)
    eve = BEGINS - timedelta(days=1)
    assert opened(*modules, begins=BEGINS, today=eve) == [
        closed(on=BEGINS),
        closed(after=1),
        closed(on=BEGINS + timedelta(days=7)),
    ]


def test_without_a_group_no_module_waits_for_a_date() -> None:
    assert opened(module("on_cohort_date", A, days=14)) == [OPEN]


def test_what_was_done_before_its_day_does_not_open_what_follows_it() -> None:
    modules = module("on_cohort_date", A, days=7), module("after_previous", B)
    assert opened(*modules, begins=BEGINS, finished=[A]) == [
        closed(on=BEGINS + timedelta(days=7)),
        closed(after=1),
    ]


def test_who_has_completed_the_course_has_all_of_it_open() -> None:
    modules = module("at_once", A), module("after_previous", B), module("on_cohort_date", C, days=60)
    assert opened(*modules, begins=BEGINS, completed=True) == [OPEN, OPEN, OPEN]


def test_a_day_begins_at_midnight_in_morocco(country: Country) -> None:
    course = publish_course(country)
    group = Cohort.objects.create(
        course=course, organisation=country.larache_centre, title={"ar": "فوج"}, starts_on=BEGINS
    )
    enrolment, _new = enrol(
        learner=make_person(home=country.larache_centre), course=course, cohort=group, at=timezone.now()
    )
    midnight = datetime(2027, 3, 1, tzinfo=MOROCCO)
    modules = [module("at_once", A)]
    before = midnight - timedelta(seconds=1)
    assert gates_of(enrolment, modules, finished=(), at=midnight) == [OPEN]
    assert gates_of(enrolment, modules, finished=(), at=before) == [closed(on=BEGINS)]


# what it lets her do


@pytest.fixture
def following(country: Country) -> Learning:
    """Alice on a course of two texts, then a quiz that opens after them."""
    return paced(country, "after_previous")


def modules_of(learning: Learning) -> list[dict[str, Any]]:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/progress"
    found: list[dict[str, Any]] = learning.client.get(path).json()["modules"]
    return found


def said(*, open: bool = True, on: str | None = None, after: int | None = None) -> dict[str, Any]:  # noqa: A002
    return {"open": open, "opens_on": on, "opens_after": after}


def test_a_quiz_begins_only_when_its_module_is_open(following: Learning) -> None:
    path = f"/api/v1/enrolments/{following.enrolment.uuid}/lessons/{following.quiz.uuid}/attempts"
    refused = following.client.post(path, {}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "module_closed")
    assert modules_of(following) == [said(), said(open=False, after=1)]
    following.finish_texts()
    assert modules_of(following) == [said(), said()]
    assert following.client.post(path, {}, format="json").status_code == 201


def test_her_progress_says_the_day_a_module_opens(country: Country) -> None:
    today = timezone.localdate()
    learning = paced(country, "on_cohort_date", days=3, starts_on=today)
    assert modules_of(learning) == [said(), said(open=False, on=(today + timedelta(days=3)).isoformat())]
    Cohort.objects.update(starts_on=today - timedelta(days=3))
    assert modules_of(learning) == [said(), said()]


def test_a_group_that_has_not_begun_has_nothing_open_and_one_that_ended_has_everything(
    country: Country,
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    learning = paced(country, "on_cohort_date", starts_on=tomorrow)
    assert modules_of(learning) == [said(open=False, on=tomorrow.isoformat())] * 2
    long_ago = tomorrow - timedelta(days=60)
    Cohort.objects.update(starts_on=long_ago, ends_on=long_ago + timedelta(days=30))
    assert modules_of(learning) == [said(), said()]
    assert learning.complete().state == "completed"


def test_what_she_did_in_a_closed_module_is_never_lost(country: Country) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    learning = paced(country, "on_cohort_date", starts_on=tomorrow)
    assert learning.statuses(*(learning.event(text) for text in learning.texts)) == ["accepted", "accepted"]
    assert learning.fresh().percent == 66


def test_the_gates_cost_no_statement_of_their_own(following: Learning) -> None:
    path = f"/api/v1/enrolments/{following.enrolment.uuid}/progress"
    following.client.get(path)  # a process reads the rules of a publication once
    with statements(3):  # her session; her enrolment with its cohort; what she did
        following.client.get(path)


def test_a_phone_asks_again_in_vain_until_a_module_opens(following: Learning) -> None:
    path = f"/api/v1/enrolments/{following.enrolment.uuid}/progress"
    tag = following.client.get(path)["ETag"]
    assert following.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    following.finish_texts()
    assert following.client.get(path, headers={"If-None-Match": tag}).status_code == 200
