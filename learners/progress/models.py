import uuid

from django.db import models
from django.db.models import Q

from learners.enrolments.models import Enrolment


class Verb(models.TextChoices):
    OPENED = "opened"
    PROGRESSED = "progressed"
    FINISHED = "finished"


class Clock(models.TextChoices):
    TRUSTED = "trusted"
    DOUBTFUL = "doubtful"


class ProgressEvent(models.Model):
    """An immutable fact sent by a device. `event_id` was made there, unique per person.

    `attested_by`: who recorded it for her. `voided_at`: since when it counts no more; what it says stays.
    """

    person = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    event_id = models.UUIDField(default=uuid.uuid4)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="events")
    lesson = models.UUIDField()
    verb = models.CharField(max_length=10, choices=Verb.choices)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock = models.CharField(max_length=8, choices=Clock.choices, default=Clock.TRUSTED)
    device = models.CharField(max_length=64)
    seconds = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(null=True)
    percent = models.PositiveSmallIntegerField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    content_hash = models.BinaryField(max_length=16)
    # No index: those attested are found by their attestations (learners/facilitated), and this is the longest table.
    attested_by = models.ForeignKey(
        "lms.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "progress_event"
        constraints = [
            models.UniqueConstraint(fields=["person", "event_id"], name="event_counted_once"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100), name="event_percent_at_most_100"
            ),
        ]
        indexes = [models.Index(fields=["enrolment", "lesson"], name="event_by_enrolment_and_lesson")]


class LessonState(models.TextChoices):
    OPENED = "opened"
    FINISHED = "finished"


class LessonProgress(models.Model):
    """The fold of the events (and graded attempts) of one enrolment and one lesson; rebuilt from them at will."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="lessons")
    lesson = models.UUIDField()
    state = models.CharField(max_length=10, choices=LessonState.choices, default=LessonState.OPENED)
    percent = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(null=True)
    seconds = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(null=True)
    position_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    attested = models.BooleanField(
        default=False, db_default=False
    )  # whether some of it was recorded at her centre

    class Meta:
        db_table = "lesson_progress"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="one_progress_per_lesson"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="lesson_percent_at_most_100"),
        ]


class LessonEquivalence(models.Model):
    """Who has finished the old lesson of a course has finished the new one (learners/progress/equivalence.py)."""

    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+")
    old = models.UUIDField()
    new = models.UUIDField()

    class Meta:
        db_table = "lesson_equivalence"
        constraints = [
            models.UniqueConstraint(fields=["course", "old"], name="one_equivalent_of_a_lesson"),
            models.CheckConstraint(condition=~Q(old=models.F("new")), name="another_lesson"),
        ]
