from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from learners.enrolments.models import Enrolment
from lms.access.scoping import HasScope, within


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, user: HasScope) -> Self:
        """Her own; and those of the women who learn where the reader herself works."""
        scope = user.scope
        condition = Q(pk__in=[])
        if scope.owner_id is not None:
            condition |= Q(person_id=scope.owner_id)
        if scope.home_paths:
            here = Enrolment.objects.current().filter(within(scope.home_paths, "organisation__path"))
            condition |= Q(Exists(here.filter(learner=OuterRef("person"))))
        return self.filter(condition)


class Device(models.Model):
    """A device that sent a woman's events: when it was last heard of by our clock, and what it said it still owes.

    `name` is what the device calls itself; a reinstalled app is another device. `waiting` is None where it did not say.
    """

    person = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64)
    release = models.CharField(max_length=40, blank=True)
    waiting = models.PositiveIntegerField(null=True)
    first_heard_at = models.DateTimeField(default=timezone.now)
    last_heard_at = models.DateTimeField(default=timezone.now)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        db_table = "device"
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="a_device_stands_once")]
