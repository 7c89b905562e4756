import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from learners.enrolments.models import Enrolment, EnrolmentQuerySet
from learners.progress.models import ProgressEvent
from lms.access.scoping import HasScope, ScopedQuerySet
from lms.ids import PublicIdField

DRAWN_FROM = 10_000


class GroupSessionQuerySet(ScopedQuerySet["GroupSession"]):
    def of_staff(self, staff: HasScope) -> "GroupSessionQuerySet":
        """Those of the very centres where she works: elsewhere they do not exist."""
        return self.filter(organisation__path__in=staff.scope.home_paths)


class GroupSession(models.Model):
    """A dated session: of a group, or of all women of a centre on a course. At the centre, or by a link."""

    uuid = PublicIdField()
    cohort = models.ForeignKey("learners.Cohort", on_delete=models.PROTECT, null=True, related_name="+")
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=120, blank=True)  # where at the centre
    link = models.URLField(max_length=500, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)  # what If-Match compares

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        db_table = "group_session"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(place="") | Q(link=""), name="session_at_the_centre_or_by_link"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "course", "starts_at"], name="session_by_place_and_time")
        ]

    def women(self) -> EnrolmentQuerySet:
        """The current enrolments it is for: those of its group, else of its course at its centre."""
        rows = Enrolment.objects.current().filter(organisation=self.organisation_id, course=self.course_id)
        return rows.filter(cohort=self.cohort_id) if self.cohort_id else rows


class Presence(models.TextChoices):
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class AttendanceMark(models.Model):
    """What was said about one woman in one session, by whom and when. The latest counts, the others are its history."""

    session = models.ForeignKey(GroupSession, on_delete=models.PROTECT, related_name="marks")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=8, choices=Presence.choices)
    by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "attendance_mark"
        indexes = [models.Index(fields=["session", "enrolment", "-id"], name="attendance_by_session")]


class AttestedKind(models.TextChoices):
    LESSON = "lesson"
    PAPER_QUIZ = "paper_quiz"


class Verdict(models.TextChoices):
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


def draw() -> int:
    """The lot that decides about the sample: drawn here, so that no recorder can choose hers."""
    return secrets.randbelow(DRAWN_FROM)


class Attestation(models.Model):
    """Who recorded a progress event for a woman, out of which session, and what the audit made of it."""

    uuid = PublicIdField()
    event = models.OneToOneField(ProgressEvent, on_delete=models.PROTECT, related_name="attestation")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(
        GroupSession, on_delete=models.PROTECT, null=True, related_name="attestations"
    )
    kind = models.CharField(max_length=10, choices=AttestedKind.choices)
    by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField()
    recorded_at = models.DateTimeField()
    lot = models.PositiveSmallIntegerField(default=draw)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    judged_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attestation"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="") | Q(judged_by__isnull=False, judged_at__isnull=False),
                name="a_verdict_has_its_judge",
            ),
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("by")), name="nobody_judges_her_own_record"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "recorded_at"], name="attestation_by_place")]
