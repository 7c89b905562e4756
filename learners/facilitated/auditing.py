"""What was recorded for women, a sample of it that somebody else looks at, and what she says of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.facilitated.models import DRAWN_FROM, Attestation, Verdict
from learners.progress.attesting import void_event
from lms.access.scoping import HasScope, within
from lms.accounts.models import Person
from lms.accounts.services import reveal, show_names
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.organisations.queries import not_a_shelter_of_others

SURFACE: Final = "attestations"
SAMPLED_PERCENT: Final = 5
REASON_NEEDED: Final = _("Say why, in at least three letters.")


class OwnRecord(Refusal):
    code = "own_record"
    status = 409
    message = _("You recorded this yourself. Somebody else looks at it.")


class AlreadyJudged(Refusal):
    code = "already_judged"
    status = 409
    message = _("Somebody already answered this.")


def attestations_of(staff: HasScope) -> QuerySet[Attestation]:
    """What was recorded at the centre where she works or below her, with all that a list shows. One statement.

    What was recorded at a confidential centre is its own staff's alone.
    """
    scope = staff.scope
    rows = Attestation.objects.filter(within(scope.paths, "organisation__path"))
    hers = rows.filter(not_a_shelter_of_others(staff, "organisation__"))
    return hers.select_related(
        "event", "enrolment__learner", "enrolment__course", "organisation", "session", "by__identity"
    )


def names_in(
    rows: Sequence[Attestation], *, staff: Person, at: datetime
) -> tuple[dict[int, str], dict[int, str]]:
    """The women's names where the reader may see them, and those of the colleagues who recorded. Three statements.

    Whoever recorded did it under her name. Both looks are recorded.
    """
    women = reveal(viewer=staff, people=[row.enrolment.learner_id for row in rows], surface=SURFACE, at=at)
    known = {row.by_id: row.by for row in rows if hasattr(row.by, "identity")}
    colleagues = show_names(viewer=staff, people=known.values(), surface=SURFACE, at=at)
    return women, {pk: names.full for pk, names in colleagues.items()}


def filtered(
    rows: QuerySet[Attestation],
    *,
    staff: Person,
    by: UUID | None = None,
    session: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    sample: bool = False,
    verdict: str | None = None,
    at: datetime,
) -> QuerySet[Attestation]:
    """Those of one recorder, one session, days (of what was done), the sample, a verdict (`""`: none yet).

    The sample leaves out what she recorded herself: it is not for her to know which of it somebody will look at.
    """
    rows = rows.filter(by__uuid=by) if by else rows
    rows = rows.filter(session__uuid=session) if session else rows
    rows = rows.filter(done_on__gte=since) if since else rows
    rows = rows.filter(done_on__lte=until) if until else rows
    rows = rows.filter(verdict=verdict) if verdict is not None else rows
    return _sample(rows.exclude(by=staff), at) if sample else rows


def _sample(rows: QuerySet[Attestation], at: datetime) -> QuerySet[Attestation]:
    """The sample: 5 % by lot; and of a recorder of whom a month past has none, the lowest lot of that month.

    The lot is drawn when the row is made, so the same question always finds the same rows.
    """
    month = TruncMonth("recorded_at")
    others = Attestation.objects.filter(by=OuterRef("by")).annotate(month=month)
    lower = Q(lot__lt=OuterRef("lot")) | Q(lot=OuterRef("lot"), pk__lt=OuterRef("pk"))
    lowest = ~Exists(others.filter(lower, month=OuterRef("month")))
    this_month = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    by_lot = Q(lot__lt=DRAWN_FROM * SAMPLED_PERCENT // 100)
    return rows.annotate(month=month).filter(by_lot | (Q(recorded_at__lt=this_month) & Q(lowest)))


@transaction.atomic
def judge(
    *, attestation: Attestation, verdict: Verdict, by: Person, at: datetime, reason: str = ""
) -> Attestation:
    """Confirm what somebody else recorded, or dispute it with a reason: then it counts no more.

    Safe to repeat. Refusals: `own_record`, `already_judged` otherwise, `reason_needed`.
    """
    row = Attestation.objects.select_for_update(no_key=True, of=("self",)).select_related("event")
    attestation = row.get(pk=attestation.pk)
    if attestation.by_id == by.pk:
        raise OwnRecord
    if attestation.verdict == verdict:
        return attestation
    if attestation.verdict:
        raise AlreadyJudged
    if verdict == Verdict.DISPUTED and len(reason.strip()) < 3:
        raise InvalidInput.at("/reason", "reason_needed", REASON_NEEDED)
    attestation.verdict, attestation.reason = verdict, reason.strip()
    attestation.judged_by, attestation.judged_at = by, at
    attestation.save(update_fields=["verdict", "reason", "judged_by", "judged_at"])
    if verdict == Verdict.DISPUTED:
        void_event(event=attestation.event, at=at)
    subject = f"attestation:{attestation.uuid}"
    record_change(actor=by, verb=f"attestation.{verdict}", subject=subject, at=at, fields=["verdict"])
    return attestation
