from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.files.models import Purpose, Upload, UploadState
from lms.files.parts import PARTS_AT_MOST, part_sizes, part_urls
from lms.files.reasons import reason
from lms.files.services import (
    FileTooLarge,
    PartDiffers,
    PartsMissing,
    SizeDiffers,
    complete_upload,
    missing_parts,
    start_upload,
)
from lms.files.storage import ObjectMissing, StorageUnavailable


class UploadRequestSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, help_text="shown to you only; never part of an address")
    size = serializers.IntegerField(min_value=1, help_text="bytes")
    purpose = serializers.ChoiceField(choices=Purpose.choices)


class PartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    url = serializers.CharField(help_text="PUT the part here within twelve hours and keep its ETag")


class SentPartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    etag = serializers.CharField(max_length=200)


class CompletionSerializer(serializers.Serializer[Any]):
    parts = SentPartSerializer(many=True, max_length=PARTS_AT_MOST)  # type: ignore[call-arg]  # many takes it


class StoredFileSerializer(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    content_type = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


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
    received = SentPartSerializer(many=True, help_text="those that arrived")
    file = StoredFileSerializer(allow_null=True)


EXAMPLE = OpenApiExample(
    "رفع شريط",
    request_only=True,
    value={"name": "الدرس الأول.mp4", "size": 734003200, "purpose": "video"},
)


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
        "detail": reason(upload.code) if upload.code else None,
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
        },
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


def _own(request: Request, upload_id: UUID) -> Upload:
    return get_object_or_404(Upload.objects.visible_to(request.user).select_related("file"), uuid=upload_id)


class Uploads(Endpoint):
    ability = "upload.send"
    refusals = (FileTooLarge, StorageUnavailable, InvalidInput, KeyReused, StillUnderWay)

    @extend_schema(
        summary="Announce a file and get an address for each of its parts",
        description="At most 2 GiB for video, 300 MiB for audio, 50 MiB for document, 20 MiB for image.",
        request=UploadRequestSerializer,
        responses={201: UploadSerializer},
        examples=[EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = UploadRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        upload = start_upload(owner=request.user, at=timezone.now(), **asked.validated_data)
        urls = part_urls(upload, list(part_sizes(upload)))
        return Response(present_upload(upload) | {"parts": urls}, status=201)


class UploadDetail(Endpoint):
    ability = "upload.send"
    refusals = (StorageUnavailable,)

    @extend_schema(
        summary="How far a file is; while it is being received, the parts that are missing",
        responses=UploadSerializer,
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        upload = _own(request, upload_id)
        receiving = upload.state == UploadState.RECEIVING
        return Response(present_upload(upload) | (_present_parts(upload) if receiving else {}))


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
        etags = {part["number"]: part["etag"] for part in sent.validated_data["parts"]}
        return Response(present_upload(complete_upload(upload=upload, etags=etags, at=timezone.now())))
