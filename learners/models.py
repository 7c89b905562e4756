"""The models of this app; each lives in its subject."""

from learners.attempts.models import Attempt
from learners.certificates.models import Certificate, NameConfirmation, SignatureHolder, VerificationLink
from learners.cohorts.models import Cohort
from learners.devices.models import Device
from learners.enrolments.models import Enrolment
from learners.faces.models import FaceGiven, ModuleFaces, ModuleVoice
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
from learners.progress.models import LessonEquivalence, LessonProgress, ProgressEvent
from learners.reports.models import CountedEnrolment, ReportVersion, Tally
from learners.support.models import SupportRequest

__all__ = [
    "Attempt",
    "AttendanceMark",
    "Attestation",
    "Certificate",
    "Cohort",
    "CountedEnrolment",
    "Device",
    "Enrolment",
    "FaceGiven",
    "GroupSession",
    "HelpChoice",
    "HelpMessage",
    "HelpThread",
    "Import",
    "LessonEquivalence",
    "LessonProgress",
    "ModuleFaces",
    "ModuleVoice",
    "Move",
    "NameConfirmation",
    "Notification",
    "NotificationDelivery",
    "NotificationPreference",
    "ProgressEvent",
    "QuietHours",
    "ReportVersion",
    "RowNote",
    "SignatureHolder",
    "SupportRequest",
    "Tally",
    "VerificationLink",
]
