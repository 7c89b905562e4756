"""Her messages: read where they stand, so that opening the page is reading them."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from learners.notifications.models import Notification, NotificationKind
from learners.notifications.queries import messages_of
from learners.notifications.services import mark_all_read
from learners.notifications.texts import words_for
from lms.accounts.models import Person
from lms.pages.lists import page_of
from lms.pages.page import Page

ABOUT_COURSES = {NotificationKind.NUDGE}
ABOUT_CERTIFICATES = {
    NotificationKind.COURSE_COMPLETED,
    NotificationKind.CERTIFICATE_READY,
    NotificationKind.CERTIFICATE_REVOKED,
}


def place_of(notification: Notification) -> str:
    """The address of what a message speaks of."""
    if notification.kind in ABOUT_CERTIFICATES:
        return reverse("certificates")
    if notification.kind in ABOUT_COURSES and notification.enrolment:
        return reverse("course", args=[notification.enrolment.course.slug])
    return reverse("catalogue")


def present_message(notification: Notification, *, discreet: bool) -> dict[str, Any]:
    title, body = words_for(notification, discreet=discreet)
    return {
        "title": title,
        "body": body,
        "at": notification.created_at,
        "new": notification.read_at is None,
        "url": place_of(notification),
    }


class Messages(Page):
    ability = "notification.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = cast("Person", request.user)
        rows, older = page_of(messages_of(person), request)
        messages = [present_message(row, discreet=person.discreet) for row in rows]
        if request.method == "GET":
            mark_all_read(person=person, notifications=rows, at=timezone.now())
        return self.show("learners/notifications/messages.html", messages=messages, next=older)
