from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.files.announcing import (
    AlreadyReceived,
    FileTooLarge,
    QuotaReached,
    Room,
    cancel_upload,
    rooms_of,
    start_upload,
)
from lms.files.models import Purpose, Rendition, RenditionKind, RenditionState, Upload, UploadState
from lms.files.parts import PARTS_AT_MOST, part_urls
from lms.files.queries import with_renditions
from lms.files.services import (
    OriginalGone,
    PartDiffers,
    PartsMissing,
    PartUnknown,
    SizeDiffers,
    addresses_for,
    check_again,
    complete_upload,
    missing_parts,
)
from lms.files.storage import ObjectMissing, StorageUnavailable
from lms.organisations.queries import node_of

SHA256: Final = r"^[0-9a-f]{64}$"


class UploadRequestSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, help_text="shown to you only; never part of an address")
    size = serializers.IntegerField(min_value=1, help_text="bytes")
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    fingerprint = serializers.RegexField(
        SHA256,
        required=False,
        default="",
        help_text="SHA-256, in hexadecimal, over the SHA-256 (as bytes) of each part: 5 MiB, above 1,250 MiB a 250th "
        "of the file rounded up to a whole MiB. A file of yours with the same one is not sent twice",
    )


class PartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    url = serializers.CharField(
        allow_null=True,
        help_text="PUT the part here within twelve hours and keep its ETag; null where a fingerprint was given: "
        "say its SHA-256 at `…/parts`",
    )


class KnownPartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256, help_text="hexadecimal")


class KnownPartsSerializer(serializers.Serializer[Any]):
    parts = KnownPartSerializer(many=True, max_length=PARTS_AT_MOST)  # type: ignore[call-arg]  # many takes it


class CheckedPartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    url = serializers.CharField(help_text="PUT the part here within twelve hours, with these headers")
    headers = serializers.DictField(child=serializers.CharField())


class CheckedPartsSerializer(serializers.Serializer[Any]):
    parts = CheckedPartSerializer(many=True)


class ReceivedPartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    etag = serializers.CharField(max_length=200)


class SentPartSerializer(ReceivedPartSerializer):
    sha256 = serializers.RegexField(
        SHA256, required=False, help_text="hexadecimal; needed where a fingerprint was given"
    )


class CompletionSerializer(serializers.Serializer[Any]):
    parts = SentPartSerializer(many=True, max_length=PARTS_AT_MOST)  # type: ignore[call-arg]  # many takes it


class FileRenditionSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=RenditionKind.choices)
    state = serializers.ChoiceField(choices=RenditionState.choices)
    code = serializers.CharField(allow_null=True, help_text="why it waits, or why there is none")
    bytes = serializers.IntegerField(allow_null=True)


