"""What a notification says, at the moment it is read or sent and in the language of who reads it.

A woman in discreet mode gets the neutral words: nothing about courses, centres, certificates or the platform, and
nothing that a stranger who looks over her shoulder could ask about (domain rule 13).
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.catalogue.texts import in_language
from learners.notifications.models import Notification, NotificationKind

OPEN: Final = _("Open")


@dataclass(frozen=True)
class Words:
    """`%(course)s` stands for the title of the course, in the reader's language where it has it.

    action  the one button of a letter
    """

    title: str | Promise
    body: str | Promise
    action: str | Promise = OPEN


WORDS: dict[NotificationKind, Words] = {
    NotificationKind.REGISTRATION_CONFIRMED: Words(
        _("Welcome!"), _("Your centre has confirmed you. You can start learning today."), _("Choose a course")
    ),
    NotificationKind.ENROLLED: Words(
        _("Your place is ready"),
        _("You are enrolled in “%(course)s”. Sign in with your phone number and begin."),
        _("Open the course"),
    ),
    NotificationKind.NUDGE: Words(
        _("Your place is waiting"),
        _("It is a week since you opened “%(course)s”. One short lesson is enough to go on."),
        _("Go on learning"),
    ),
    NotificationKind.ALMOST_THERE: Words(
        _("You are almost there"),
        _("Only a little of “%(course)s” is left. Finish it and your certificate is yours."),
        _("Go on learning"),
    ),
    NotificationKind.COURSE_COMPLETED: Words(
        _("Well done!"), _("You have finished “%(course)s”. Your certificate is being prepared.")
    ),
    NotificationKind.CERTIFICATE_READY: Words(
        _("Your certificate is ready"),
        _("Open your certificate for “%(course)s”, keep it and show it."),
        _("Open my certificate"),
    ),
    NotificationKind.CERTIFICATE_REVOKED: Words(
        _("Your certificate is no longer valid"),
        _("The certificate for “%(course)s” was withdrawn. Your centre can tell you why."),
    ),
    NotificationKind.NEW_DEVICE: Words(
        _("Someone signed in to your account"),
        _("If it was you, all is well. If not, end that device in your account and choose another PIN."),
        _("See my devices"),
    ),
    NotificationKind.IMPORT_DONE: Words(
        _("Your list of learners is worked off"),
        _("See who came in and which rows need a correction."),
        _("Open the list"),
    ),
    NotificationKind.SUPPORT_ASKED: Words(
        _("A woman of your centre has a project"),
        _("She finished her course and wants support. See what she wrote."),
        _("Open the list"),
    ),
    NotificationKind.HELP_ASKED: Words(
        _("A woman waits for help"),
        _("She is stuck in a lesson, or wants to be called."),
        _("Open the list"),
    ),
    NotificationKind.DRAFT_DECIDED: Words(
        _("Your draft was read"),
        _("See what was decided, and what was said of it."),
        _("Open my courses"),
    ),
    NotificationKind.HELP_ANSWERED: Words(
        _("You have an answer"),
        _("Someone answered your question on “%(course)s”."),
        _("Read the answer"),
    ),
}

# Each silence is another sentence; after the third we stop.
LATER_NUDGES: Final[dict[str, Words]] = {
    "14": Words(
        _("We are thinking of you"),
        _(
            "Two weeks without “%(course)s”. If something holds you up, ask at your centre: it is there for you."
        ),
        _("Go on learning"),
    ),
    "21": Words(
        _("Come back whenever you can"),
        _(
            "We do not remind you of “%(course)s” any more. What you did is kept, and you can go on at any time."
        ),
        _("Go on learning"),
    ),
}

DISCREET: dict[NotificationKind, Words] = {
    NotificationKind.REGISTRATION_CONFIRMED: Words(_("Welcome"), _("You can begin.")),
    NotificationKind.ENROLLED: Words(_("All set"), _("Everything is ready for you.")),
    NotificationKind.NUDGE: Words(_("Hello"), _("We are glad whenever you come by.")),
    NotificationKind.ALMOST_THERE: Words(_("Nearly done"), _("There is only a little left.")),
    NotificationKind.COURSE_COMPLETED: Words(_("Well done"), _("You made it to the end.")),
    NotificationKind.CERTIFICATE_READY: Words(_("Good news"), _("What you were waiting for is here.")),
    NotificationKind.CERTIFICATE_REVOKED: Words(_("A change"), _("Something has changed. Have a look.")),
    NotificationKind.NEW_DEVICE: Words(
        _("Was it you?"), _("There was a visit from another phone or computer.")
    ),
    NotificationKind.IMPORT_DONE: Words(_("It is done"), _("The work you left running has come to its end.")),
    NotificationKind.SUPPORT_ASKED: Words(
        _("Someone waits"), _("There is something new for you to look at.")
    ),
    NotificationKind.HELP_ASKED: Words(_("Someone waits"), _("There is something new for you to look at.")),
    NotificationKind.DRAFT_DECIDED: Words(
        _("Someone answered"), _("There is something new for you to look at.")
    ),
    NotificationKind.HELP_ANSWERED: Words(_("Hello"), _("There is something new for you to look at.")),
}


def words_of(notification: Notification, *, discreet: bool) -> Words:
    """The words of its kind, and of its turn where a kind comes several times."""
    if discreet:
        return DISCREET[NotificationKind(notification.kind)]
    turn = notification.about.rpartition(":")[2] if notification.kind == NotificationKind.NUDGE else ""
    return LATER_NUDGES.get(turn) or WORDS[NotificationKind(notification.kind)]


def words_for(notification: Notification, *, discreet: bool) -> tuple[str, str]:
    """Title and body; `enrolment__course` should be selected with the notification."""
    words = words_of(notification, discreet=discreet)
    facts = {"course": _course_title(notification)}
    return str(words.title) % facts, str(words.body) % facts


def short_words_for(notification: Notification, *, discreet: bool, title_at_most: int) -> str:
    """The body alone, for a message that is paid by its length: a long title of a course is cut."""
    title = _course_title(notification)
    short = title if len(title) <= title_at_most else f"{title[: title_at_most - 1].rstrip()}…"
    return str(words_of(notification, discreet=discreet).body) % {"course": short}


def _course_title(notification: Notification) -> str:
    if notification.enrolment is None:
        return ""
    publication = notification.enrolment.publication
    return in_language(publication.title, publication.languages, get_language())
