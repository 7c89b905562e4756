"""From a draft to a publication by two people: one submits, another returns or approves, then it is published.

draft → submitted → returned with comments, or approved → published at once or at its time. An approval holds for what
was read: a draft that changed meanwhile is submitted again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.models import Lesson
from courses.authoring.services import lock_course, require_publisher
from courses.catalogue.models import Course
from courses.events import DraftDecided
from courses.publishing.models import Publication
from courses.publishing.problems import refuse_unready
from courses.publishing.services import NothingChanged, publish_course
from courses.publishing.snapshots import read_draft, snapshot_of
from courses.reviewing.models import OPEN, Review, ReviewComment, ReviewState
from lms.accounts.models import Person
from lms.audit.models import ChangeEntry
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.events.services import publish
from lms.organisations.queries import scope_of

WORDS_AT_MOST: Final = 2_000
# What is done to a course without writing in its draft.
NO_WRITING: Final = ("course.publish", "course.withdraw", "course.offer_again", "course.move")


class OwnWork(Refusal):
    code = "own_work"
    status = 409
    message = _("Another person decides on what you submitted.")


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"
    status = 409
    message = _("You have written in this draft. Another person approves it before it is published.")


class ReviewDecided(Refusal):
    code = "review_decided"
    status = 409
    message = _("This was decided already.")


class DraftMoved(Refusal):
    code = "changed_since_submitted"
    status = 409
    message = _("The draft has changed since it was submitted. Let it be submitted again.")


class CommentNeeded(Refusal):
    code = "comment_needed"
    message = _("Say at least once what has to change.")


class TimeIsOver(Refusal):
    code = "publish_at_past"
    message = _("Choose a moment that is still to come.")


@transaction.atomic
def submit_draft(*, course: Course, by: Person, notes: str, at: datetime) -> tuple[Review, bool]:
    """Hand the draft in as it stands; returns the review and whether it is new. Safe to repeat.

    An open review of another content is overtaken. Refusals: those of a publication, `nothing_changed`.
    """
    course = lock_course(course)
    content_hash = _content_of(course)
    if course.newest and course.newest.content_hash == content_hash:
        raise NothingChanged
    known = Review.objects.filter(course=course, state__in=OPEN).first()
    if known and known.content_hash == content_hash:
        return known, False
    _overtake(course)
    review = Review.objects.create(
        course=course, content_hash=content_hash, notes=notes, submitted_by=by, submitted_at=at
    )
    record_change(actor=by, verb="course.submit", subject=f"course:{course.slug}", at=at)
    return review, True


def _content_of(course: Course) -> str:
    draft = read_draft(course)
    refuse_unready(draft)
    return snapshot_of(draft).content_hash()


def _overtake(course: Course) -> None:
    Review.objects.filter(course=course, state__in=OPEN).update(state=ReviewState.OVERTAKEN)


@transaction.atomic
def comment(
    *, review: Review, by: Person, words: str, lesson: UUID | None = None, at: datetime
) -> ReviewComment:
    """Say something of the draft, or of one of its lessons. Refusals: `comment_needed`, `invalid`."""
    if not words.strip():
        raise CommentNeeded
    if lesson and not Lesson.objects.filter(uuid=lesson, module__course=review.course_id).exists():
        raise InvalidInput.at("/lesson", "lesson_unknown", InvalidInput.message)
    return ReviewComment.objects.create(review=review, by=by, words=words.strip(), lesson=lesson, at=at)


@transaction.atomic
def return_draft(*, review: Review, by: Person, at: datetime) -> Review:
    """Give it back with what was said. Refusals: `publisher_needed`, `own_work`, `review_decided`, `comment_needed`."""
    review = _to_decide(review, by, states=OPEN)
    if not review.comments.exists():
        raise CommentNeeded
    return _decide(review, ReviewState.RETURNED, by, at)


@transaction.atomic
def approve_draft(*, review: Review, by: Person, publish_at: datetime | None, at: datetime) -> Review:
    """Say that it may be published, at `publish_at` by itself, else whenever a publisher does.

    Refusals: `publisher_needed`, `own_work`, `review_decided`, `changed_since_submitted`, `publish_at_past`.
    """
    review = _to_decide(review, by, states=(ReviewState.SUBMITTED,))
    if publish_at and publish_at <= at:
        raise TimeIsOver
    if _content_of(review.course) != review.content_hash:
        raise DraftMoved
    review.publish_at = publish_at
    return _decide(review, ReviewState.APPROVED, by, at)


def _to_decide(review: Review, by: Person, *, states: Sequence[str]) -> Review:
    course = lock_course(review.course)
    require_publisher(by, course)
    review = Review.objects.get(pk=review.pk)
    review.course = course
    if review.state not in states:
        raise ReviewDecided
    if review.submitted_by_id == by.pk:
        raise OwnWork
    return review


def _decide(review: Review, state: ReviewState, by: Person, at: datetime) -> Review:
    review.state, review.decided_by, review.decided_at = state, by, at
    review.save(update_fields=["state", "decided_by", "decided_at", "publish_at"])
    record_change(actor=by, verb=f"course.{state}", subject=f"course:{review.course.slug}", at=at)
    publish(DraftDecided(review_id=review.pk))
    return review


@transaction.atomic
def release(*, course: Course, by: Person, notes: str, at: datetime) -> Publication:
    """Publish the draft now. Two people stand behind every publication.

    A publisher who has not written in the draft is the second one; whoever has needs another's approval of just this.
    Refusals: those of `publish_course`, `second_person_needed`.
    """
    course = lock_course(course)
    require_publisher(by, course)
    content_hash = _content_of(course)
    if course.newest and course.newest.content_hash == content_hash:
        raise NothingChanged
    if _has_written(course, by) and not _approved_by_another(course, by, content_hash):
        raise SecondPersonNeeded
    publication = publish_course(course=course, by=by, notes=notes, at=at)
    just_this = Review.objects.filter(course=course, content_hash=publication.content_hash)
    just_this.filter(state__in=OPEN).update(state=ReviewState.PUBLISHED)
    _overtake(course)
    return publication


def _has_written(course: Course, person: Person) -> bool:
    """Whether she changed the draft since it was last published."""
    changes = ChangeEntry.objects.filter(subject=f"course:{course.slug}", actor=person)
    if course.newest:
        changes = changes.filter(at__gt=course.newest.published_at)
    return changes.exclude(verb__in=[*(f"course.{state}" for state in ReviewState), *NO_WRITING]).exists()


def _approved_by_another(course: Course, person: Person, content_hash: str) -> bool:
    approved = Review.objects.filter(course=course, state=ReviewState.APPROVED, content_hash=content_hash)
    return approved.exclude(decided_by=person).exists()


def publish_due(*, at: datetime) -> int:
    """Publish what was approved for a moment that has come; returns how many. Safe to repeat.

    What cannot be published any more is returned with the refusal's code. Whoever approved it must still be allowed to.
    """
    due = Review.objects.filter(state=ReviewState.APPROVED, publish_at__lte=at).select_related("course")
    return sum(_publish(review, at) for review in due.order_by("publish_at")[:20])


def _publish(review: Review, at: datetime) -> bool:
    try:
        with transaction.atomic():
            course = lock_course(review.course)
            review.refresh_from_db(fields=["state"])
            if review.state != ReviewState.APPROVED or review.decided_by is None:
                return False
            if _content_of(course) != review.content_hash:
                raise DraftMoved
            review.decided_by.scope = scope_of(review.decided_by, at=at)
            release(course=course, by=review.decided_by, notes=review.notes, at=at)
    except Refusal as refusal:
        _send_back(review, refusal)
        return False
    return True


@transaction.atomic
def _send_back(review: Review, refusal: Refusal) -> None:
    waiting = Review.objects.filter(pk=review.pk, state=ReviewState.APPROVED)
    if waiting.update(state=ReviewState.RETURNED, problem=refusal.code):
        publish(DraftDecided(review_id=review.pk))
