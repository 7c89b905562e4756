"""The nights in which Morocco's clock changes for Ramadan: no job is lost, none runs twice, and days stay days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
import time_machine
from celery.beat import ScheduleEntry
from celery.schedules import crontab

from config.celery import app
from learners.enrolments.models import Enrolment
from learners.reports.models import CountedEnrolment
from learners.reports.services import count_enrolments
from lms.languages import CASABLANCA
from tasks.schedule import SCHEDULE
from tests.cast import Country
from tests.learners.learning import begin_learning

# At 02:00 UTC the clock goes from 03:00 back to 02:00 on 7 February 2027, and from 02:00 on to 03:00 on 14 March.
NIGHTS: Final = {"back": date(2027, 2, 7), "on": date(2027, 3, 14)}
DAILY: Final = {
    name: row
    for name, row in SCHEDULE.items()
    if isinstance(row["schedule"], crontab) and row["schedule"].hour != set(range(24))
}
EACH_MINUTE: Final = {"seal looks", "find letters"}
night = pytest.mark.parametrize("day", NIGHTS.values(), ids=NIGHTS)


def runs(name: str, start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """When beat, which looks every `step`, runs a job."""
    row, at = SCHEDULE[name], start
    with time_machine.travel(start, tick=False) as clock:
        entry = ScheduleEntry(name=name, app=app, schedule=row["schedule"], task=row["task"])
        while at < end:
            clock.move_to(at)
            if entry.is_due()[0]:
                yield at
                entry = next(entry)
            at += step


def test_the_zone_changes_in_these_nights_by_our_data() -> None:
    for day in NIGHTS.values():
        before, after = (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in (1, 3))
        assert before.astimezone(CASABLANCA).utcoffset() != after.astimezone(CASABLANCA).utcoffset()


@night
@pytest.mark.parametrize("name", DAILY)
def test_a_daily_job_runs_once_on_each_day(name: str, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    ran = [
        at.astimezone(CASABLANCA).date()
        for at in runs(name, noon - timedelta(days=2), noon + timedelta(days=1), timedelta(seconds=60))
    ]
    assert ran.count(day) == 1
    assert ran == sorted(set(ran))
    assert {day - timedelta(days=1), day} <= set(ran)


@night
@pytest.mark.parametrize("name", sorted(SCHEDULE.keys() - DAILY.keys()))
def test_what_runs_often_never_stands_still_for_long(name: str, day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ran = list(runs(name, midnight, midnight + timedelta(hours=6), timedelta(seconds=20)))
    longest = max(after - before for before, after in pairwise(ran))
    assert longest <= (timedelta(seconds=80) if name in EACH_MINUTE else timedelta(hours=2, seconds=20))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2027-02-06T22:59:59", "2027-02-06"),  # 23:59:59 at UTC+1
        ("2027-02-06T23:00:00", "2027-02-07"),
        ("2027-02-07T23:59:59", "2027-02-07"),  # the day has 25 hours
        ("2027-02-08T00:00:00", "2027-02-08"),
        ("2027-03-13T23:59:59", "2027-03-13"),
        ("2027-03-14T00:00:00", "2027-03-14"),
        ("2027-03-14T22:59:59", "2027-03-14"),  # and this one 23
        ("2027-03-14T23:00:00", "2027-03-15"),
    ],
)
def test_reports_count_her_on_the_day_of_her_clock(country: Country, moment: str, day: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    enrolment = begin_learning(country).enrolment
    Enrolment.objects.filter(pk=enrolment.pk).update(last_active_at=at)
    count_enrolments(enrolment_ids=[enrolment.pk], at=at + timedelta(hours=30))
    assert CountedEnrolment.objects.get().day.isoformat() == day
