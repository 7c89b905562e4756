from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.api import course_in_sight
from courses.authoring.refusals import PublisherNeeded
from courses.publishing.api import (
    PublicationPageSerializer,
    PublicationRequestSerializer,
    PublicationSerializer,
    present_publication,
)
from courses.publishing.models import Publication
from courses.publishing.problems import PROBLEMS, DraftNotReady
from courses.publishing.services import NothingChanged
from courses.publishing.withdrawing import NotPublished, offer_again, withdraw_course
from courses.reviewing.models import Review, ReviewComment, ReviewState
from courses.reviewing.queries import review_in_sight, reviews_of
from courses.reviewing.services import (
    WORDS_AT_MOST,
    CommentNeeded,
    DraftMoved,
    OwnWork,
    ReviewDecided,
    SecondPersonNeeded,
    TimeIsOver,
    approve_draft,
    comment,
    release,
    return_draft,
    submit_draft,
)
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound


class DraftSubmissionSerializer(serializers.Serializer[Any]):
    notes = serializers.CharField(max_length=WORDS_AT_MOST, allow_blank=True, default="")


class CommentRequestSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=WORDS_AT_MOST)
    lesson = serializers.UUIDField(required=False, help_text="where something has to change")


class ApprovalSerializer(serializers.Serializer[Any]):
    publish_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="published by itself then; else by a publisher",
    )


class ReviewCommentSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField(allow_null=True)
    text = serializers.CharField()
    by = serializers.CharField(help_text="a pseudonym")
    at = serializers.DateTimeField()


class ReviewSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    course = serializers.SlugField()
    state = serializers.ChoiceField(choices=ReviewState.choices)
    notes = serializers.CharField(allow_blank=True)
    submitted_by = serializers.CharField(help_text="a pseudonym")
    submitted_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    publish_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(allow_null=True, help_text="why it could not be published at its time")
    comments = ReviewCommentSerializer(many=True)


class ReviewPageSerializer(serializers.Serializer[Any]):
    results = ReviewSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def present_comment(said: ReviewComment) -> dict[str, Any]:
    return {"lesson": said.lesson, "text": said.words, "by": said.by.pseudonym, "at": said.at}


def present_review(review: Review) -> dict[str, Any]:
    return {
        "id": review.uuid,
        "course": review.course.slug,
        "state": review.state,
        "notes": review.notes,
        "submitted_by": review.submitted_by.pseudonym,
        "submitted_at": review.submitted_at,
        "decided_by": review.decided_by and review.decided_by.pseudonym,
        "decided_at": review.decided_at,
        "publish_at": review.publish_at,
        "problem": review.problem or None,
        "comments": [present_comment(said) for said in review.comments.all()],
    }


def _answer(request: Request, review: Review, *, status: int = 200) -> Response:
    return Response(present_review(review_in_sight(request.user, review.uuid)), status=status)


