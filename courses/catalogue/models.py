from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class CourseQuerySet(ScopedQuerySet["Course"]):
    place = "organisation__path"

    def published(self) -> "CourseQuerySet":
        return self.exclude(newest=None)

    def offered(self) -> "CourseQuerySet":
        """Published, and not withdrawn since."""
        return self.published().filter(withdrawn_at=None)


class Course(models.Model):
    """What is taught. Trainers change its draft; learners see `newest` or the publication they are pinned to."""

    uuid = PublicIdField()
    slug = models.SlugField(max_length=80, unique=True)
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="courses")
    languages = ArrayField(models.CharField(max_length=5))
    open = models.BooleanField(default=True)
    topic = models.SlugField(max_length=40, blank=True)
    title = models.JSONField()
    summary = models.JSONField()
    hours = models.PositiveSmallIntegerField(null=True)
    prerequisite = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # of the draft: what If-Match compares
    newest = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, null=True, related_name="+")
    # Bytes of the newest publication in its first language with small films and sounds: {"audio", "video"}; None
    # where it has neither.
    weights = models.JSONField(null=True)
    # What she may do after it, in order: [{"kind", "title": {}, "body": {}, "link"}], words by language.
    next_steps = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)  # since when it is offered to nobody new

    objects = CourseQuerySet.as_manager()

    class Meta:
        db_table = "course"
        verbose_name, verbose_name_plural = _("course"), _("courses")
        indexes = [models.Index(fields=["position", "id"], name="course_by_position")]

    def __str__(self) -> str:
        return self.slug
