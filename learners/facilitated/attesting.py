"""A facilitator records, for one woman or a room, a lesson done together or the result of a quiz on paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from learners.enrolments.models import Enrolment, EnrolmentQuerySet, EnrolmentState
from learners.facilitated.models import Attestation, AttestedKind, GroupSession, Presence
from learners.facilitated.queries import latest_marks
from learners.facilitated.services import DOORS_OPEN, SessionCancelled, SessionNotBegun
from learners.progress.attesting import Attested, record_attested
from lms.accounts.models import Person
from lms.errors import NotFound

AT_ONCE: Final = 200


@transaction.atomic
def attest(
    *, by: Person, items: Sequence[Attested], at: datetime, session: GroupSession | None = None
) -> Sequence[Attested]:
    """Record under her own name; says of each item what became of it. Safe to repeat.

    Out of a `session` the woman must take part in it and not be marked absent, and the day is the session's.
    Refuses all with `not_found` where one woman learns elsewhere, `session_cancelled`, `session_not_begun`; one by
    one: `not_in_this_session`, `marked_absent`, `not_the_day_of_the_session`, and those of `record_attested`.
    """
    enrolments = list(_recordable(by).filter(uuid__in={item.enrolment for item in items}))
    if {each.uuid for each in enrolments} != {item.enrolment for item in items}:
        raise NotFound
    if session:
        _judge_by_session(items, enrolments, session, at)
    record_attested(by=by, items=items, enrolments=enrolments, at=at)
    places = {each.uuid: each for each in enrolments}
    Attestation.objects.bulk_create(
        _attestation(item, places[item.enrolment], by, session, at)
        for item in items
        if item.status == "accepted"
    )
    return items


def _recordable(by: Person) -> EnrolmentQuerySet:
    """The enrolments, left ones too, of the very centres where she works."""
    return Enrolment.objects.filter(organisation__path__in=by.scope.home_paths)


def _judge_by_session(
    items: Sequence[Attested], enrolments: Sequence[Enrolment], session: GroupSession, at: datetime
) -> None:
    if session.cancelled_at:
        raise SessionCancelled
    if at < session.starts_at - DOORS_OPEN:
        raise SessionNotBegun
    keys = {each.uuid: each.pk for each in enrolments}
    here = set(session.women().filter(pk__in=keys.values()).values_list("uuid", flat=True))
    left = {each.uuid for each in enrolments if each.state == EnrolmentState.WITHDRAWN}
    absent = {
        mark.enrolment_id
        for mark in latest_marks(session, keys.values())
        if mark.presence != Presence.PRESENT
    }
    for item in items:
        if item.enrolment not in here | left:
            item.code = "not_in_this_session"
        elif keys[item.enrolment] in absent:
            item.code = "marked_absent"
        elif item.done_on != timezone.localdate(session.starts_at):
            item.code = "not_the_day_of_the_session"


def _attestation(
    item: Attested, enrolment: Enrolment, by: Person, session: GroupSession | None, at: datetime
) -> Attestation:
    assert item.event is not None  # noqa: S101  # accepted: it was stored
    assert enrolment.organisation_id is not None  # noqa: S101  # found by its centre
    kind = AttestedKind.LESSON if item.score is None else AttestedKind.PAPER_QUIZ
    return Attestation(
        event_id=item.event,
        enrolment=enrolment,
        organisation_id=enrolment.organisation_id,
        session=session,
        kind=kind,
        by=by,
        done_on=item.done_on,
        recorded_at=at,
    )
