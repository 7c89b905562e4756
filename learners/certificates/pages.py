"""Her certificates, and the page on which a stranger checks one."""

from typing import Any, Final, cast
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from learners.certificates.documents import handed_out
from learners.certificates.models import Certificate, CertificateQuerySet, CertificateState
from learners.certificates.queries import Verdict, verify
from learners.certificates.services import choose_check, facts_of
from lms.access.scoping import HasScope
from lms.accounts.models import Person
from lms.pages.page import Page
from lms.texts import in_words

SEE_OTHER: Final = 303


def certificates_of(person: HasScope) -> CertificateQuerySet:
    """Her own, the newest first; a document that a newer one replaced is left out. One statement."""
    rows = Certificate.objects.filter(enrolment__learner_id=person.scope.person_id)
    kept = rows.exclude(state=CertificateState.SUPERSEDED).order_by("-issued_at", "-id")
    return kept.select_related("enrolment__verification")


def present(certificate: Certificate) -> dict[str, Any]:
    facts, link = facts_of(certificate), certificate.enrolment.verification
    return {
        "certificate": certificate,
        "facts": facts,
        "title": in_words(facts.course_title),
        "link": link,
        "qr": qr(facts.verification_url) if link.public else "",
    }


def qr(address: str) -> SafeString:
    """A QR code as an SVG element, dark on light in every colour scheme."""
    code = segno.make(address, error="m")
    svg = code.svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  # drawn by segno from our own address: no text of anybody's stands in it


class Certificates(Page):
    ability = "certificate.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = certificates_of(cast("Person", request.user))
        return self.show(
            "learners/certificates/certificates.html", certificates=[present(row) for row in rows]
        )


class CertificateDocument(Page):
    """The document: by a link signed for five minutes, or drawn at once for a printer that has only black."""

    ability = "certificate.read"

    def get(self, request: HttpRequest, certificate_id: UUID) -> HttpResponse:
        rows = certificates_of(cast("Person", request.user))
        certificate = get_object_or_404(rows, uuid=certificate_id)
        if not certificate.key:
            return HttpResponseRedirect(reverse("certificates"))
        return handed_out(certificate, request.GET.get("design", ""))


class CertificateCheck(Page):
    """POST: who may check her certificate, and whether they see her name."""

    ability = "self.change"

    def get(self, request: HttpRequest, certificate_id: UUID) -> HttpResponse:
        """Where signing in again in mid-form leads back to."""
        return HttpResponseRedirect(reverse("certificates"))

    def post(self, request: HttpRequest, certificate_id: UUID) -> HttpResponse:
        person = cast("Person", request.user)
        choose_check(
            certificate=get_object_or_404(certificates_of(person), uuid=certificate_id),
            by=person,
            public="public" in request.POST,
            shows_name="shows_name" in request.POST,
            at=timezone.now(),
        )
        return HttpResponseRedirect(reverse("certificates"), status=SEE_OTHER)


class Verification(Page):
    """Is this certificate true? For a stranger with a phone; says what its holder shows and nothing else."""

    ability = "certificate.verify"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        verdict = verify(code=code, serial=request.GET.get("s", ""))
        return self.show("learners/certificates/verification.html", code=code, **shown(verdict))


def shown(verdict: Verdict) -> dict[str, Any]:
    """The names that the verification page draws; nothing that leads to her centre."""
    facts, certificate = verdict.facts, verdict.certificate
    if facts is None or certificate is None:
        return {"verdict": verdict.status, "facts": None}
    return {
        "verdict": verdict.status,
        "facts": facts,
        "name": facts.name if verdict.shows_name else "",
        "title": in_words(facts.course_title),
        "institution": in_words(facts.institution),
        "revoked_at": certificate.revoked_at,
    }