class StoredFileSerializer(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    content_type = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    pages = serializers.IntegerField(allow_null=True, help_text="of a document")
    renditions = FileRenditionSerializer(many=True, help_text="what is made of it, as far as that is")


class UploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    state = serializers.ChoiceField(choices=UploadState.choices)
    part_size = serializers.IntegerField(help_text="bytes of each part but the last")
    code = serializers.CharField(allow_null=True, help_text="why it was refused")
    detail = serializers.CharField(allow_null=True)
    parts = PartSerializer(many=True, help_text="those still to be sent")
    received = ReceivedPartSerializer(many=True, help_text="those that arrived")
    file = StoredFileSerializer(allow_null=True)


class UploadPageSerializer(serializers.Serializer[Any]):
    results = UploadSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class RoomSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField(help_text="bytes")
    allowed = serializers.IntegerField(help_text="bytes")


class RoomsSerializer(serializers.Serializer[Any]):
    person = RoomSerializer()
    organisation = RoomSerializer(allow_null=True, help_text="where you write courses")


EXAMPLE = OpenApiExample(
    "رفع شريط",
    request_only=True,
    value={"name": "الدرس الأول.mp4", "size": 734003200, "purpose": "video"},
)
STATE = OpenApiParameter("state", str, enum=UploadState.values, description="only those")


def present_upload(upload: Upload) -> dict[str, Any]:
    """An upload without its parts."""
    file = upload.file
    return {
        "id": upload.uuid,
        "name": upload.name,
        "size": upload.size,
        "purpose": upload.purpose,
        "state": upload.state,
        "part_size": upload.part_size,
        "code": upload.code or None,
        "detail": upload.reason or None,
        "parts": [],
        "received": [],
        "file": file
        and {
            "sha256": file.sha256,
            "bytes": file.bytes,
            "content_type": file.content_type,
            "seconds": file.seconds,
            "width": file.width,
            "height": file.height,
            "pages": file.pages,
            "renditions": [_present_rendition(made) for made in file.renditions.all()],
        },
    }


def _present_rendition(made: Rendition) -> dict[str, Any]:
    ready = made.state == RenditionState.READY
    return {
        "kind": made.kind,
        "state": made.state,
        "code": made.code or None,
        "bytes": made.bytes if ready else None,
    }


def _present_parts(upload: Upload) -> dict[str, Any]:
    """What is still to be sent, with fresh addresses. Nothing, once the storage has put the parts together."""
    try:
        missing, received = missing_parts(upload)
    except ObjectMissing:
        return {}
    return {
        "parts": part_urls(upload, missing),
        "received": [{"number": part.number, "etag": part.etag} for part in received],
    }


def _present_whole(upload: Upload) -> dict[str, Any]:
    receiving = upload.state == UploadState.RECEIVING
    return present_upload(upload) | (_present_parts(upload) if receiving else {})


def _own(request: Request, upload_id: UUID) -> Upload:
    return get_object_or_404(with_renditions(Upload.objects.visible_to(request.user)), uuid=upload_id)


class Uploads(Endpoint):
    ability = "upload.send"
    refusals = (FileTooLarge, QuotaReached, StorageUnavailable, InvalidInput, KeyReused, StillUnderWay)

    @extend_schema(
        summary="Your files, the newest first: those on their way, kept and refused",
        parameters=[STATE],
        responses=UploadPageSerializer,
    )
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        hers = with_renditions(Upload.objects.visible_to(request.user))
        if (state := request.query_params.get("state")) in UploadState.values:
            hers = hers.filter(state=state)
        return Response(pages.answer([present_upload(upload) for upload in pages.of(hers, request)]))

    @extend_schema(
        summary="Announce a file and get an address for each of its parts",
        description="At most 2 GiB for video, 300 MiB for audio, 50 MiB for document, 20 MiB for image. A file of "
        "yours that is known by its `fingerprint` is answered with 200: kept, or with the parts that are missing.",
        request=UploadRequestSerializer,
        responses={201: UploadSerializer, 200: UploadSerializer},
        examples=[EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = UploadRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        upload, new = start_upload(
            owner=request.user,
            organisation=node_of(request.user),
            at=timezone.now(),
            **asked.validated_data,
        )
        return Response(_present_whole(upload), status=201 if new else 200)


class UploadRooms(Endpoint):
    ability = "upload.send"

    @extend_schema(summary="How much room your files take, and how much there is", responses=RoomsSerializer)
    def get(self, request: Request) -> Response:
        rooms = rooms_of(owner=request.user, organisation=node_of(request.user))
        return Response({name: _present_room(rooms.get(name)) for name in ("person", "organisation")})


def _present_room(room: Room | None) -> dict[str, int] | None:
    return {"used": room.used, "allowed": room.allowed} if room else None


class UploadDetail(Endpoint):
    ability = "upload.send"
    refusals = (AlreadyReceived, StorageUnavailable)

    @extend_schema(
        summary="How far a file is; while it is being received, the parts that are missing",
        responses=UploadSerializer,
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        return Response(_present_whole(_own(request, upload_id)))

    @extend_schema(
        summary="Call off a file that has not arrived whole. Safe to repeat",
        responses={204: None},
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        cancel_upload(upload=_own(request, upload_id), at=timezone.now())
        return Response(status=204)


class UploadCompletion(Endpoint):
    ability = "upload.send"
    refusals = (
        PartsMissing,
        PartDiffers,
        SizeDiffers,
        StorageUnavailable,
        InvalidInput,
        KeyReused,
        StillUnderWay,
    )

    @extend_schema(
        summary="All parts are sent: put them together and check the file. Safe to repeat",
        request=CompletionSerializer,
        responses=UploadSerializer,
        examples=[
            OpenApiExample(
                "اكتمل الرفع", request_only=True, value={"parts": [{"number": 1, "etag": "9b2cf535f27731c9"}]}
            )
        ],
    )
    @once
    def post(self, request: Request, upload_id: UUID) -> Response:
        upload = _own(request, upload_id)
        sent = CompletionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        listed = sent.validated_data["parts"]
        etags = {part["number"]: part["etag"] for part in listed}
        checksums = {part["number"]: part["sha256"] for part in listed if "sha256" in part}
        complete_upload(upload=upload, etags=etags, checksums=checksums, at=timezone.now())
        return Response(present_upload(_own(request, upload_id)))


class UploadParts(Endpoint):
    ability = "upload.send"
    refusals = (PartUnknown, StorageUnavailable, InvalidInput)

    @extend_schema(
        summary="Addresses for parts whose SHA-256 you say: the storage refuses any other bytes",
        request=KnownPartsSerializer,
        responses=CheckedPartsSerializer,
        examples=[
            OpenApiExample(
                "عناوين الأجزاء",
                request_only=True,
                value={"parts": [{"number": 1, "sha256": "9b2cf535f27731c9" * 4}]},
            )
        ],
    )
    def post(self, request: Request, upload_id: UUID) -> Response:
        upload = _own(request, upload_id)
        known = KnownPartsSerializer(data=request.data)
        known.is_valid(raise_exception=True)
        checksums = {part["number"]: part["sha256"] for part in known.validated_data["parts"]}
        return Response({"parts": addresses_for(upload=upload, checksums=checksums)})


class UploadCheck(Endpoint):
    ability = "upload.send"
    refusals = (OriginalGone, StorageUnavailable)

    @extend_schema(
        summary="Check a refused file again, or make what could not be made of a kept one. Safe to repeat",
        description="A refused file is kept for seven days, so that it need not be sent again.",
        request=None,
        responses={202: UploadSerializer},
    )
    def post(self, request: Request, upload_id: UUID) -> Response:
        check_again(upload=_own(request, upload_id), at=timezone.now())
        return Response(present_upload(_own(request, upload_id)), status=202)
