from typing import Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from learners.deliveries.queries import messages_in
from learners.deliveries.services import replay as replay_message
from learners.notifications.models import DeliveryState, NotificationDelivery
from learners.operations.presenting import (
    MESSAGE_WORDS,
    QUEUE_WORDS,
    concerns,
    present_night,
    present_stored,
)
from learners.operations.queries import overview
from lms.accounts.models import Person
from lms.events.models import EventDelivery
from lms.operations.queries import deliveries
from lms.operations.services import replay as replay_delivery
from lms.pages.lists import page_of
from lms.pages.page import Page

# Where a replay may lead back to.
LISTS: Final = frozenset({"dead-deliveries", "failed-messages"})


class Operations(Page):
    """How the platform is, and what was given up; renders whichever server is away, but for the database."""

    ability = "operations.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        at, seen = timezone.now(), overview()
        return self.show(
            "learners/operations/operations.html",
            seen=seen,
            concerns=concerns(seen, at=at),
            queues=[(QUEUE_WORDS[queue], waiting) for queue, waiting in (seen.queues or {}).items()],
            messages=_with_words(seen.failed_messages),
            night=present_night(seen.findings, at=at),
            stored=present_stored(seen.stored),
            replayed="replayed" in request.GET,
        )


def _with_words(messages: list[NotificationDelivery]) -> list[dict[str, object]]:
    return [{"row": row, "word": MESSAGE_WORDS[row.notification.kind]} for row in messages]


class DeadDeliveries(Page):
    """All deliveries that were given up, newest first."""

    ability = "operations.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, more = page_of(deliveries("dead"), request)
        return self.show(
            "learners/operations/dead.html", rows=rows, more=more, replayed="replayed" in request.GET
        )


class FailedMessages(Page):
    """All messages that failed, newest first: neither to whom nor what they said."""

    ability = "operations.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, more = page_of(messages_in(DeliveryState.FAILED), request)
        return self.show(
            "learners/operations/failed.html",
            messages=_with_words(rows),
            more=more,
            replayed="replayed" in request.GET,
        )


class ReplayDelivery(Page):
    ability = "operations.replay"

    def post(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        delivery = get_object_or_404(EventDelivery, uuid=delivery_id)
        replay_delivery(delivery=delivery, by=cast("Person", request.user), at=timezone.now())
        return _back(request)


class ReplayMessage(Page):
    ability = "operations.replay"

    def post(self, request: HttpRequest, message_id: UUID) -> HttpResponse:
        message = get_object_or_404(NotificationDelivery, uuid=message_id)
        replay_message(delivery=message, by=cast("Person", request.user), at=timezone.now())
        return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list she pressed the button on, which no longer holds what was replayed."""
    name = request.POST.get("back", "")
    return HttpResponseRedirect(f"{reverse(name if name in LISTS else 'operations')}?replayed", status=303)
