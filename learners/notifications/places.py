"""Where a message leads: the address of what it speaks of."""

from collections.abc import Mapping
from typing import Final

from django.urls import reverse

from learners.notifications.models import Notification, NotificationKind

ABOUT_COURSES = {NotificationKind.NUDGE, NotificationKind.ALMOST_THERE, NotificationKind.ENROLLED}
ONE_PAGE: Final[Mapping[str, str]] = {
    NotificationKind.COURSE_COMPLETED: "certificates",
    NotificationKind.CERTIFICATE_READY: "certificates",
    NotificationKind.CERTIFICATE_REVOKED: "certificates",
    NotificationKind.NEW_DEVICE: "account",
    NotificationKind.SUPPORT_ASKED: "support-requests",
    NotificationKind.HELP_ASKED: "help-requests",
    NotificationKind.DRAFT_DECIDED: "authoring",
}


def place_of(notification: Notification) -> str:
    """The path of the page; `enrolment__course` should be selected with the notification."""
    if notification.kind in ONE_PAGE:
        return reverse(ONE_PAGE[notification.kind])
    if notification.kind in ABOUT_COURSES and notification.enrolment:
        return reverse("course", args=[notification.enrolment.course.slug])
    if notification.kind == NotificationKind.IMPORT_DONE:
        return reverse("import", args=[notification.about.partition(":")[2]])
    if notification.kind == NotificationKind.HELP_ANSWERED and notification.enrolment:
        return reverse("ask-for-help", args=[notification.enrolment.course.slug])
    return reverse("catalogue")
