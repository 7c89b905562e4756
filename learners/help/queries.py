"""Who waits for help, as she herself, her centre and her trainer see it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from learners.enrolments.models import Enrolment
from learners.help.models import HelpChoice, HelpMessage, HelpThread, HelpThreadQuerySet, ThreadState
from lms.access.policy import CENTRE_ADMIN, FACILITATOR
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.accounts.services import is_confidential
from lms.organisations.models import Membership
from lms.voice.models import VoiceNote

ANSWERING = (FACILITATOR, CENTRE_ADMIN)


def wants_help(person: Person) -> bool:
    """Her own choice; else on, but for discreet mode, where a conversation on the phone may be read. One statement."""
    chosen = HelpChoice.objects.filter(person=person).values_list("wanted", flat=True).first()
    return not person.discreet if chosen is None else chosen


def messages_of(enrolment: Enrolment) -> list[HelpMessage]:
    """Her conversation on this course, in the order of arrival. One statement."""
    rows = HelpMessage.objects.filter(thread__enrolment=enrolment)
    return list(rows.select_related("author", "thread", "voice").order_by("id"))


def voice_heard_by(user: HasScope, message: UUID) -> VoiceNote | None:
    """The voice of a message of her own conversation, or of one that is hers to answer. One statement."""
    threads = HelpThread.objects.visible_to(user).values("pk")
    own = Q(thread__enrolment__learner=user.scope.person_id)
    said = HelpMessage.objects.filter(own | Q(thread__in=threads), uuid=message)
    return VoiceNote.objects.filter(pk__in=said.values("voice")).first()


def queue_of(staff: HasScope, *, state: str = "") -> HelpThreadQuerySet:
    """The threads that are hers to answer: in one state, else all that are open. One statement."""
    rows = threads_for(staff)
    return rows.filter(state=state) if state else rows.open()


def threads_for(staff: HasScope) -> HelpThreadQuerySet:
    """All that she may answer, with what is shown of them. One statement."""
    return HelpThread.objects.visible_to(staff).select_related(
        "enrolment__learner__identity",
        "enrolment__learner__home_organisation__centre_type",
        "enrolment__organisation",
        "enrolment__publication",
        "enrolment__course",
    )


def is_at_home(staff: HasScope, thread: HelpThread) -> bool:
    """Whether staff sees her by name: only where both belong to the same place."""
    home = thread.enrolment.learner.home_organisation or thread.enrolment.organisation
    return home is not None and home.path in staff.scope.home_paths


def is_quiet(thread: HelpThread) -> bool:
    """Whether a call may be heard by someone who must not know."""
    learner = thread.enrolment.learner
    return learner.discreet or is_confidential(learner.home_organisation)


def answering(thread_ids: Collection[int], *, at: datetime) -> list[tuple[int, HelpThread]]:
    """Who answers at the very places of those who wait: (person, thread). Two statements."""
    waiting = HelpThread.objects.filter(pk__in=thread_ids, state=ThreadState.WAITING).annotate(
        place=Coalesce("enrolment__learner__home_organisation_id", "enrolment__organisation_id")
    )
    by_place: dict[int, list[HelpThread]] = {}
    for thread in waiting:
        by_place.setdefault(thread.place, []).append(thread)  # type: ignore[attr-defined]  # annotated above
    members = Membership.objects.in_force(timezone.localdate(at)).filter(
        organisation__in=by_place, role__in=ANSWERING, person__is_active=True
    )
    found = members.values_list("person_id", "organisation_id").distinct()
    return [(person, thread) for person, place in found for thread in by_place[place]]
