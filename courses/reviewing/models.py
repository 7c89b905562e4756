from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from courses.catalogue.models import Course
from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class ReviewState(models.TextChoices):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    OVERTAKEN = "overtaken"  # the draft was submitted again, or published, as something else


OPEN = (ReviewState.SUBMITTED, ReviewState.APPROVED)


class ReviewQuerySet(ScopedQuerySet["Review"]):
    place = "course__organisation__path"


class Review(models.Model):
    """A draft as somebody submitted it, and what another person decided.

    `content_hash` is what would be published; approval holds for that alone. `publish_at`: not before then. `problem`
    says why what was approved could not be published when its time came.
    """

    uuid = PublicIdField()
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="reviews")
    content_hash = models.CharField(max_length=64)
    notes = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=ReviewState.choices, default=ReviewState.SUBMITTED)
    submitted_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    publish_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        db_table = "review"
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(state__in=OPEN), name="one_open_review_of_a_course"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                name="decided_by_another_person",
            ),
        ]
        indexes = [
            models.Index(fields=["publish_at"], condition=Q(state="approved"), name="review_to_publish")
        ]


class ReviewComment(models.Model):
    """What somebody said of a submitted draft, or of one lesson of it (the draft lesson's public id)."""

    uuid = PublicIdField()
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="comments")
    lesson = models.UUIDField(null=True)
    words = models.TextField()
    by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "review_comment"
        ordering = ["id"]
