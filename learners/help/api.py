"""Help over the API: what she asks, the queue of those who answer, and their answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.texts import in_language
from courses.publishing.rules import lesson_rules
from learners.enrolments.api import CourseNameSerializer
from learners.enrolments.models import Enrolment
from learners.help.models import HelpMessage, HelpThread, MessageKind, ThreadState
from learners.help.queries import (
    is_at_home,
    is_quiet,
    messages_of,
    queue_of,
    threads_for,
    voice_heard_by,
    wants_help,
)
from learners.help.services import (
    WORDS_AT_MOST,
    Asked,
    HelpIdTaken,
    HelpIsOff,
    NoNumberToCall,
    NothingSaid,
    TooManyMessages,
    answer,
    ask_for_help,
    choose_help,
    close_thread,
    number_to_call,
)
from lms.accounts.models import Person
from lms.accounts.services import show_names
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput, NotFound
from lms.files.storage import StorageUnavailable
from lms.voice.api import PlayableSerializer, present_voice, sound_response
from lms.voice.services import VoiceUnknown, playable

ASKING = [MessageKind.STUCK, MessageKind.CALL]


class HelpMessageRequestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="made on the phone: sent again under the same id it counts once")
    enrolment = serializers.UUIDField()
    lesson = serializers.UUIDField(required=False, help_text="where she is stuck")
    kind = serializers.ChoiceField(choices=ASKING)
    text = serializers.CharField(max_length=WORDS_AT_MOST, allow_blank=True, default="")
    voice = serializers.UUIDField(required=False, help_text="of a voice note that was sent before")
    occurred_at = serializers.DateTimeField(help_text="by the phone's clock, RFC 3339")


class HelpMessageSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    lesson = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(allow_blank=True, help_text="of the lesson")
    text = serializers.CharField(allow_blank=True)
    voice = PlayableSerializer(allow_null=True)
    from_learner = serializers.BooleanField()
    at = serializers.DateTimeField()


class HelpMessagesSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ThreadState.choices, allow_null=True)
    messages = HelpMessageSerializer(many=True)


class HelpThreadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ThreadState.choices)
    waiting_since = serializers.DateTimeField(allow_null=True)
    name = serializers.CharField(allow_blank=True, help_text="in her own centre; elsewhere empty")
    pseudonym = serializers.CharField()
    course = CourseNameSerializer()
    quiet = serializers.BooleanField(help_text="a call may be heard by others: say nothing of us")


class HelpThreadPageSerializer(serializers.Serializer[Any]):
    results = HelpThreadSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class HelpThreadDetailSerializer(HelpThreadSerializer):
    messages = HelpMessageSerializer(many=True)


class HelpAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="made by the client: sent again under the same id it counts once")
    text = serializers.CharField(max_length=WORDS_AT_MOST, allow_blank=True, default="")
    voice = serializers.UUIDField(required=False, help_text="of a voice note that was sent before")


class HelpNumberSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="E.164")


class HelpWantedSerializer(serializers.Serializer[Any]):
    wanted = serializers.BooleanField()


MESSAGE = {
    "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c77",
    "kind": "stuck",
    "lesson": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12",
    "title": "احسبي ثمن البيع",
    "text": "لم أفهم كيف أحسب الربح",
    "voice": None,
    "from_learner": True,
    "at": "2026-11-22T10:00:00Z",
}
THREAD = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a78",
    "state": "waiting",
    "waiting_since": "2026-11-22T10:00:00Z",
    "name": "فاطمة العمراني",
    "pseudonym": "4T7K-9QXB",
    "course": {"slug": "asasiyat-riyadat-al-aamal", "title": "أساسيات ريادة الأعمال"},
    "quiet": False,
}
ASKED = OpenApiExample(
    "لم أفهم",
    request_only=True,
    value={
        "id": MESSAGE["id"],
        "enrolment": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
        "lesson": MESSAGE["lesson"],
        "kind": "stuck",
        "text": MESSAGE["text"],
        "occurred_at": "2026-11-22T10:00:00Z",
    },
)


def present_message(message: HelpMessage, enrolment: Enrolment) -> dict[str, Any]:
    """Opens what was written."""
    rule = lesson_rules(enrolment.publication_id).get(message.lesson) if message.lesson else None
    return {
        "id": message.uuid,
        "kind": message.kind,
        "lesson": message.lesson,
        "title": in_language(rule.title, ["ar"], get_language()) if rule else "",
        "text": message.read(),
        "voice": present_playable(message),
        "from_learner": message.author_id == enrolment.learner_id,
        "at": message.at,
    }


def present_playable(message: HelpMessage) -> dict[str, Any] | None:
    if message.voice is None:
        return None
    return present_voice(message.voice) | {"url": reverse("api-help-voice", args=[message.uuid])}


def present_conversation(enrolment: Enrolment, messages: Sequence[HelpMessage]) -> dict[str, Any]:
    return {
        "state": messages[0].thread.state if messages else None,
        "messages": [present_message(message, enrolment) for message in messages],
    }


def present_threads(threads: Sequence[HelpThread], staff: Person) -> list[dict[str, Any]]:
    """By name where they belong to the same place, and the look is recorded; elsewhere by pseudonym."""
    known = [thread.enrolment.learner for thread in threads if is_at_home(staff, thread)]
    names = show_names(viewer=staff, people=known, surface="help", at=timezone.now())
    return [_present_thread(thread, names) for thread in threads]


def _present_thread(thread: HelpThread, names: Any) -> dict[str, Any]:
    enrolment = thread.enrolment
    publication, shown = enrolment.publication, names.get(enrolment.learner_id)
    return {
        "id": thread.uuid,
        "state": thread.state,
        "waiting_since": thread.waiting_since,
        "name": shown.full if shown else "",
        "pseudonym": enrolment.learner.pseudonym,
        "course": {
            "slug": enrolment.course.slug,
            "title": in_language(publication.title, publication.languages, get_language()),
        },
        "quiet": is_quiet(thread),
    }


def present_detail(thread: HelpThread, staff: Person) -> dict[str, Any]:
    [said] = present_threads([thread], staff)
    messages = present_conversation(thread.enrolment, messages_of(thread.enrolment))["messages"]
    return {**said, "messages": messages}


class HelpMessages(Endpoint):
    ability = "help.ask"
    refusals = (HelpIsOff, HelpIdTaken, TooManyMessages, VoiceUnknown, InvalidInput, NotFound)

    @extend_schema(
        summary="«I am stuck» or «call me»: her centre and her trainer hear of it, nobody else",
        description="201 where it is new, 200 where it is known; a phone may send it as often as it likes.",
        request=HelpMessageRequestSerializer,
        responses={201: HelpMessageSerializer, 200: HelpMessageSerializer},
        examples=[ASKED, OpenApiExample("رسالة", response_only=True, value=MESSAGE)],
    )
    def post(self, request: Request) -> Response:
        sent = HelpMessageRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        enrolment = get_object_or_404(_own(request), uuid=said["enrolment"])
        asked = Asked(
            id=said["id"],
            kind=MessageKind(said["kind"]),
            words=said["text"],
            occurred_at=said["occurred_at"],
            lesson=said.get("lesson"),
            voice=said.get("voice"),
        )
        message, new = ask_for_help(enrolment=enrolment, asked=asked, at=timezone.now())
        return Response(present_message(message, enrolment), status=201 if new else 200)


def _own(request: Request) -> Any:
    return Enrolment.objects.filter(learner_id=request.user.scope.person_id)


class HelpVoice(Endpoint):
    ability = "help.hear"
    refusals = (NotFound, StorageUnavailable)

    @extend_schema(
        summary="The voice of one message: for her, and for those who may answer her",
        responses={(200, "audio/mp4"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, message_id: UUID) -> HttpResponse:
        return sound_response(playable(voice_heard_by(request.user, message_id)))


class EnrolmentHelp(Endpoint):
    ability = "help.ask"
    refusals = (NotFound,)

    @extend_schema(
        summary="Her conversation on this course, in the order of arrival",
        responses=HelpMessagesSerializer,
        examples=[
            OpenApiExample("محادثة", response_only=True, value={"state": "waiting", "messages": [MESSAGE]})
        ],
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        enrolment = get_object_or_404(_own(request), uuid=enrolment_id)
        return Response(present_conversation(enrolment, messages_of(enrolment)))


class HelpWanted(Endpoint):
    ability = "help.ask"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="Whether help stands on her pages",
        responses=HelpWantedSerializer,
        operation_id="help_wanted_get",
    )
    def get(self, request: Request) -> Response:
        return Response({"wanted": wants_help(request.user)})

    @extend_schema(
        summary="Switch it on or off; in discreet mode it is off until she does",
        request=HelpWantedSerializer,
        responses=HelpWantedSerializer,
    )
    def put(self, request: Request) -> Response:
        sent = HelpWantedSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        choose_help(person=request.user, wanted=sent.validated_data["wanted"])
        return Response(sent.validated_data)


class HelpThreads(Endpoint):
    ability = "help.answer"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="Who waits for help, the oldest first; names in her own centre only, and the look is recorded",
        description="Without `state` all that are not closed.",
        parameters=[OpenApiParameter("state", str, enum=ThreadState.values)],
        responses=HelpThreadPageSerializer,
        examples=[OpenApiExample("من تنتظر", response_only=True, value=THREAD)],
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        if state and state not in ThreadState.values:
            raise InvalidInput.at("/state", "invalid_choice", InvalidInput.message)
        pages = KeysetPages(("waiting_since", "id"))
        rows = pages.of(queue_of(request.user, state=state), request)
        return Response(pages.answer(present_threads(rows, request.user)))


def _thread(request: Request, help_id: UUID) -> HelpThread:
    found: HelpThread = get_object_or_404(threads_for(request.user), uuid=help_id)
    return found


class HelpThreadDetail(Endpoint):
    ability = "help.answer"
    refusals = (NotFound,)

    @extend_schema(
        summary="One conversation; the look is recorded",
        responses=HelpThreadDetailSerializer,
        examples=[OpenApiExample("محادثة", response_only=True, value={**THREAD, "messages": [MESSAGE]})],
    )
    def get(self, request: Request, help_id: UUID) -> Response:
        return Response(present_detail(_thread(request, help_id), request.user))


class HelpAnswers(Endpoint):
    ability = "help.answer"
    refusals = (NothingSaid, HelpIdTaken, VoiceUnknown, InvalidInput, NotFound)

    @extend_schema(
        summary="Answer her",
        request=HelpAnswerSerializer,
        responses={201: HelpMessageSerializer, 200: HelpMessageSerializer},
        examples=[
            OpenApiExample(
                "جواب", request_only=True, value={"id": MESSAGE["id"], "text": "الربح هو الثمن ناقص التكلفة"}
            )
        ],
    )
    def post(self, request: Request, help_id: UUID) -> Response:
        sent = HelpAnswerSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        thread, said = _thread(request, help_id), sent.validated_data
        message, new = answer(
            thread=thread,
            id_=said["id"],
            words=said["text"],
            voice=said.get("voice"),
            by=request.user,
            at=timezone.now(),
        )
        return Response(present_message(message, thread.enrolment), status=201 if new else 200)


class HelpClosing(Endpoint):
    ability = "help.answer"
    refusals = (NotFound,)

    @extend_schema(summary="Nothing is left to be said", request=None, responses={204: None})
    def post(self, request: Request, help_id: UUID) -> Response:
        close_thread(thread=_thread(request, help_id), by=request.user, at=timezone.now())
        return Response(status=204)


class HelpNumber(Endpoint):
    ability = "help.answer"
    refusals = (NoNumberToCall, NotFound)

    @extend_schema(
        summary="Her number, where she asked to be called and both belong to the same place; the look is recorded",
        request=None,
        responses=HelpNumberSerializer,
    )
    def post(self, request: Request, help_id: UUID) -> Response:
        thread = _thread(request, help_id)
        return Response({"number": number_to_call(thread=thread, by=request.user, at=timezone.now())})
