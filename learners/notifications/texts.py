"""What a notification says, at the moment it is read and in the reader's language.

A woman in discreet mode gets the neutral words: nothing about courses, centres, certificates or the platform, and
nothing that a stranger who looks over her shoulder could ask about (domain rule 13).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.catalogue.texts import in_language
from learners.notifications.models import Notification, NotificationKind


@dataclass(frozen=True)
class Words:
    """`%(course)s` stands for the title of the course, in the reader's language where it has it."""

    title: str | Promise
    body: str | Promise


WORDS: dict[NotificationKind, Words] = {
    NotificationKind.REGISTRATION_CONFIRMED: Words(
        _("Welcome!"), _("Your centre has confirmed you. You can start learning today.")
    ),
    NotificationKind.COURSE_COMPLETED: Words(
        _("Well done!"), _("You have finished “%(course)s”. Your certificate is being prepared.")
    ),
    NotificationKind.CERTIFICATE_READY: Words(
        _("Your certificate is ready"), _("Open your certificate for “%(course)s”, keep it and show it.")
    ),
    NotificationKind.CERTIFICATE_REVOKED: Words(
        _("Your certificate is no longer valid"),
        _("The certificate for “%(course)s” was withdrawn. Your centre can tell you why."),
    ),
    NotificationKind.NUDGE: Words(
        _("Your place is waiting"),
        _("It is a week since you opened “%(course)s”. One short lesson is enough to go on."),
    ),
}

DISCREET: dict[NotificationKind, Words] = {
    NotificationKind.REGISTRATION_CONFIRMED: Words(_("Welcome"), _("You can begin.")),
    NotificationKind.COURSE_COMPLETED: Words(_("Well done"), _("You made it to the end.")),
    NotificationKind.CERTIFICATE_READY: Words(_("Good news"), _("What you were waiting for is here.")),
    NotificationKind.CERTIFICATE_REVOKED: Words(_("A change"), _("Something has changed. Have a look.")),
    NotificationKind.NUDGE: Words(_("Hello"), _("We are glad whenever you come by.")),
}


def words_for(notification: Notification, *, discreet: bool) -> tuple[str, str]:
    """Title and body; `enrolment__course` should be selected with the notification."""
    words = (DISCREET if discreet else WORDS)[NotificationKind(notification.kind)]
    facts = {"course": _course_title(notification)}
    return str(words.title) % facts, str(words.body) % facts


def _course_title(notification: Notification) -> str:
    if notification.enrolment is None:
        return ""
    publication = notification.enrolment.publication
    return in_language(publication.title, publication.languages, get_language())
