"""Who asked for support, as she herself and as her centre sees it."""

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Coalesce
from django.utils import timezone

from learners.enrolments.models import Enrolment
from learners.support.models import SupportRequest, SupportRequestQuerySet, SupportState
from lms.access.policy import CENTRE_ADMIN, MINISTRY_ADMIN, PROVINCE_ADMIN, REGION_ADMIN
from lms.access.scoping import HasScope
from lms.organisations.models import Membership

ADMINISTRATORS = (CENTRE_ADMIN, PROVINCE_ADMIN, REGION_ADMIN, MINISTRY_ADMIN)


def latest_of(enrolment: Enrolment) -> SupportRequest | None:
    """What she asked last on this course. One statement."""
    return SupportRequest.objects.filter(enrolment=enrolment).order_by("-id").first()


def asked_at_centre_of(staff: HasScope, *, state: str = "") -> SupportRequestQuerySet:
    """Requests at the nodes where she works: in one state, else all that are not closed. One statement."""
    rows = SupportRequest.objects.visible_to(staff)
    rows = rows.filter(state=state) if state else rows.open()
    return rows.select_related("enrolment__learner__identity", "enrolment__publication", "enrolment__course")


def administrators_for(request_ids: Collection[int], *, at: datetime) -> list[tuple[int, SupportRequest]]:
    """Who answers for the very places where these new requests came in: (person, request). Two statements."""
    asked = SupportRequest.objects.filter(pk__in=request_ids, state=SupportState.NEW).annotate(
        place=Coalesce("enrolment__learner__home_organisation_id", "enrolment__organisation_id")
    )
    by_place: dict[int, list[SupportRequest]] = {}
    for request in asked:
        by_place.setdefault(request.place, []).append(request)  # type: ignore[attr-defined]  # annotated above
    members = Membership.objects.in_force(timezone.localdate(at)).filter(
        organisation__in=by_place, role__in=ADMINISTRATORS, person__is_active=True
    )
    found = members.values_list("person_id", "organisation_id").distinct()
    return [(person, request) for person, place in found for request in by_place[place]]
