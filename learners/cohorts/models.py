from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField
from lms.texts import in_words

if TYPE_CHECKING:
    from lms.accounts.models import Person


class CohortQuerySet(ScopedQuerySet["Cohort"]):
    place = "organisation__path"

    def open_to(self, learner: "Person") -> "CohortQuerySet":
        """The cohorts of her own centre: another centre's do not exist for her."""
        return self.filter(organisation=learner.home_organisation).exclude(organisation=None)


class Cohort(models.Model):
    """A dated group taking a course at a centre."""

    uuid = PublicIdField()
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="cohorts")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="cohorts")
    title = models.JSONField()
    seats = models.PositiveIntegerField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    facilitator = models.ForeignKey("lms.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, db_default=1)  # what If-Match compares
    created_at = models.DateTimeField(default=timezone.now)

    objects = CohortQuerySet.as_manager()

    class Meta:
        db_table = "cohort"
        verbose_name, verbose_name_plural = _("group"), _("groups")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None)
                | models.Q(starts_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="cohort_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return in_words(self.title)

    def is_over(self, day: date) -> bool:
        """Whether its last day lies behind. Nobody joins any more; who is in it goes on learning."""
        return self.ends_on is not None and self.ends_on < day
