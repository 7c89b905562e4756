from django.db import models
from django.db.models import Q
from django.utils import timezone

from learners.enrolments.models import Enrolment
from lms import sealing
from lms.access.scoping import HasScope, ScopedQuerySet
from lms.ids import PublicIdField


class SupportState(models.TextChoices):
    NEW = "new"
    TAKEN = "taken"
    CLOSED = "closed"


class SupportRequestQuerySet(ScopedQuerySet["SupportRequest"]):
    def visible_to(self, user: HasScope) -> "SupportRequestQuerySet":
        """Only at the very node where the woman belongs today: beside her name stand her centre and her plans.

        Neither those above it nor a partner, nor the centre whose group she once sat in.
        """
        places = user.scope.home_paths
        hers = Q(enrolment__learner__home_organisation__path__in=places)
        group = Q(enrolment__learner__home_organisation=None, enrolment__organisation__path__in=places)
        return self.filter(hers | group, enrolment__learner__is_active=True)

    def open(self) -> "SupportRequestQuerySet":
        return self.exclude(state=SupportState.CLOSED)


class SupportRequest(models.Model):
    """ "I want support with my project": asked at the end of a course, answered by her centre."""

    uuid = PublicIdField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="support_requests")
    words = models.BinaryField(default=b"")  # sealed; empty where she wrote nothing
    state = models.CharField(max_length=6, choices=SupportState.choices, default=SupportState.NEW)
    asked_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = SupportRequestQuerySet.as_manager()

    class Meta:
        db_table = "support_request"
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=~Q(state="closed"), name="one_open_support_request"
            ),
            models.CheckConstraint(
                condition=Q(state="new", taken_at=None, closed_at=None)
                | Q(state="taken", taken_at__isnull=False, closed_at=None)
                | Q(state="closed", closed_at__isnull=False),
                name="support_state_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="support_by_state")]

    def read(self) -> str:
        """What she wrote, opened."""
        return sealing.unseal(self.words, table="support_request", column="words", row=self.uuid)
