"""What a phone sends is never lost, counted once, and in any order comes to the same."""

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learners.progress.models import LessonProgress, ProgressEvent
from learners.progress.services import rebuild_progress
from tests.cast import Country, client_for, make_person
from tests.learners.learning import Learning, begin_learning


def fold_of(learning: Learning) -> list[tuple[Any, ...]]:
    rows = LessonProgress.objects.filter(enrolment=learning.enrolment).order_by("lesson")
    return list(
        rows.values_list(
            "lesson", "state", "percent", "score", "seconds", "position", "finished_at", "last_at"
        )
    )


def test_an_event_sent_twice_counts_once(learning: Learning) -> None:
    event = learning.event(learning.texts[0], seconds=60)
    assert learning.statuses(event) == ["accepted"]
    assert learning.statuses(event, event) == ["duplicate", "duplicate"]
    assert LessonProgress.objects.get(enrolment=learning.enrolment).seconds == 60


def test_a_repeat_inside_one_batch_counts_once(learning: Learning) -> None:
    event = learning.event(learning.texts[0], seconds=60)
    assert learning.statuses(event, event) == ["accepted", "duplicate"]
    assert ProgressEvent.objects.count() == 1


def test_an_id_used_for_something_else_is_refused(learning: Learning) -> None:
    event = learning.event(learning.texts[0])
    assert learning.statuses(event, event | {"seconds": 5}) == ["accepted", "event_id_reused"]
    assert learning.statuses(event | {"seconds": 5}) == ["event_id_reused"]


def test_ids_belong_to_a_person_not_to_the_world(country: Country) -> None:
    alice, bahija = begin_learning(country), begin_learning(country)
    event = alice.event(alice.texts[0])
    other = bahija.event(bahija.texts[0], id=event["id"])
    assert alice.statuses(event) == ["accepted"]
    assert bahija.statuses(other) == ["accepted"]


def test_one_bad_event_among_99_spoils_no_other(learning: Learning) -> None:
    events = [learning.event(learning.texts[0], "progressed", percent=n) for n in range(99)]
    events.insert(40, learning.event(learning.texts[0], percent=250))
    statuses = learning.statuses(*events)
    assert statuses.count("accepted") == 99
    assert statuses[40] == "percent_out_of_range"


def test_each_thing_wrong_with_an_event_has_its_code(learning: Learning, country: Country) -> None:
    stranger = begin_learning(country)

    def wrong(**fields: Any) -> dict[str, Any]:
        return learning.event(learning.texts[0]) | fields

    assert learning.statuses(
        "not an object",
        wrong(id="7"),
        wrong(enrolment=str(uuid.uuid4())),
        wrong(enrolment=str(stranger.enrolment.uuid)),
        wrong(lesson=str(stranger.texts[0].uuid)),
        wrong(verb="eaten"),
        wrong(occurred_at="yesterday"),
        wrong(occurred_at="2026-11-22T10:00:00"),
        wrong(seconds=-1),
        wrong(position="far"),
        wrong(score=101),
        learning.event(learning.quiz),
    ) == [
        "not_an_event",
        "not_an_id",
        "enrolment_unknown",
        "enrolment_unknown",
        "lesson_not_in_course",
        "verb_unknown",
        "not_a_time",
        "not_a_time",
        "seconds_out_of_range",
        "position_out_of_range",
        "score_out_of_range",
        "quiz_needs_attempt",
    ]
    assert not ProgressEvent.objects.exists()


