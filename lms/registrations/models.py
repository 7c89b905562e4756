from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.policy import MINISTRY_ADMIN
from lms.access.scoping import HasScope, ScopedQuerySet
from lms.ids import PublicIdField


class State(models.TextChoices):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class RegistrationQuerySet(ScopedQuerySet["Registration"]):
    def visible_to(self, user: HasScope) -> "RegistrationQuerySet":
        """Only those sent to the very node where she works: a registration carries a name.

        Who knows neither centre nor province is answered by the ministry, which sends her to one. A woman who
        belongs to a confidential centre meanwhile is seen there only: beside her name stands her centre.
        """
        sent_here = Q(organisation__path__in=user.scope.home_paths)
        nowhere = Q(organisation=None) if MINISTRY_ADMIN in user.scope.roles else Q(pk__in=[])
        protected = Q(person__home_organisation__centre_type__confidential=True)
        at_home = Q(person__home_organisation__path__in=user.scope.home_paths)
        return self.filter(sent_here | nowhere).filter(~protected | at_home)


class Registration(models.Model):
    """A woman asks to join; her centre (or her province, when she knows no centre) answers."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="registrations")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    consent_version = models.CharField(max_length=20)
    consent_at = models.DateTimeField()
    registered_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        db_table = "registration"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="waiting"), name="one_waiting_registration"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state", "id"], name="registration_by_centre")]
