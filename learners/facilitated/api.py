from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring.refusals import ChangedMeanwhile, PreconditionRequired
from courses.authoring.versions import etag, expected_version
from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.facilitated.links import HTTPS_ONLY, is_https
from learners.facilitated.models import GroupSession, Presence
from learners.facilitated.queries import (
    Seat,
    cohorts_where_she_works,
    coming_sessions,
    places_where_she_works,
    seats_of,
    sessions_of,
)
from learners.facilitated.services import (
    ROOM_AT_MOST,
    AttendanceClosed,
    SessionCancelled,
    SessionHeld,
    SessionNotBegun,
    cancel_session,
    change_session,
    mark_attendance,
    mark_room,
    plan_session,
)
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.organisations.models import Organisation


class SessionChangeSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120, allow_blank=True, required=False)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="at most 12 hours later")
    place = serializers.CharField(
        max_length=120, allow_blank=True, required=False, help_text="where at the centre"
    )
    link = serializers.URLField(
        max_length=500, allow_blank=True, required=False, help_text="of a video call, https; then no place"
    )

    def validate_link(self, link: str) -> str:
        if link and not is_https(link):
            raise serializers.ValidationError(HTTPS_ONLY, code="https_only")
        return link


class SessionRequestSerializer(SessionChangeSerializer):
    cohort = serializers.UUIDField(required=False, help_text="a group of hers; else course and organisation")
    course = serializers.SlugField(max_length=80, required=False)
    organisation = serializers.SlugField(
        max_length=40, required=False, help_text="the code of her own centre"
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if "cohort" not in said and not {"course", "organisation"} <= said.keys():
            raise serializers.ValidationError(
                {"cohort": _("Name a group, or a course and a centre.")}, code="group_or_centre"
            )
        return said


class ComingSessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    course = serializers.SlugField()
    cohort = serializers.UUIDField(allow_null=True, help_text="null: all women of the centre on the course")
    title = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField(allow_blank=True, help_text="where at the centre, unless there is a link")
    link = serializers.CharField(allow_blank=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class GroupSessionSerializer(ComingSessionSerializer):
    organisation = serializers.SlugField()
    version = serializers.IntegerField(help_text="what If-Match compares")


class ComingSessionPageSerializer(serializers.Serializer[Any]):
    results = ComingSessionSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class GroupSessionPageSerializer(serializers.Serializer[Any]):
    results = GroupSessionSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class MarkSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField()
    presence = serializers.ChoiceField(choices=Presence.choices)


class AttendanceRequestSerializer(serializers.Serializer[Any]):
    marks = MarkSerializer(
        many=True,
        required=False,
        help_text=f"1–{ROOM_AT_MOST} women; of one named twice the last mark counts",
    )
    everyone = serializers.ChoiceField(
        choices=Presence.choices, required=False, help_text="instead: of every woman not marked yet"
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if bool(said.get("marks")) == ("everyone" in said):
            raise serializers.ValidationError(
                {"marks": _("Mark women, or the whole room.")}, code="marks_needed"
            )
        if len(said.get("marks", ())) > ROOM_AT_MOST:
            raise serializers.ValidationError(
                {"marks": _("Mark at most 200 women at a time.")}, code="too_many_marks"
            )
        return said


class SaidSerializer(serializers.Serializer[Any]):
    presence = serializers.ChoiceField(choices=Presence.choices)
    by = serializers.UUIDField()
    at = serializers.DateTimeField()


class SeatSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField()
    name = serializers.CharField(help_text="hers; a pseudonym where she belongs to another centre")
    presence = serializers.ChoiceField(choices=Presence.choices, allow_null=True)
    history = SaidSerializer(many=True, help_text="all that was said, the latest first")


class SeatPageSerializer(serializers.Serializer[Any]):
    results = SeatSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class MarkedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField(help_text="of how many women this said something new")


PLANNED = {
    "title": "المحاسبة البسيطة",
    "starts_at": "2027-03-02T09:00:00Z",
    "ends_at": "2027-03-02T11:00:00Z",
    "place": "القاعة 2",
    "link": "",
}
ASKED = PLANNED | {"cohort": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11"}
EXAMPLE = OpenApiExample(
    "حصة",
    response_only=True,
    value=ASKED
    | {
        "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
        "course": "asasiyat-riyadat-al-aamal",
        "cancelled_at": None,
        "organisation": "c-larache-01",
        "version": 1,
    },
)
REQUEST_EXAMPLE = OpenApiExample("حصة جديدة", request_only=True, value=ASKED)
CHANGE_EXAMPLE = OpenApiExample("قاعة أخرى", request_only=True, value={"place": "القاعة 3"})
ROOM_EXAMPLE = OpenApiExample("كل الحاضرات", request_only=True, value={"everyone": "present"})


def present_coming(session: GroupSession) -> dict[str, Any]:
    """A session as a woman sees it who takes part."""
    return {
        "id": session.uuid,
        "course": session.course.slug,
        "cohort": session.cohort and session.cohort.uuid,
        "title": session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": session.place,
        "link": session.link,
        "cancelled_at": session.cancelled_at,
    }


def present_session(session: GroupSession) -> dict[str, Any]:
    """A session of `sessions_of`, as the centre's staff see it."""
    return present_coming(session) | {
        "organisation": session.organisation.code,
        "version": session.version,
    }


def _session(request: Request, session_id: UUID) -> GroupSession:
    session: GroupSession = get_object_or_404(sessions_of(request.user), uuid=session_id)
    return session


def _answer(request: Request, session_id: UUID, *, status: int = 200) -> Response:
    session = _session(request, session_id)
    return Response(present_session(session), status=status, headers={"ETag": etag(session.version)})


class MySessions(Endpoint):
    ability = "facilitation.attend"

    @extend_schema(
        summary="The sessions to come of her groups and of her courses at her centre, the next one first",
        responses=ComingSessionPageSerializer,
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages(("starts_at", "id"))
        rows = pages.of(coming_sessions(request.user, at=timezone.now()), request)
        return Response(pages.answer([present_coming(row) for row in rows]))


class GroupSessions(Endpoint):
    ability = "facilitation.manage"
    refusals = {"POST": (NotFound, InvalidInput, KeyReused, StillUnderWay)}

    @extend_schema(
        summary="The sessions of the centre where she works, the latest first",
        responses=GroupSessionPageSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages(("-starts_at", "-id"))
        rows = pages.of(sessions_of(request.user), request)
        return Response(pages.answer([present_session(row) for row in rows]))

    @extend_schema(
        summary="Plan a session of a group, or of all women of her centre on a course",
        request=SessionRequestSerializer,
        responses={201: GroupSessionSerializer},
        examples=[REQUEST_EXAMPLE, EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = SessionRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        course, organisation, cohort = _whose(request, said)
        session = plan_session(
            course=course,
            organisation=organisation,
            cohort=cohort,
            by=request.user,
            at=timezone.now(),
            **said,
        )
        return _answer(request, session.uuid, status=201)


def _whose(request: Request, said: dict[str, Any]) -> tuple[Course, Organisation, Cohort | None]:
    """Takes out of `said` whom the session is for."""
    group, slug, code = (said.pop(name, None) for name in ("cohort", "course", "organisation"))
    if group is not None:
        cohort = get_object_or_404(cohorts_where_she_works(request.user), uuid=group)
        return cohort.course, cohort.organisation, cohort
    course = get_object_or_404(Course.objects.published(), slug=slug)
    return course, get_object_or_404(places_where_she_works(request.user), code=code), None


class SessionDetail(Endpoint):
    ability = "facilitation.manage"
    refusals = {
        "PATCH": (PreconditionRequired, ChangedMeanwhile, SessionCancelled, SessionHeld, InvalidInput)
    }

    @extend_schema(summary="One session", responses=GroupSessionSerializer, examples=[EXAMPLE])
    def get(self, request: Request, session_id: UUID) -> Response:
        return _answer(request, session_id)

    @extend_schema(
        summary="Change when and where a session is, or its title",
        description="`If-Match`: the session's ETag. Its time stays once attendance was recorded.",
        request=SessionChangeSerializer(partial=True),
        responses=GroupSessionSerializer,
        examples=[CHANGE_EXAMPLE, EXAMPLE],
    )
    def patch(self, request: Request, session_id: UUID) -> Response:
        session = _session(request, session_id)
        asked = SessionChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        change_session(
            session=session,
            by=request.user,
            changes=asked.validated_data,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return _answer(request, session_id)


class SessionCancellation(Endpoint):
    ability = "facilitation.manage"
    refusals = (SessionHeld,)

    @extend_schema(
        summary="Call a session off. Safe to repeat.", request=None, responses=GroupSessionSerializer
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        cancel_session(session=_session(request, session_id), by=request.user, at=timezone.now())
        return _answer(request, session_id)


class SessionAttendance(Endpoint):
    ability = "facilitation.manage"
    refusals = {
        "PUT": (SessionCancelled, SessionNotBegun, AttendanceClosed, InvalidInput),
    }

    @extend_schema(
        summary="The women of a session, who came, and who said so when",
        description="Names are shown in the reader's own centre only, and each look is recorded.",
        responses=SeatPageSerializer,
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        session = _session(request, session_id)
        pages = KeysetPages("id")
        women = pages.of(session.women().select_related("learner"), request)
        seats = seats_of(session, women, staff=request.user, at=timezone.now())
        return Response(pages.answer(_present_seats(seats)))

    @extend_schema(
        summary="Say who came: one woman, some, or the whole room at once. Safe to repeat.",
        description="From an hour before the session until 30 days after it. The history keeps what was said.",
        request=AttendanceRequestSerializer,
        responses=MarkedSerializer,
        examples=[ROOM_EXAMPLE],
    )
    def put(self, request: Request, session_id: UUID) -> Response:
        session, at = _session(request, session_id), timezone.now()
        asked = AttendanceRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        if "everyone" in said:
            fresh = mark_room(session=session, presence=Presence(said["everyone"]), by=request.user, at=at)
        else:
            marks = {mark["enrolment"]: mark["presence"] for mark in said["marks"]}
            fresh = mark_attendance(session=session, marks=marks, by=request.user, at=at)
        return Response({"changed": len(fresh)})


def _present_seats(seats: Sequence[Seat]) -> list[dict[str, Any]]:
    return [
        {
            "enrolment": seat.enrolment.uuid,
            "name": seat.shown,
            "presence": seat.presence or None,
            "history": [
                {"presence": mark.presence, "by": mark.by.uuid, "at": mark.at} for mark in seat.marks
            ],
        }
        for seat in seats
    ]
