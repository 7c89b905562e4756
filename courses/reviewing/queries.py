"""Reading what was submitted and said of it."""

from uuid import UUID

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from courses.catalogue.models import Course
from courses.reviewing.models import Review, ReviewComment, ReviewQuerySet
from lms.access.scoping import HasScope


def with_comments(reviews: ReviewQuerySet) -> ReviewQuerySet:
    """Reviews with their course and who said what, in two statements."""
    comments = ReviewComment.objects.select_related("by").order_by("id")
    return reviews.select_related("course__organisation", "submitted_by", "decided_by").prefetch_related(
        Prefetch("comments", comments)
    )


def reviews_of(course: Course) -> ReviewQuerySet:
    return with_comments(Review.objects.filter(course=course))


def review_in_sight(person: HasScope, review_id: UUID) -> Review:
    """Raises Http404 for what is not hers to see."""
    return get_object_or_404(with_comments(Review.objects.visible_to(person)), uuid=review_id)
