"""What each table holds about a person: what she is given of it when she asks, and what becomes of it when she leaves.

Law 09-08, articles 7 (access) and 8 (rectification and erasure). tests/learners/personal_data walks every model: one
that leads to a person and stands neither in `HELD` nor in `NOT_HERS` fails the build.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db.models import Model, QuerySet

from courses.authoring.models import LessonRevision
from courses.reviewing.models import Review, ReviewComment
from learners.attempts.models import Attempt
from learners.certificates.models import Certificate, CertificateState, NameConfirmation, VerificationLink
from learners.cohorts.models import Cohort
from learners.devices.models import Device
from learners.enrolments.models import Enrolment
from learners.faces.models import FaceGiven, ModuleVoice
from learners.facilitated.models import AttendanceMark, Attestation, GroupSession
from learners.help.models import HelpChoice, HelpMessage, HelpThread
from learners.imports.models import Import, RowNote
from learners.moving.models import Move
from learners.notifications.models import (
    Notification,
    NotificationDelivery,
    NotificationPreference,
    QuietHours,
)
from learners.progress.models import LessonProgress, ProgressEvent
from learners.reports.models import CountedEnrolment
from learners.support.models import SupportRequest
from lms.accounts.models import Identity, Person
from lms.accounts.pseudonyms import new_pseudonym
from lms.api.models import IdempotencyKey
from lms.audit.models import AccessEntry, ChangeEntry
from lms.files.models import Upload
from lms.ids import uuid7
from lms.organisations.models import Membership
from lms.registrations.models import Registration
from lms.sign_in.models import AuthEvent, Card, Challenge, Passkey, PasskeyChallenge, Recovery, Session
from lms.voice.models import VoiceNote
from lms.voice.services import forget_voices

Rows = QuerySet[Any]
Erase = Callable[[Rows], object]


@dataclass(frozen=True, kw_only=True)
class Held:
    """One table with rows about a person.

    model    the table
    person   the look-up that leads from a row to her
    export   columns she is given, by the name she reads them under; `{}` with a `reason`
    sealed   the same of columns sealed under the row's public id: she is given them opened
    erase    what is done to her rows; a text says why they stay
    """

    model: type[Model]
    person: str
    export: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    erase: Erase | str
    reason: str = ""

    def rows(self, person: Person) -> Rows:
        return self.model._default_manager.filter(**{self.person: person.pk})  # noqa: SLF001  # documented by Django

    @property
    def table(self) -> str:
        return self.model._meta.db_table  # noqa: SLF001  # documented by Django


def delete(rows: Rows) -> object:
    return rows.delete()


def overwrite(**values: Any) -> Erase:
    """Put these values in place of hers."""
    return lambda rows: rows.update(**values)


def _leave_the_account(rows: Rows) -> object:
    """Nothing of the old account leads here any more: public id and pseudonym are new."""
    return rows.update(
        uuid=uuid7(),
        pseudonym=new_pseudonym(),
        password=make_password(None),
        pin="",
        is_active=False,
        discreet=False,
        accommodations=None,
        home_organisation=None,
    )


def _leave_conversations(rows: Rows) -> object:
    """What was said to her goes with what she said."""
    spoken = list(VoiceNote.objects.filter(pk__in=rows.values("voice")))
    rows.delete()
    return forget_voices(spoken)


COUNTED: Final = "Counts of completion go on without her: after the erasure nothing in the row names her."
ACCOUNTABILITY: Final = (
    "Who looked and who changed must stay provable; the row holds ids and field names only."
)

# In the order in which they are erased: rows before those they hang on.
HELD: Final = (
    Held(
        model=Session,
        person="person",
        export={"device": "device_name", "opened_at": "created_at", "last_seen": "last_seen"},
        erase=delete,
    ),
    Held(
        model=Challenge,
        person="person",
        erase=delete,
        reason="A code under way, forgotten after a day.",
    ),
    Held(
        model=Card,
        person="person",
        export={"made_at": "created_at", "revoked_at": "revoked_at"},
        erase=delete,
    ),
    Held(
        model=Passkey,
        person="person",
        export={"name": "name", "added_at": "created_at", "used_at": "used_at"},
        erase=delete,
    ),
    Held(
        model=PasskeyChallenge,
        person="person",
        erase=delete,
        reason="Random bytes, good for five minutes.",
    ),
    Held(
        model=Recovery,
        person="person",
        export={"reason": "reason", "opened_at": "opened_at", "signed_at": "signed_at"},
        erase=overwrite(reason="", phone=b""),
    ),
    Held(
        model=IdempotencyKey,
        person="person",
        erase=delete,
        reason="A copy of an answer she has had, kept for a day.",
    ),
    Held(model=AuthEvent, person="person", export={"what": "kind", "at": "at"}, erase=delete),
    Held(
        model=NotificationPreference,
        person="person",
        export={"kind": "kind", "in_app": "in_app", "email": "email", "sms": "sms"},
        erase=delete,
    ),
    Held(model=QuietHours, person="person", export={"starts": "starts", "ends": "ends"}, erase=delete),
    Held(
        model=NotificationDelivery,
        person="notification__person",
        export={"kind": "notification__kind", "by": "channel", "state": "state", "at": "ended_at"},
        erase=delete,
    ),
    Held(
        model=Notification,
        person="person",
        export={"kind": "kind", "at": "created_at", "read_at": "read_at"},
        erase=delete,
    ),
    Held(
        model=Registration,
        person="person",
        export={"state": "state", "consent": "consent_version", "consent_at": "consent_at"},
        erase=delete,
    ),
    Held(
        model=VerificationLink,
        person="enrolment__learner",
        export={"code": "code", "public": "public", "shows_name": "shows_name"},
        erase=delete,
    ),
    Held(
        model=Certificate,
        person="enrolment__learner",
        export={"serial": "serial", "state": "state", "issued_at": "issued_at"},
        erase=overwrite(
            facts=b"", key="", sha256="", state=CertificateState.EXPIRED, revoked_at=None, revoked_reason=""
        ),
    ),
    Held(
        model=SupportRequest,
        person="enrolment__learner",
        export={"course": "enrolment__course__slug", "state": "state", "asked_at": "asked_at"},
        sealed={"words": "words"},
        erase=delete,
    ),
    Held(
        model=NameConfirmation,
        person="enrolment__learner",
        export={"course": "enrolment__course__slug", "right": "right", "at": "at"},
        erase=delete,
    ),
    Held(
        model=HelpMessage,
        person="thread__enrolment__learner",
        export={"course": "thread__enrolment__course__slug", "kind": "kind", "at": "at"},
        sealed={"words": "words"},
        erase=_leave_conversations,
    ),
    Held(
        model=VoiceNote,
        person="owner",
        export={"recorded_at": "created_at", "seconds": "seconds"},
        erase=forget_voices,
    ),
    Held(
        model=HelpThread,
        person="enrolment__learner",
        export={"course": "enrolment__course__slug", "state": "state", "opened_at": "opened_at"},
        erase=delete,
    ),
    Held(model=HelpChoice, person="person", export={"wanted": "wanted"}, erase=delete),
    Held(  # what she answered stands nowhere beside her (learners/faces/models.py)
        model=FaceGiven,
        person="enrolment__learner",
        export={"course": "enrolment__course__slug", "module": "module"},
        erase=delete,
    ),
    Held(
        model=Attempt,
        person="enrolment__learner",
        export={"answers": "answers", "score": "score", "handed_in_at": "submitted_at"},
        erase=overwrite(answers={}),
    ),
    Held(
        model=AttendanceMark,
        person="enrolment__learner",
        export={"session": "session__starts_at", "presence": "presence", "said_at": "at"},
        erase=delete,
    ),
    Held(
        model=Attestation,
        person="enrolment__learner",
        export={"what": "kind", "on": "done_on", "recorded_at": "recorded_at", "verdict": "verdict"},
        erase=overwrite(reason=""),
    ),
    Held(
        model=ProgressEvent,
        person="person",
        export={"what": "verb", "at": "occurred_at", "device": "device", "seconds": "seconds"},
        erase=overwrite(device="", content_hash=b""),
    ),
    Held(
        model=Device,
        person="person",
        export={
            "device": "name",
            "release": "release",
            "waiting": "waiting",
            "since": "first_heard_at",
            "last_heard": "last_heard_at",
        },
        erase=delete,
    ),
    Held(
        model=LessonProgress,
        person="enrolment__learner",
        export={"lesson": "lesson", "state": "state", "percent": "percent", "finished_at": "finished_at"},
        erase=COUNTED,
    ),
    Held(
        model=CountedEnrolment,
        person="enrolment__learner",
        erase=COUNTED,
        reason="A copy of her enrolment's stage, for sums.",
    ),
    Held(
        model=Enrolment,
        person="learner",
        export={
            "course": "course__slug",
            "state": "state",
            "percent": "percent",
            "since": "created_at",
            "completed_at": "completed_at",
        },
        erase=COUNTED,
    ),
    Held(
        model=Identity,
        person="person",
        erase=delete,
        reason="Sealed: services.export opens it.",
    ),
    Held(
        model=Person,
        person="pk",
        export={
            "pseudonym": "pseudonym",
            "language": "language",
            "discreet": "discreet",
            "since": "created_at",
        },
        erase=_leave_the_account,
    ),
)

# Tables that lead to a person because she worked, not because she learns: (model, why it is not hers).
NOT_HERS: Final[Mapping[type[Model], str]] = {
    AccessEntry: ACCOUNTABILITY,
    ChangeEntry: ACCOUNTABILITY,
    Membership: "Staff: who held which role is needed to read the access log.",
    Upload: "Staff: who sent a file of a course.",
    Cohort: "Staff: who accompanies a group.",
    GroupSession: "Staff: who planned it. Who came stands in the marks of attendance.",
    Import: "Staff: who sent a list.",
    LessonRevision: "Staff: who replaced what a lesson of a draft said.",
    Move: "Staff: who moved the learners of a course to its newest publication.",
    Review: "Staff: who submitted a draft of a course, and who decided.",
    ReviewComment: "Staff: who said what of a draft.",
    ModuleVoice: "A recording that belongs to nobody: its owner was taken off as it was given.",
    LogEntry: "The history that Django's admin would keep: nothing is written there (lms/administration).",
    RowNote: "Why a row of a list was refused: the row's number and a code.",
}
