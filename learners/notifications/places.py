"""Where a message leads: the address of what it speaks of."""

from django.urls import reverse

from learners.notifications.models import Notification, NotificationKind

ABOUT_COURSES = {NotificationKind.NUDGE, NotificationKind.ALMOST_THERE, NotificationKind.ENROLLED}
ABOUT_CERTIFICATES = {
    NotificationKind.COURSE_COMPLETED,
    NotificationKind.CERTIFICATE_READY,
    NotificationKind.CERTIFICATE_REVOKED,
}


def place_of(notification: Notification) -> str:
    """The path of the page; `enrolment__course` should be selected with the notification."""
    if notification.kind in ABOUT_CERTIFICATES:
        return reverse("certificates")
    if notification.kind in ABOUT_COURSES and notification.enrolment:
        return reverse("course", args=[notification.enrolment.course.slug])
    if notification.kind == NotificationKind.NEW_DEVICE:
        return reverse("account")
    if notification.kind == NotificationKind.IMPORT_DONE:
        return reverse("import", args=[notification.about.partition(":")[2]])
    if notification.kind == NotificationKind.SUPPORT_ASKED:
        return reverse("support-requests")
    if notification.kind == NotificationKind.HELP_ASKED:
        return reverse("help-requests")
    if notification.kind == NotificationKind.HELP_ANSWERED and notification.enrolment:
        return reverse("ask-for-help", args=[notification.enrolment.course.slug])
    return reverse("catalogue")
