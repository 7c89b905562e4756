from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.catalogue.texts import in_language
from learners.certificates.corrections import NothingToCorrect, correct_certificate
from learners.certificates.documents import DESIGNS, PDF, handed_out
from learners.certificates.models import Certificate, CertificateState
from learners.certificates.queries import Verdict, verify
from learners.certificates.services import NotLive, ReasonNeeded, revoke_certificate
from lms.access.scoping import HasScope
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.audit.services import record_look
from lms.errors import InvalidInput, Refusal


class NotDrawnYet(Refusal):
    code = "document_not_ready"
    status = 409
    message = _("The document is being drawn. Look again in a moment.")


class NamesStayInHerCentre(Refusal):
    code = "document_of_her_centre_only"
    status = 403
    message = _("The document carries her name: her own centre can open it.")


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    serial = serializers.CharField()
    state = serializers.ChoiceField(choices=CertificateState.choices)
    enrolment = serializers.UUIDField()
    course = serializers.CharField()
    title = serializers.CharField()
    issued_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    verification = serializers.CharField(
        help_text="the address a stranger opens; only for the holder", allow_null=True
    )


class CertificatePageSerializer(serializers.Serializer[Any]):
    results = CertificateSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, allow_blank=True)


class VerdictSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["valid", "superseded", "revoked", "expired", "unknown"])
    serial = serializers.CharField(required=False)
    name = serializers.CharField(required=False, allow_null=True)
    course = serializers.CharField(required=False)
    hours = serializers.IntegerField(required=False, allow_null=True)
    completed_on = serializers.DateField(required=False)
    issued_at = serializers.DateTimeField(required=False)
    institution = serializers.CharField(required=False)
    specimen = serializers.BooleanField(required=False)
    revoked_at = serializers.DateTimeField(required=False)


def present_certificate(certificate: Certificate, reader: HasScope) -> dict[str, Any]:
    enrolment = certificate.enrolment
    publication = enrolment.publication
    own = enrolment.learner_id == reader.scope.person_id
    return {
        "id": certificate.uuid,
        "serial": certificate.serial,
        "state": certificate.state,
        "enrolment": enrolment.uuid,
        "course": enrolment.course.slug,
        "title": in_language(publication.title, publication.languages, get_language()),
        "issued_at": certificate.issued_at,
        "ready_at": certificate.ready_at,
        "verification": f"/v/{enrolment.verification.code}?s={certificate.serial}" if own else None,
    }


def _rows(request: Request) -> Any:
    return Certificate.objects.visible_to(request.user).select_related(
        "enrolment__course", "enrolment__publication", "enrolment__verification", "enrolment__organisation"
    )


class Certificates(Endpoint):
    ability = "certificate.read"

    @extend_schema(summary="Her certificates, or those she answers for", responses=CertificatePageSerializer)
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(_rows(request), request)
        return Response(pages.answer([present_certificate(row, request.user) for row in rows]))


class CertificateDetail(Endpoint):
    ability = "certificate.read"

    @extend_schema(summary="One certificate", responses=CertificateSerializer)
    def get(self, request: Request, certificate_id: UUID) -> Response:
        certificate = get_object_or_404(_rows(request), uuid=certificate_id)
        return Response(present_certificate(certificate, request.user))


class CertificateDocument(Endpoint):
    ability = "certificate.read"
    refusals = (NotDrawnYet, NamesStayInHerCentre, InvalidInput)

    @extend_schema(
        summary="The document: a redirect to a link signed for five minutes",
        description="`design=ink` is the same certificate for a printer that has only black, and comes at once.",
        parameters=[OpenApiParameter("design", str, enum=DESIGNS, default="colour")],
        responses={302: None, (200, PDF): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, certificate_id: UUID) -> HttpResponse:
        certificate = get_object_or_404(_rows(request), uuid=certificate_id)
        if not may_open_document(certificate, request.user):
            raise NamesStayInHerCentre
        if not certificate.key:
            raise NotDrawnYet
        answer = handed_out(certificate, request.query_params.get("design", ""))
        _keep_look(certificate, request)
        return answer


def _keep_look(certificate: Certificate, request: Request) -> None:
    """Staff who open a document read a name."""
    learner_id = certificate.enrolment.learner_id
    if learner_id != request.user.scope.person_id:
        record_look(
            viewer=request.user, people=[learner_id], surface="certificate.document", at=timezone.now()
        )


def may_open_document(certificate: Certificate, reader: HasScope) -> bool:
    """The holder, and staff of the very centre she learns at: the page carries her name."""
    enrolment = certificate.enrolment
    if enrolment.learner_id == reader.scope.person_id:
        return True
    return enrolment.organisation is not None and enrolment.organisation.path in reader.scope.home_paths


class CertificateRevocation(Endpoint):
    ability = "certificate.revoke"
    refusals = (NotLive, ReasonNeeded, KeyReused, StillUnderWay)

    @extend_schema(
        summary="Take a certificate back; its link says so from now on",
        request=ReasonSerializer,
        responses=CertificateSerializer,
        examples=[OpenApiExample("سحب", request_only=True, value={"reason": "سُلّمت لغير صاحبتها"})],
    )
    @once
    def post(self, request: Request, certificate_id: UUID) -> Response:
        certificate = get_object_or_404(_rows(request), uuid=certificate_id)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        revoke_certificate(
            certificate=certificate,
            by=request.user,
            reason=asked.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(present_certificate(_rows(request).get(pk=certificate.pk), request.user))


class CertificateCorrection(Endpoint):
    ability = "certificate.correct"
    refusals = (NotLive, ReasonNeeded, NothingToCorrect, KeyReused, StillUnderWay)

    @extend_schema(
        summary="Replace a certificate by one with her name as it is written now, under the same link",
        request=ReasonSerializer,
        responses={201: CertificateSerializer},
        examples=[OpenApiExample("تصحيح", request_only=True, value={"reason": "كُتب الاسم العائلي خطأ"})],
    )
    @once
    def post(self, request: Request, certificate_id: UUID) -> Response:
        certificate = get_object_or_404(_rows(request), uuid=certificate_id)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        corrected = correct_certificate(
            certificate=certificate,
            by=request.user,
            reason=asked.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(present_certificate(_rows(request).get(pk=corrected.pk), request.user), status=201)


class Verification(Endpoint):
    ability = "certificate.verify"

    @extend_schema(
        summary="Is this certificate true? Anyone may ask",
        description="Always 200. Without `serial` it speaks of the newest document of the completion.",
        parameters=[OpenApiParameter("serial", str)],
        responses=VerdictSerializer,
        examples=[
            OpenApiExample(
                "صالحة",
                response_only=True,
                value={"status": "valid", "name": "فاطمة الاختبارية", "course": "أساسيات ريادة الأعمال"},
            )
        ],
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(present_verdict(verify(code=code, serial=request.query_params.get("serial", ""))))


def present_verdict(verdict: Verdict) -> dict[str, Any]:
    """What the holder shows, and nothing that leads to her centre."""
    facts, certificate = verdict.facts, verdict.certificate
    if facts is None or certificate is None:
        return {"status": verdict.status}
    language = get_language()
    said = {
        "status": verdict.status,
        "serial": facts.serial,
        "name": facts.name if verdict.shows_name else None,
        "course": in_language(facts.course_title, ["ar"], language),
        "hours": facts.hours,
        "completed_on": facts.completed_on,
        "issued_at": facts.issued_at,
        "institution": in_language(facts.institution, ["ar"], language),
        "specimen": facts.specimen,
    }
    return said | ({"revoked_at": certificate.revoked_at} if certificate.revoked_at else {})
