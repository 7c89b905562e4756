"""Planning a session, changing and calling it off, and saying who came. Every change is written down."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.refusals import ChangedMeanwhile
from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.facilitated.models import AttendanceMark, GroupSession, Presence
from learners.facilitated.queries import latest_marks
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.organisations.models import Organisation

LONGEST: Final = timedelta(hours=12)
DOORS_OPEN: Final = timedelta(hours=1)
CORRECTABLE_DAYS: Final = 30
AHEAD_DAYS: Final = 731
ROOM_AT_MOST: Final = 200

ENDS_EARLY: Final = _("A session ends after it begins.")
OUT_OF_TIME: Final = _("A session lies between 30 days back and two years ahead.")
TOO_LONG: Final = _("A session lasts at most 12 hours.")
PLACE_OR_LINK: Final = _("Give a place at the centre or a link, not both.")
NOT_HERE: Final = _("She does not take part in this session.")


class SessionCancelled(Refusal):
    code = "session_cancelled"
    status = 409
    message = _("This session was cancelled.")


class SessionNotBegun(Refusal):
    code = "session_not_begun"
    status = 409
    message = _("This session has not begun yet.")


class SessionHeld(Refusal):
    code = "session_held"
    status = 409
    message = _("Attendance was recorded: the time of this session stays.")


class AttendanceClosed(Refusal):
    code = "attendance_closed"
    status = 409
    message = _("Attendance can be corrected for 30 days after the session.")


@transaction.atomic
def plan_session(
    *,
    course: Course,
    organisation: Organisation,
    cohort: Cohort | None,
    by: Person,
    at: datetime,
    **said: Any,
) -> GroupSession:
    """Plan a session; `said`: `starts_at`, `ends_at`, and where wanted `title`, `place` or `link` (https).

    Refusals: `ends_before_it_begins`, `session_too_long`, `session_out_of_time`, `place_or_link`.
    """
    session = GroupSession(
        course=course, organisation=organisation, cohort=cohort, created_by=by, created_at=at, **said
    )
    _check(session)
    _check_time(session, at)
    session.save(force_insert=True)
    _write_down(session, by, "session.plan", at)
    return session


@transaction.atomic
def change_session(
    *, session: GroupSession, by: Person, changes: Mapping[str, Any], expected: int | None, at: datetime
) -> GroupSession:
    """Change when and where a session is, or its title. `expected` is the version she saw; None stands for any.

    Refusals: `changed_meanwhile`, `session_cancelled`, `session_held` for another time once attendance was recorded,
    and those of `plan_session`.
    """
    session = _locked(session)
    if expected is not None and session.version != expected:
        raise ChangedMeanwhile
    moved = any(getattr(session, name) != changes.get(name, getattr(session, name)) for name in TIMES)
    if moved and session.marks.exists():
        raise SessionHeld
    for name, value in changes.items():
        setattr(session, name, value)
    _check(session)
    if moved:
        _check_time(session, at)
    session.version += 1
    session.save()
    _write_down(session, by, "session.change", at, *changes)
    return session


TIMES: Final = ("starts_at", "ends_at")


@transaction.atomic
def cancel_session(*, session: GroupSession, by: Person, at: datetime) -> GroupSession:
    """Call a session off; it stays to be seen. Safe to repeat. `session_held` once attendance was recorded."""
    session = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    if session.cancelled_at:
        return session
    if session.marks.exists():
        raise SessionHeld
    session.cancelled_at = at
    session.version += 1
    session.save(update_fields=["cancelled_at", "version"])
    _write_down(session, by, "session.cancel", at)
    return session


def _locked(session: GroupSession) -> GroupSession:
    locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    if locked.cancelled_at:
        raise SessionCancelled
    return locked


def _check(session: GroupSession) -> None:
    if session.ends_at <= session.starts_at:
        raise InvalidInput.at("/ends_at", "ends_before_it_begins", ENDS_EARLY)
    if session.ends_at - session.starts_at > LONGEST:
        raise InvalidInput.at("/ends_at", "session_too_long", TOO_LONG)
    if session.place and session.link:
        raise InvalidInput.at("/link", "place_or_link", PLACE_OR_LINK)


def _check_time(session: GroupSession, at: datetime) -> None:
    first, last = at - timedelta(days=CORRECTABLE_DAYS), at + timedelta(days=AHEAD_DAYS)
    if not first <= session.starts_at <= last:
        raise InvalidInput.at("/starts_at", "session_out_of_time", OUT_OF_TIME)


@transaction.atomic
def mark_attendance(
    *, session: GroupSession, marks: Mapping[UUID, str], by: Person, at: datetime
) -> list[AttendanceMark]:
    """Say of women, by their enrolments, that they were `present`, `absent` or `excused`; returns what is new.

    Safe to repeat: what was said already is not said again. Refusals: `session_cancelled`, `session_not_begun` until
    an hour before it begins, `attendance_closed` from 30 days after it, `not_in_this_session` for all where one of
    them does not take part.
    """
    session = _markable(session, at)
    women = dict(session.women().filter(uuid__in=marks).values_list("uuid", "pk"))
    if unknown := [place for place, uuid in enumerate(marks) if uuid not in women]:
        raise InvalidInput.at(f"/marks/{unknown[0]}/enrolment", "not_in_this_session", NOT_HERE)
    return _store(session, {women[uuid]: presence for uuid, presence in marks.items()}, by, at)


@transaction.atomic
def mark_room(*, session: GroupSession, presence: Presence, by: Person, at: datetime) -> list[AttendanceMark]:
    """Say the same of every woman of whom nothing was said yet. Safe to repeat. Refusals of `mark_attendance`."""
    session = _markable(session, at)
    women = session.women().exclude(pk__in=session.marks.values("enrolment"))
    return _store(session, dict.fromkeys(women.values_list("pk", flat=True), presence), by, at)


def _markable(session: GroupSession, at: datetime) -> GroupSession:
    session = _locked(session)
    if at < session.starts_at - DOORS_OPEN:
        raise SessionNotBegun
    if at > session.ends_at + timedelta(days=CORRECTABLE_DAYS):
        raise AttendanceClosed
    return session


def _store(session: GroupSession, said: Mapping[int, str], by: Person, at: datetime) -> list[AttendanceMark]:
    known = {mark.enrolment_id: mark.presence for mark in latest_marks(session, said)}
    fresh = [
        AttendanceMark(session=session, enrolment_id=woman, presence=presence, by=by, at=at)
        for woman, presence in said.items()
        if known.get(woman) != presence
    ]
    return AttendanceMark.objects.bulk_create(fresh)


def _write_down(session: GroupSession, by: Person, verb: str, at: datetime, *fields: str) -> None:
    record_change(actor=by, verb=verb, subject=f"group_session:{session.uuid}", fields=fields, at=at)