def test_501_events_are_refused_and_none_is_stored(learning: Learning) -> None:
    answer = learning.send(*(learning.event(learning.texts[0]) for _ in range(501)))
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_events")
    assert not ProgressEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"device": "x", "events": [', 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b'{"events": [{}]}', 422, "invalid"),
        (b'{"device": "x", "events": []}', 422, "invalid"),
        (b'{"device": "x", "events": "many"}', 422, "invalid"),
        (b'{"device": "' + b"x" * 65 + b'", "events": [{}]}', 422, "invalid"),
    ],
)
def test_what_is_no_batch_is_refused_whole(learning: Learning, body: bytes, status: int, code: str) -> None:
    answer = learning.client.post("/api/v1/progress/events", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_of_100_megabytes_is_refused(learning: Learning) -> None:
    body = b'{"device": "' + b"x" * 100_000_000 + b'"}'
    answer = learning.client.post("/api/v1/progress/events", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("year", [1970, 2016, 2036, 2099])
def test_an_impossible_clock_is_kept_doubted_and_ours_counts(learning: Learning, year: int) -> None:
    before = timezone.now()
    event = learning.event(learning.texts[0], occurred_at=f"{year}-06-01T00:00:00Z")
    assert learning.statuses(event) == ["accepted"]
    stored = ProgressEvent.objects.get()
    assert stored.clock == "doubtful"
    assert stored.occurred_at.year == year
    row = LessonProgress.objects.get(enrolment=learning.enrolment)
    assert row.finished_at is not None
    assert row.finished_at >= before
    assert learning.fresh().last_active_at <= timezone.now()


def test_a_time_before_the_enrolment_is_believed(learning: Learning) -> None:
    earlier = timezone.now() - timedelta(days=100)
    learning.send(learning.event(learning.texts[0], occurred_at=earlier.isoformat()))
    assert ProgressEvent.objects.get().clock == "trusted"
    assert LessonProgress.objects.get().finished_at == earlier


def test_finishing_needs_no_earlier_event_and_never_exceeds_100(learning: Learning) -> None:
    learning.send(
        learning.event(learning.texts[0]), learning.event(learning.texts[0], "progressed", percent=10)
    )
    row = LessonProgress.objects.get()
    assert (row.state, row.percent) == ("finished", 100)


def test_statements_do_not_grow_with_the_batch(
    learning: Learning, django_assert_max_num_queries: Any
) -> None:
    learning.send(learning.event(learning.texts[0]))
    for size in (1, 500):
        events = [learning.event(learning.texts[n % 2], "progressed", percent=5) for n in range(size)]
        with django_assert_max_num_queries(9):  # 6 of them statements, 3 transaction control
            learning.send(*events)
        with django_assert_max_num_queries(6):  # a replay ends after it is recognised
            learning.send(*events)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["opened", "progressed", "finished"]),
        st.integers(-30, 30),
        st.one_of(st.none(), st.integers(0, 100)),
        st.one_of(st.none(), st.integers(0, 900)),
        st.integers(0, 600),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_order_any_repetition_and_a_rebuild_come_to_the_same(
    country: Country, drawn: list[tuple[Any, ...]], shuffler: random.Random
) -> None:
    one, other = begin_learning(country), begin_learning(country)
    now = timezone.now() - timedelta(days=40)
    batches: list[list[dict[str, Any]]] = [[], []]
    for lesson, verb, minutes, percent, position, seconds in drawn:
        said = {
            "occurred_at": (now + timedelta(minutes=minutes)).isoformat(),
            "percent": percent,
            "position": position,
            "seconds": seconds,
        }
        for batch, learning in zip(batches, (one, other), strict=True):
            batch.append(learning.event(learning.texts[lesson], verb, **said))
    one.send(*batches[0])
    shuffled = batches[1] + shuffler.sample(batches[1], len(batches[1]) // 2)
    shuffler.shuffle(shuffled)
    for event in shuffled:
        other.send(event)
    as_sent, in_pieces = (
        [row[1:] for row in sorted(fold_of(x), key=lambda r: _place(x, r[0]))] for x in (one, other)
    )
    assert as_sent == in_pieces
    before = fold_of(one)
    rebuild_progress(enrolment=one.enrolment, at=timezone.now())
    assert fold_of(one) == before


def _place(learning: Learning, lesson: uuid.UUID) -> int:
    return [published.uuid for published in learning.lessons].index(lesson)


def test_a_stranger_reads_neither_progress_nor_eligibility(learning: Learning, country: Country) -> None:
    stranger = client_for(make_person(home=country.larache_centre))
    for what in ("", "/progress", "/eligibility"):
        answer = stranger.get(f"/api/v1/enrolments/{learning.enrolment.uuid}{what}")
        assert answer.status_code == 404


def test_eligibility_says_what_is_missing(learning: Learning) -> None:
    learning.send(learning.event(learning.texts[0]))
    answer = learning.client.get(f"/api/v1/enrolments/{learning.enrolment.uuid}/eligibility").json()
    assert (answer["complete"], answer["met"], answer["needed"]) == (False, 1, 3)
    assert [rule["met"] for rule in answer["rules"]] == [True, False, False]
    assert all(rule["title"] for rule in answer["rules"])