class CourseReviews(Endpoint):
    ability = "course.author"
    refusals = {
        "POST": (NothingChanged, DraftNotReady, *PROBLEMS, InvalidInput, KeyReused, StillUnderWay),
    }

    @extend_schema(summary="What was submitted of a course, the newest first", responses=ReviewPageSerializer)
    def get(self, request: Request, slug: str) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(reviews_of(course_in_sight(request, slug)), request)
        return Response(pages.answer([present_review(row) for row in rows]))

    @extend_schema(
        summary="Submit the draft as it stands, for another person to decide on",
        description="201 where it is new, 200 where just this waits already. What waited before is overtaken.",
        request=DraftSubmissionSerializer,
        responses={201: ReviewSerializer, 200: ReviewSerializer},
        examples=[OpenApiExample("للمراجعة", request_only=True, value={"notes": "أضفنا درسا عن الثمن"})],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = DraftSubmissionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review, new = submit_draft(
            course=course, by=request.user, notes=asked.validated_data["notes"], at=timezone.now()
        )
        return _answer(request, review, status=201 if new else 200)


class ReviewComments(Endpoint):
    ability = "course.author"
    refusals = (CommentNeeded, InvalidInput, KeyReused, StillUnderWay)

    @extend_schema(
        summary="Say something of a submitted draft, or of one of its lessons",
        request=CommentRequestSerializer,
        responses={201: ReviewSerializer},
        examples=[OpenApiExample("ملاحظة", request_only=True, value={"text": "المثال بعيد عن السوق"})],
    )
    @once
    def post(self, request: Request, review_id: UUID) -> Response:
        review = review_in_sight(request.user, review_id)
        asked = CommentRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        comment(
            review=review,
            by=request.user,
            words=said["text"],
            lesson=said.get("lesson"),
            at=timezone.now(),
        )
        return _answer(request, review, status=201)


class ReviewReturn(Endpoint):
    ability = "course.publish"
    refusals = (PublisherNeeded, OwnWork, ReviewDecided, CommentNeeded, NotFound)

    @extend_schema(
        summary="Give a draft back with what was said of it", request=None, responses=ReviewSerializer
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        review = review_in_sight(request.user, review_id)
        return _answer(request, return_draft(review=review, by=request.user, at=timezone.now()))


class ReviewApproval(Endpoint):
    ability = "course.publish"
    refusals = (PublisherNeeded, OwnWork, ReviewDecided, DraftMoved, TimeIsOver, DraftNotReady, InvalidInput)

    @extend_schema(
        summary="Say that just this may be published, at once or at a moment of its own",
        request=ApprovalSerializer,
        responses=ReviewSerializer,
        examples=[
            OpenApiExample("نشر في وقته", request_only=True, value={"publish_at": "2026-12-01T08:00:00Z"})
        ],
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        review = review_in_sight(request.user, review_id)
        asked = ApprovalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        publish_at = asked.validated_data["publish_at"]
        decided = approve_draft(review=review, by=request.user, publish_at=publish_at, at=timezone.now())
        return _answer(request, decided)


class Publications(Endpoint):
    ability = {"GET": "course.author", "POST": "course.publish"}
    refusals = {
        "POST": (
            PublisherNeeded,
            SecondPersonNeeded,
            NothingChanged,
            DraftNotReady,
            *PROBLEMS,
            InvalidInput,
            KeyReused,
            StillUnderWay,
        )
    }

    @extend_schema(
        summary="The publications of a course, the newest first", responses=PublicationPageSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        pages = KeysetPages("-number")
        rows = pages.of(Publication.objects.filter(course=course_in_sight(request, slug)), request)
        return Response(pages.answer([present_publication(row) for row in rows]))

    @extend_schema(
        summary="Publish the draft",
        description="Whoever is on an earlier publication stays on it. Whoever has written in the draft needs "
        "another's approval. A draft that is not ready is answered with "
        "every problem in `errors`; where all are of one kind, `code` is that kind, else `draft_not_ready`.",
        request=PublicationRequestSerializer,
        responses={201: PublicationSerializer},
        examples=[OpenApiExample("نشر", request_only=True, value={"notes": "أضفنا درسا عن البيع بالهاتف"})],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = PublicationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        publication = release(
            course=course, by=request.user, notes=asked.validated_data["notes"], at=timezone.now()
        )
        return Response(present_publication(publication), status=201)


class Withdrawal(Endpoint):
    ability = "course.publish"
    refusals = {"PUT": (PublisherNeeded, NotPublished), "DELETE": (PublisherNeeded,)}

    @extend_schema(
        summary="Offer a course to nobody new; only a publisher. Safe to repeat",
        description="It leaves the catalogue. Whoever is on it goes on, and certificates stay.",
        request=None,
        responses={204: None},
    )
    def put(self, request: Request, slug: str) -> Response:
        withdraw_course(course=course_in_sight(request, slug), by=request.user, at=timezone.now())
        return Response(status=204)

    @extend_schema(summary="Offer a withdrawn course again; only a publisher", responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        offer_again(course=course_in_sight(request, slug), by=request.user, at=timezone.now())
        return Response(status=204)
