from django.db import models
from django.db.models import Q
from django.utils import timezone

from learners.enrolments.models import Enrolment
from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class AttemptQuerySet(ScopedQuerySet["Attempt"]):
    owner = "enrolment__learner_id"


class Attempt(models.Model):
    """One go at a quiz, against the publication it was started on. Graded once, when it is handed in."""

    uuid = PublicIdField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attempts")
    lesson = models.ForeignKey("courses.PublishedLesson", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=5, default="ar")
    # {question id: {"choices": [id, …]} | {"text"} | {"order": [id, …]} | {"number": as written}}
    answers = models.JSONField(default=dict)
    score = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(null=True)
    started_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        db_table = "attempt"
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(score__isnull=False, passed__isnull=False),
                name="a_submitted_attempt_is_graded",
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="score_at_most_100"),
        ]
        indexes = [models.Index(fields=["enrolment", "lesson", "started_at"], name="attempt_by_lesson")]
