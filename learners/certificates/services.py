"""Issuing, drawing, revoking and reconciling certificates.

The row and its serial are born in the completion's own transaction; the worker only draws. The document can be
drawn again at any time: the same facts give the same bytes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import orjson
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.certificates.drawing.document import (
    MOST_SIGNATORIES,
    CertificateFacts,
    Drawing,
    Signatory,
    draw,
)
from learners.certificates.models import (
    LIVE,
    Certificate,
    CertificateState,
    SignatureHolder,
    VerificationLink,
)
from learners.certificates.serials import new_code, next_serials
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import CertificateReady, CertificateRevoked, CourseCompleted, EnrolmentsChanged
from lms import sealing
from lms.accounts.models import Person
from lms.accounts.queries import printed_name
from lms.accounts.services import is_confidential
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish

DRAWING_EXPECTED_WITHIN = timedelta(minutes=10)
REPAIRED_AT_ONCE = 1_000
ISSUED_AT_ONCE = 1_000


class NotLive(Refusal):
    code = "certificate_not_live"
    status = 409
    message = _("This certificate has been replaced or has expired.")


class ReasonNeeded(Refusal):
    code = "reason_needed"
    message = _("Say why.")


def issue_certificate(*, enrolment: Enrolment, at: datetime) -> Certificate:
    """Give a completion its certificate: serial, link and frozen facts. The database allows one live one."""
    return issue_certificates([(enrolment, at)])[0]


@transaction.atomic
def issue_certificates(completions: Sequence[tuple[Enrolment, datetime]]) -> list[Certificate]:
    """Give each completion its certificate, born at the moment beside it. Statements do not grow with their number.

    What it reads of an enrolment (identity, publication, organisations) is best selected with it.
    """
    links = _links([enrolment for enrolment, _at in completions])
    signing = _signatories({enrolment.course.organisation_id for enrolment, _at in completions})
    serials = next_serials([at.year for _enrolment, at in completions])
    certificates = []
    for (enrolment, at), serial in zip(completions, serials, strict=True):
        certificate = Certificate(enrolment=enrolment, serial=serial, issued_at=at)
        facts = _facts(enrolment, serial, links[enrolment.pk], signing, at)
        certificate.facts = sealing.seal(
            orjson.dumps(facts.to_json()).decode(), table="certificate", column="facts", row=certificate.uuid
        )
        certificates.append(certificate)
    Certificate.objects.bulk_create(certificates, batch_size=ISSUED_AT_ONCE)
    publish(*(CourseCompleted(enrolment_id=c.enrolment_id, certificate_id=c.pk) for c in certificates))
    return certificates


def _links(enrolments: Sequence[Enrolment]) -> dict[int, VerificationLink]:
    """The codes of the completions. A woman of a confidential centre switches the public check on herself."""
    VerificationLink.objects.bulk_create(
        [
            VerificationLink(
                enrolment=enrolment, code=new_code(), public=not is_confidential(enrolment.organisation)
            )
            for enrolment in enrolments
        ],
        ignore_conflicts=True,
    )
    return VerificationLink.objects.in_bulk([enrolment.pk for enrolment in enrolments])


def _facts(
    enrolment: Enrolment,
    serial: str,
    link: VerificationLink,
    signing: Mapping[int, Sequence[SignatureHolder]],
    at: datetime,
) -> CertificateFacts:
    publication = enrolment.publication
    title = {
        language: publication.title[language] for language in ("ar", "fr") if publication.title.get(language)
    }
    institution = enrolment.course.organisation
    return CertificateFacts(
        serial=serial,
        verification_url=f"{settings.PUBLIC_URL}/v/{link.code}?s={serial}",
        name=printed_name(enrolment.learner),
        name_latin=None,
        course_title={"ar": next(iter(publication.title.values()))} | title,
        hours=publication.hours,
        completed_on=timezone.localdate(enrolment.completed_at or at),
        issued_at=at,
        language="ar+fr" if "fr" in title else "ar",
        signatories=_in_force(signing.get(institution.pk, ()), timezone.localdate(at)),
        institution=institution.name,
        specimen=not settings.PRODUCTION,
    )


def _signatories(organisation_ids: Collection[int]) -> dict[int, list[SignatureHolder]]:
    """Who has signed, signs or will sign for these institutions, in order. One statement."""
    rows = SignatureHolder.objects.filter(organisation_id__in=organisation_ids).select_related("organisation")
    by_institution: dict[int, list[SignatureHolder]] = defaultdict(list)
    for row in rows.order_by("position", "id"):
        by_institution[row.organisation_id].append(row)
    return by_institution


def _in_force(rows: Iterable[SignatureHolder], day: date) -> tuple[Signatory, ...]:
    signing = [
        row for row in rows if row.from_date <= day and (row.until_date is None or day <= row.until_date)
    ]
    return tuple(
        Signatory(name=row.name, function=row.function, institution=row.organisation.name)
        for row in signing[:MOST_SIGNATORIES]
    )


def facts_of(certificate: Certificate) -> CertificateFacts:
    """The frozen facts of a certificate."""
    text = sealing.unseal(certificate.facts, table="certificate", column="facts", row=certificate.uuid)
    return CertificateFacts.from_json(orjson.loads(text))


def draw_certificate(*, certificate_id: int, at: datetime) -> None:
    """Draw the document of a pending certificate, store it, and say that it is ready. Safe to repeat.

    Drawing and storing wait outside any transaction; both may happen twice with the same result.
    """
    certificate = Certificate.objects.filter(pk=certificate_id, state=CertificateState.PENDING).first()
    if certificate is None:
        return
    drawing = draw(facts_of(certificate))
    key = f"certificates/{certificate.uuid}.pdf"
    default_storage.save(key, ContentFile(drawing.pdf))
    _mark_ready(certificate_id, key, drawing, at)


@transaction.atomic
def _mark_ready(certificate_id: int, key: str, drawing: Drawing, at: datetime) -> None:
    certificate = Certificate.objects.select_for_update(no_key=True).get(pk=certificate_id)
    if certificate.state != CertificateState.PENDING:
        return
    certificate.state = CertificateState.READY
    certificate.ready_at = at
    certificate.key, certificate.sha256, certificate.bytes = key, drawing.sha256, len(drawing.pdf)
    certificate.template_version = drawing.template_version
    certificate.typst_version = drawing.typst_version
    certificate.save()
    publish(CertificateReady(certificate_id=certificate_id))


@transaction.atomic
def revoke_certificate(*, certificate: Certificate, by: Person, reason: str, at: datetime) -> Certificate:
    """Take a live certificate back: the row stays and its link says so. Safe to repeat."""
    if not reason.strip():
        raise ReasonNeeded
    certificate = Certificate.objects.select_for_update(no_key=True).get(pk=certificate.pk)
    if certificate.state == CertificateState.REVOKED:
        return certificate
    if certificate.state not in LIVE:
        raise NotLive
    certificate.state = CertificateState.REVOKED
    certificate.revoked_at, certificate.revoked_by, certificate.revoked_reason = at, by, reason.strip()
    certificate.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
    record_change(
        actor=by,
        verb="certificate.revoke",
        subject=f"certificate:{certificate.serial}",
        fields=["state"],
        reason=reason,
        at=at,
    )
    publish(
        CertificateRevoked(certificate_id=certificate.pk),
        EnrolmentsChanged(enrolment_ids=[certificate.enrolment_id]),
    )
    return certificate


@transaction.atomic
def choose_check(
    *, certificate: Certificate, by: Person, public: bool, shows_name: bool, at: datetime
) -> VerificationLink:
    """The holder decides whether strangers can check her completion, and whether they see her name. Safe to repeat."""
    link = VerificationLink.objects.select_for_update(no_key=True).get(enrolment=certificate.enrolment_id)
    chosen = {"public": public, "shows_name": shows_name}
    changed = [name for name, value in chosen.items() if getattr(link, name) != value]
    if changed:
        link.public, link.shows_name = public, shows_name
        link.save(update_fields=changed)
        record_change(
            actor=by,
            verb="certificate.choose_check",
            subject=f"certificate:{certificate.serial}",
            fields=changed,
            at=at,
        )
    return link


def reconcile_certificates(*, at: datetime) -> dict[str, int]:
    """Count completions without a certificate and certificates without a completion, and repair the first kind.

    A certificate that stays pending too long is told anew, so that a lost drawing cannot stay lost. A completion
    whose certificate was revoked is no gap.
    """
    missing = Enrolment.objects.filter(state=EnrolmentState.COMPLETED, certificates=None).order_by("id")
    orphaned = Certificate.objects.live().filter(enrolment__completed_at=None).count()
    repaired = 0
    for enrolment in missing.select_related("organisation__centre_type", "learner")[:REPAIRED_AT_ONCE]:
        repaired += _repair(enrolment, at)
    return {"missing": repaired, "orphaned": orphaned, "late": _tell_anew(at)}


@transaction.atomic
def _tell_anew(at: datetime) -> int:
    late = Certificate.objects.filter(
        state=CertificateState.PENDING, issued_at__lt=at - DRAWING_EXPECTED_WITHIN
    )
    pairs = list(late.order_by("id").values_list("enrolment_id", "id")[:REPAIRED_AT_ONCE])
    publish(*(CourseCompleted(enrolment_id=enrolment, certificate_id=id_) for enrolment, id_ in pairs))
    return len(pairs)


@transaction.atomic
def _repair(enrolment: Enrolment, at: datetime) -> int:
    Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if enrolment.certificates.exists():
        return 0
    issue_certificate(enrolment=enrolment, at=at)
    return 1
