from django.db import models

from courses.catalogue.models import Course
from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class LessonKind(models.TextChoices):
    TEXT = "text"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    QUIZ = "quiz"


class Opening(models.TextChoices):
    """When a module opens to a learner. `learners/progress/openings.py` decides whether it has."""

    AT_ONCE = "at_once"
    AFTER_PREVIOUS = "after_previous"  # once every required lesson of the module before it is finished
    ON_COHORT_DATE = "on_cohort_date"  # so many days after her cohort begins


class NextStepKind(models.TextChoices):
    """Where a step after the course leads."""

    CENTRE = "centre"  # her own
    AUTO_ENTREPRENEUR = "auto_entrepreneur"
    COOPERATIVE = "cooperative"
    FUNDING = "funding"
    OTHER = "other"


class ModuleQuerySet(ScopedQuerySet["Module"]):
    place = "course__organisation__path"


class Module(models.Model):
    uuid = PublicIdField()
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    title = models.JSONField()
    position = models.PositiveIntegerField()
    opens = models.CharField(
        max_length=14, choices=Opening.choices, default=Opening.AT_ONCE, db_default=Opening.AT_ONCE
    )
    opens_after_days = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = ModuleQuerySet.as_manager()

    class Meta:
        db_table = "module"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "position"],
                name="one_module_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(opens=Opening.ON_COHORT_DATE) | models.Q(opens_after_days=0),
                name="days_count_from_a_cohort_date",
            ),
        ]


class LessonQuerySet(ScopedQuerySet["Lesson"]):
    place = "module__course__organisation__path"


class Lesson(models.Model):
    """A lesson of the draft. `version` rises with each change: what If-Match compares."""

    uuid = PublicIdField()
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="lessons")
    kind = models.CharField(max_length=10, choices=LessonKind.choices)
    title = models.JSONField()
    required = models.BooleanField(default=True)
    minutes = models.PositiveSmallIntegerField(default=5)
    pass_percent = models.PositiveSmallIntegerField(default=60)
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    # Where a copy comes from, and the version it took from there.
    source = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="copies")
    source_version = models.PositiveIntegerField(null=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        db_table = "lesson"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["module", "position"],
                name="one_lesson_per_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    @property
    def has_newer_source(self) -> bool:
        """Whether there is a newer version where this copy comes from. Reads its source."""
        return self.source is not None and self.source.version > (self.source_version or 0)


class LessonRevision(models.Model):
    """What a lesson said at a version, kept when somebody replaced it (courses/authoring/revisions.py)."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    replaced_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "lesson_revision"
        constraints = [models.UniqueConstraint(fields=["lesson", "version"], name="version_kept_once")]


class LessonVariant(models.Model):
    """A lesson in one language: a body in Markdown, a file still in its upload, or questions."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="variants")
    language = models.CharField(max_length=5)
    body = models.TextField(blank=True)
    upload = models.ForeignKey("lms.Upload", on_delete=models.PROTECT, null=True, related_name="+")
    captions = models.TextField(blank=True)  # WebVTT
    questions = models.JSONField(default=list)

    class Meta:
        db_table = "lesson_variant"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "language"], name="one_variant_per_language")
        ]
