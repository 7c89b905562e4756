"""Quiet hours by the clock of Casablanca, over midnight and over the two nights a year in which that clock jumps."""

from datetime import UTC, datetime, time

import pytest

from learners.notifications.quiet import DEFAULT, NEVER, Quiet, day_begins, next_day


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "loud"),
    [
        ("2026-11-22T19:59:59", "2026-11-22T19:59:59"),  # 20:59 at her side, at UTC+1
        ("2026-11-22T20:00:00", "2026-11-23T07:00:00"),
        ("2026-11-22T22:59:59", "2026-11-23T07:00:00"),
        ("2026-11-22T23:00:00", "2026-11-23T07:00:00"),  # midnight
        ("2026-11-23T06:59:59", "2026-11-23T07:00:00"),
        ("2026-11-23T07:00:00", "2026-11-23T07:00:00"),
    ],
)
def test_from_nine_in_the_evening_until_eight_nothing_rings(at: str, loud: str) -> None:
    assert DEFAULT.next_loud(utc(at)) == utc(loud)


@pytest.mark.parametrize(
    ("at", "loud"),
    [
        # In the night of 15 February 2026 the clocks went from 03:00 back to 02:00, to UTC+0, for Ramadan.
        ("2026-02-14T20:00:00", "2026-02-15T08:00:00"),
        ("2026-02-15T07:30:00", "2026-02-15T08:00:00"),
        ("2026-02-15T20:30:00", "2026-02-15T20:30:00"),  # 20:30; at UTC+1 it would have been quiet
        # In that of 22 March they went from 02:00 on to 03:00, to UTC+1.
        ("2026-03-21T21:00:00", "2026-03-22T07:00:00"),
        ("2026-03-22T07:00:00", "2026-03-22T07:00:00"),
        # In 2027 the same on 7 February and 14 March.
        ("2027-02-06T20:00:00", "2027-02-07T08:00:00"),
        ("2027-02-07T20:30:00", "2027-02-07T20:30:00"),
        ("2027-03-13T21:00:00", "2027-03-14T07:00:00"),
        ("2027-03-14T20:00:00", "2027-03-15T07:00:00"),
    ],
)
def test_ramadan_moves_the_clock_within_the_quiet_hours(at: str, loud: str) -> None:
    assert DEFAULT.next_loud(utc(at)) == utc(loud)


def test_an_end_that_the_clock_jumps_over_is_the_moment_after_the_jump() -> None:
    quiet = Quiet(time(23, 0), time(2, 30))  # 02:30 does not exist in the night of 22 March 2026
    loud = quiet.next_loud(utc("2026-03-21T23:30:00"))
    assert not quiet.covers(loud)
    assert utc("2026-03-22T02:00:00") <= loud <= utc("2026-03-22T02:30:00")


def test_an_end_that_the_clock_shows_twice_holds_each_time() -> None:
    quiet = Quiet(time(23, 0), time(2, 30))  # 02:30 comes twice in the night of 15 February 2026
    assert quiet.next_loud(utc("2026-02-15T00:30:00")) == utc("2026-02-15T01:30:00")
    assert quiet.next_loud(utc("2026-02-15T02:10:00")) == utc("2026-02-15T02:30:00")


@pytest.mark.parametrize("hour", range(24))
def test_every_moment_of_those_nights_finds_a_later_one_that_is_loud(hour: int) -> None:
    for quiet in (
        DEFAULT,
        Quiet(time(1, 0), time(3, 0)),
        Quiet(time(22, 0), time(2, 0)),
        Quiet(time(9), time(8)),
    ):
        for day in ("2026-02-14", "2026-02-15", "2026-03-21", "2026-03-22", "2027-02-07", "2027-03-14"):
            at = utc(f"{day}T{hour:02}:17:00")
            loud = quiet.next_loud(at)
            assert not quiet.covers(loud)
            assert (loud == at) == (not quiet.covers(at))
            assert loud >= at


def test_by_day_and_never() -> None:
    siesta = Quiet(time(13, 0), time(15, 0))
    assert siesta.next_loud(utc("2026-11-22T12:30:00")) == utc("2026-11-22T14:00:00")
    assert siesta.next_loud(utc("2026-11-22T14:00:00")) == utc("2026-11-22T14:00:00")
    for hour in range(24):
        assert not NEVER.covers(utc(f"2026-11-22T{hour:02}:00:00"))


def test_a_day_is_one_of_casablanca() -> None:
    late = utc("2026-11-22T23:30:00")  # half past midnight of the 23rd
    assert day_begins(late) == utc("2026-11-22T23:00:00")
    assert next_day(late) == utc("2026-11-23T23:00:00")
    assert day_begins(utc("2026-02-20T12:00:00")) == utc("2026-02-20T00:00:00")  # in Ramadan
