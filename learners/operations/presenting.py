"""What an operator reads: the words of queues, kinds and findings, and what she should look at first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learners.notifications.models import NotificationKind
from learners.operations.queries import CERTIFICATES, TALLIES, Kept, Overview
from lms.files.models import Purpose
from lms.operations.models import Finding
from lms.operations.queues import Queue
from lms.templatetags.jisr import number

QUEUE_WORDS: Final[dict[Queue, str | Promise]] = {
    "default": gettext_lazy("All other work"),
    "messages": gettext_lazy("Letters and SMS"),
    "certificates": gettext_lazy("Certificates"),
    "tallies": gettext_lazy("Figures of reports"),
    "imports": gettext_lazy("Lists of learners"),
    "media": gettext_lazy("Checking of files"),
    "renditions": gettext_lazy("Smaller films and sound recordings"),
}
STORED_WORDS: Final[dict[str, str | Promise]] = {
    Purpose.VIDEO: gettext_lazy("Films"),
    Purpose.AUDIO: gettext_lazy("Sound recordings"),
    Purpose.IMAGE: gettext_lazy("Pictures"),
    Purpose.DOCUMENT: gettext_lazy("Documents"),
    "rendition": gettext_lazy("Smaller films and sound recordings"),
    "certificate": gettext_lazy("Certificates"),
    "list": gettext_lazy("Lists of learners"),
    "quarantine": gettext_lazy("In quarantine, not yet checked"),
}
MESSAGE_WORDS: Final[dict[str, str | Promise]] = {
    NotificationKind.REGISTRATION_CONFIRMED: gettext_lazy("Registration confirmed"),
    NotificationKind.ENROLLED: gettext_lazy("A place on a course"),
    NotificationKind.NUDGE: gettext_lazy("Reminder"),
    NotificationKind.ALMOST_THERE: gettext_lazy("Little is left of a course"),
    NotificationKind.COURSE_COMPLETED: gettext_lazy("Course finished"),
    NotificationKind.CERTIFICATE_READY: gettext_lazy("Certificate ready"),
    NotificationKind.CERTIFICATE_REVOKED: gettext_lazy("Certificate revoked"),
    NotificationKind.NEW_DEVICE: gettext_lazy("New device"),
    NotificationKind.IMPORT_DONE: gettext_lazy("List brought in"),
    NotificationKind.SUPPORT_ASKED: gettext_lazy("Support asked for"),
    NotificationKind.HELP_ASKED: gettext_lazy("Help asked for"),
    NotificationKind.HELP_ANSWERED: gettext_lazy("Help answered"),
    NotificationKind.DRAFT_DECIDED: gettext_lazy("Draft decided"),
}
# Job, number and what it means; the target of all is zero.
COUNTED_AT_NIGHT: Final = (
    (CERTIFICATES, "missing", gettext_lazy("Completed without a certificate")),
    (CERTIFICATES, "orphaned", gettext_lazy("Certificate without a completion")),
    (TALLIES, "wrong", gettext_lazy("Figures of reports that were wrong")),
)
A_NIGHT: Final = timedelta(
    hours=26
)  # each job runs once a day; the rest is for the job itself and for Ramadan's hour
TOO_LONG: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Counted:
    """One number of the night; None where it was never counted. `late`: not since yesterday."""

    word: str | Promise
    number: int | None
    at: datetime | None
    late: bool


def present_night(found: dict[str, Finding], *, at: datetime) -> list[Counted]:
    """The numbers of the last night, each with the moment it was counted."""
    return [_counted(word, found.get(job), name, at) for job, name, word in COUNTED_AT_NIGHT]


def _counted(word: str | Promise, finding: Finding | None, name: str, at: datetime) -> Counted:
    if finding is None:
        return Counted(word, None, None, late=True)
    return Counted(word, finding.numbers.get(name), finding.at, late=at - finding.at > A_NIGHT)


def present_stored(stored: dict[str, Kept]) -> list[tuple[str | Promise, Kept]]:
    """Every kind in a fixed order, those without a file too."""
    return [(word, stored.get(kind, Kept(0, None))) for kind, word in STORED_WORDS.items()]


def concerns(seen: Overview, *, at: datetime) -> list[str]:
    """What an operator should look at, in sentences; none if all is well."""
    return [*_servers(seen), *_waiting(seen, at), *_given_up(seen), *_of_the_night(seen, at)]


def _servers(seen: Overview) -> Iterator[str]:
    if seen.queues is None:
        yield _("The queues do not answer. Nothing is lost: what waits stands in the database.")
    if not seen.storage_answers:
        yield _("The file store does not answer. Files and certificates cannot be opened.")
    if waiting := seen.unrendered.get("ffmpeg_absent"):
        yield _("ffmpeg is missing where files are checked. Kept as they were sent: %(count)s") % {
            "count": number(waiting)
        }


def _waiting(seen: Overview, at: datetime) -> Iterator[str]:
    if seen.outbox.waiting_since and at - seen.outbox.waiting_since > TOO_LONG:
        yield _("New facts are not taken up: does the relay run?")
    if seen.oldest and at - seen.oldest.event.created_at > TOO_LONG:
        yield _("A delivery has been open for more than five minutes.")


def _given_up(seen: Overview) -> Iterator[str]:
    if seen.outbox.dead:
        yield _("Deliveries given up: %(count)s") % {"count": number(seen.outbox.dead)}
    if seen.failed:
        yield _("Messages that failed: %(count)s") % {"count": number(seen.failed)}


def _of_the_night(seen: Overview, at: datetime) -> Iterator[str]:
    night = present_night(seen.findings, at=at)
    if any(counted.number for counted in night):
        yield _("The last night’s numbers are not all zero.")
    if any(counted.late for counted in night):
        yield _("Not everything was counted last night.")
