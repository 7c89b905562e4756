from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from learners.support.api import present_request
from learners.support.models import SupportRequest, SupportState
from learners.support.queries import asked_at_centre_of
from learners.support.services import SupportClosed, SupportTaken, close_request, take_request
from lms.accounts.models import Person
from lms.accounts.services import show_names
from lms.errors import NotFound, Refusal
from lms.pages.lists import page_of
from lms.pages.page import Page


class SupportRequests(Page):
    """The women of her centre who want support with a project, the oldest first; the look is recorded."""

    ability = "support.answer"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.listed(request)

    def listed(self, request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
        staff = cast("Person", request.user)
        state = SupportState.CLOSED if "closed" in request.GET else ""
        rows, following = page_of(asked_at_centre_of(staff, state=state), request, ordering="id")
        women = [row.enrolment.learner for row in rows]
        names = show_names(viewer=staff, people=women, surface="support", at=timezone.now())
        return self.show(
            "learners/support/requests.html",
            status=refusal.status if refusal else 200,
            requests=[present_request(row, names[row.enrolment.learner_id].full, staff.pk) for row in rows],
            closed=bool(state),
            refusal=refusal and refusal.detail,
            next=following,
        )


class AnswerSupport(SupportRequests):
    """POST: take a request (`take`), or close it (`close`)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, support_id: UUID) -> HttpResponse:
        staff, at = cast("Person", request.user), timezone.now()
        asked = get_object_or_404(SupportRequest.objects.visible_to(staff), uuid=support_id)
        action = request.POST.get("action")
        if action not in {"take", "close"}:
            raise NotFound
        try:
            if action == "take":
                take_request(request=asked, by=staff, at=at)
            else:
                close_request(request=asked, by=staff, at=at)
        except (SupportTaken, SupportClosed) as refusal:
            return self.listed(request, refusal)
        return HttpResponseRedirect(reverse("support-requests"), status=303)
