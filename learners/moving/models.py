from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class MoveQuerySet(ScopedQuerySet["Move"]):
    place = "course__organisation__path"


class Move(models.Model):
    """The learners of a course are brought to a newer publication, some at a time. Whoever has completed stays."""

    uuid = PublicIdField()
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="moves")
    to = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField()  # learners to move when it began
    moved = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        db_table = "move"
        constraints = [
            models.UniqueConstraint(fields=["course"], condition=Q(done_at=None), name="one_move_at_a_time")
        ]
