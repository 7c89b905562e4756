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
