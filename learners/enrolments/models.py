from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class EnrolmentState(models.TextChoices):
    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class EnrolmentQuerySet(ScopedQuerySet["Enrolment"]):
    owner = "learner_id"
    place = "organisation__path"

    def current(self) -> "EnrolmentQuerySet":
        """Without those who have left."""
        return self.exclude(state=EnrolmentState.WITHDRAWN)


class Enrolment(models.Model):
    """One learner on one course, pinned to a publication. `completed_at` is set once and stays."""

    uuid = PublicIdField()
    learner = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="enrolments")
    cohort = models.ForeignKey(
        "learners.Cohort", on_delete=models.PROTECT, null=True, related_name="enrolments"
    )
    publication = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "lms.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=EnrolmentState.choices, default=EnrolmentState.ACTIVE)
    percent = models.PositiveSmallIntegerField(default=0)
    last_active_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)
    completed_publication = models.ForeignKey(
        "courses.Publication", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        db_table = "enrolment"
        verbose_name, verbose_name_plural = _("enrolment"), _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["learner", "course"], name="one_enrolment_per_course"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="enrolment_percent_at_most_100"),
            models.CheckConstraint(
                condition=~Q(state="completed")
                | Q(completed_at__isnull=False, completed_publication__isnull=False),
                name="completion_has_its_moment_and_publication",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "course", "id"], name="enrolment_by_organisation"),
            models.Index(
                fields=["last_active_at"], condition=Q(state="active"), name="enrolment_active_by_last_seen"
            ),
        ]
