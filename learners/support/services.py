"""Asking for support with a project after a course, and answering for it at her centre."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from learners.enrolments.models import Enrolment
from learners.events import SupportAsked
from learners.support.models import SupportRequest, SupportState
from lms import sealing
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish

WORDS_AT_MOST: Final = 500


class CourseNotCompleted(Refusal):
    code = "course_not_completed"
    status = 409
    message = _("First finish the course. Then your centre helps you with your project.")


class NoCentreYet(Refusal):
    code = "no_centre_yet"
    status = 409
    message = _("You have no centre yet. Ask to join one first.")


class SupportAskedAlready(Refusal):
    """Other words under a request that is still open."""

    code = "support_asked"
    status = 409
    message = _("Your centre has your request already. It will speak with you.")


class SupportTaken(Refusal):
    code = "support_taken"
    status = 409
    message = _("A colleague has taken this request.")


class SupportClosed(Refusal):
    code = "support_closed"
    status = 409
    message = _("This request is closed.")


@transaction.atomic
def ask_for_support(*, enrolment: Enrolment, words: str, at: datetime) -> tuple[SupportRequest, bool]:
    """She wants support with her project; returns the request and whether it is new. Safe to repeat.

    `words` is what she wants to say, 500 characters at most, or nothing. The request lands at the place where she
    belongs; who asked stays there. Refusals: `course_not_completed`, `no_centre_yet`, `support_asked`.
    """
    rows = Enrolment.objects.select_related("learner").select_for_update(no_key=True, of=("self",))
    enrolment = rows.get(pk=enrolment.pk)
    if enrolment.completed_at is None:
        raise CourseNotCompleted
    if enrolment.learner.home_organisation_id is None and enrolment.organisation_id is None:
        raise NoCentreYet
    known = enrolment.support_requests.open().first()
    if known:
        if known.read() != words:
            raise SupportAskedAlready
        return known, False
    request = SupportRequest(enrolment=enrolment, asked_at=at)
    request.words = sealing.seal(words, table="support_request", column="words", row=request.uuid)
    request.save(force_insert=True)
    publish(SupportAsked(support_request_id=request.pk))
    return request, True


@transaction.atomic
def take_request(*, request: SupportRequest, by: Person, at: datetime) -> SupportRequest:
    """Someone of her centre speaks with her from now on. Safe to repeat.

    Refusals: `support_taken` by a colleague, `support_closed`.
    """
    request = _locked(request)
    if request.state == SupportState.CLOSED:
        raise SupportClosed
    if request.state == SupportState.TAKEN:
        if request.taken_by_id != by.pk:
            raise SupportTaken
        return request
    request.state, request.taken_by, request.taken_at = SupportState.TAKEN, by, at
    request.save(update_fields=["state", "taken_by", "taken_at"])
    _write_down(request, by, "support.take", at)
    return request


@transaction.atomic
def close_request(*, request: SupportRequest, by: Person, at: datetime) -> SupportRequest:
    """What could be done is done, also by a colleague of who took it. She may ask again later. Safe to repeat."""
    request = _locked(request)
    if request.state != SupportState.CLOSED:
        request.state, request.closed_by, request.closed_at = SupportState.CLOSED, by, at
        request.save(update_fields=["state", "closed_by", "closed_at"])
        _write_down(request, by, "support.close", at)
    return request


def _locked(request: SupportRequest) -> SupportRequest:
    return SupportRequest.objects.select_for_update(no_key=True).get(pk=request.pk)


def _write_down(request: SupportRequest, by: Person, verb: str, at: datetime) -> None:
    record_change(actor=by, verb=verb, subject=f"support:{request.uuid}", at=at)
