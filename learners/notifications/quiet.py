"""Quiet hours: when nothing may ring at her side. Days and clocks are those of Africa/Casablanca.

That zone goes from UTC+1 to UTC+0 for Ramadan and back, on days that follow the moon; both steps fall at night,
within the quiet hours of most. So moments are found by her wall clock and turned into UTC last.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db import transaction

from learners.notifications.models import QuietHours
from lms.accounts.models import Person
from lms.languages import CASABLANCA


@dataclass(frozen=True)
class Quiet:
    """From one time of day until another; over midnight where it ends before it starts; never where they are equal."""

    starts: time
    ends: time

    def covers(self, at: datetime) -> bool:
        now = at.astimezone(CASABLANCA).time()
        if self.starts <= self.ends:
            return self.starts <= now < self.ends
        return now >= self.starts or now < self.ends

    def next_loud(self, at: datetime) -> datetime:
        """The first moment from `at` on at which something may ring; `at` itself where it may now."""
        return self._end(at) if self.covers(at) else at

    def _end(self, at: datetime) -> datetime:
        """When her clock shows `ends` next, also in a night in which it shows that hour twice, or jumps over it."""
        today = at.astimezone(CASABLANCA).date()
        ends = [
            datetime.combine(
                today + timedelta(days=days), self.ends.replace(fold=fold), CASABLANCA
            ).astimezone(UTC)
            for days in (0, 1)
            for fold in (0, 1)
        ]
        return min(end for end in ends if end > at and not self.covers(end))


DEFAULT: Final = Quiet(time(21, 0), time(8, 0))
NEVER: Final = Quiet(time(0, 0), time(0, 0))


def quiet_of(person: Person) -> Quiet:
    """Her quiet hours, 21:00–08:00 until she chooses. One statement."""
    chosen = QuietHours.objects.filter(person=person).values_list("starts", "ends").first()
    return Quiet(*chosen) if chosen else DEFAULT


@transaction.atomic
def be_quiet(*, person: Person, quiet: Quiet) -> None:
    """Set her quiet hours. Safe to repeat."""
    QuietHours.objects.update_or_create(person=person, defaults={"starts": quiet.starts, "ends": quiet.ends})


def next_day(at: datetime) -> datetime:
    """Midnight after `at`, in Africa/Casablanca."""
    tomorrow = at.astimezone(CASABLANCA).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0, 0), CASABLANCA).astimezone(UTC)


def day_begins(at: datetime) -> datetime:
    """Midnight before `at`, in Africa/Casablanca."""
    return datetime.combine(at.astimezone(CASABLANCA).date(), time(0, 0), CASABLANCA).astimezone(UTC)
