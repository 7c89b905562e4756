"""Issuing, drawing, revoking and reconciling certificates.

The row and its serial are born in the completion's own transaction; the worker only draws. The document can be
drawn again at any time: the same facts give the same bytes.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
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
from learners.events import (
    CertificateReady,
    CertificateRevoked,
    CourseCompleted,
    DocumentsToLookFor,
    EnrolmentsChanged,
)
from lms import sealing
from lms.accounts.models import Person
from lms.accounts.queries import latin_name, printed_name
from lms.accounts.services import is_confidential
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.models import EventDelivery
from lms.events.services import publish
from lms.files import storage
from lms.operations.services import keep_finding

log = logging.getLogger(__name__)

DOCUMENTS = "certificates/"
DRAWING_EXPECTED_WITHIN = timedelta(minutes=10)
REPAIRED_IN_A_RUN = 1_000
REPAIRED_AT_ONCE = 100
LOOKED_FOR_AT_ONCE = 1_000
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
        name_latin=in_latin(enrolment.learner),
        course_title={"ar": next(iter(publication.title.values()))} | title,
        hours=publication.hours,
        completed_on=timezone.localdate(enrolment.completed_at or at),
        issued_at=at,
        language="ar+fr" if "fr" in title else "ar",
        signatories=_in_force(signing.get(institution.pk, ()), timezone.localdate(at)),
        institution=institution.name,
        specimen=not settings.PRODUCTION,
    )


def in_latin(learner: Person) -> str | None:
    """Her name in Latin letters, where it is not what is printed already."""
    latin = latin_name(learner)
    return latin if latin and latin != printed_name(learner) else None


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

    Drawing and storing wait outside any transaction; both may happen twice with the same result. What the storage
    gives back differs from what was drawn: `ObjectDamaged`, and it stays pending.
    """
    certificate = Certificate.objects.filter(pk=certificate_id, state=CertificateState.PENDING).first()
    if certificate is None:
        return
    drawing = draw(facts_of(certificate))
    key = _key(certificate.uuid)
    storage.put_bytes(drawing.pdf, key, sha256=drawing.sha256, content_type="application/pdf")
    if not _mark_ready(certificate_id, key, drawing, at):
        storage.delete(key)


def _key(uuid: UUID) -> str:
    return f"{DOCUMENTS}{uuid}.pdf"


@transaction.atomic
def _mark_ready(certificate_id: int, key: str, drawing: Drawing, at: datetime) -> bool:
    """False if there is no such certificate any more: she was forgotten while it was drawn."""
    certificate = Certificate.objects.select_for_update(no_key=True).filter(pk=certificate_id).first()
    if certificate is None or certificate.state != CertificateState.PENDING:
        return certificate is not None
    certificate.state = CertificateState.READY
    certificate.ready_at = at
    certificate.key, certificate.sha256, certificate.bytes = key, drawing.sha256, len(drawing.pdf)
    certificate.template_version = drawing.template_version
    certificate.typst_version = drawing.typst_version
    certificate.save()
    publish(CertificateReady(certificate_id=certificate_id))
    return True


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
    """Count completions without a certificate (`missing`) and live certificates without a completion (`orphaned`).

    The target of both is zero. The oldest thousand of the first kind are repaired, a hundred in a transaction. A
    completion whose certificate was revoked is no gap. Safe to repeat.
    """
    missing = Enrolment.objects.filter(state=EnrolmentState.COMPLETED, certificates=None).order_by("id")
    orphaned = Certificate.objects.live().filter(enrolment__completed_at=None).count()
    found = {"missing": missing.count(), "orphaned": orphaned}
    keep_finding(job="reconcile_certificates", numbers=found, at=at)
    ids = list(missing.values_list("id", flat=True)[:REPAIRED_IN_A_RUN])
    for start in range(0, len(ids), REPAIRED_AT_ONCE):
        _repair(ids[start : start + REPAIRED_AT_ONCE], at)
    return found


@transaction.atomic
def _repair(enrolment_ids: Sequence[int], at: datetime) -> None:
    """Lock first and look then: who was repaired while we waited has her certificate already."""
    rows = Enrolment.objects.filter(pk__in=enrolment_ids, state=EnrolmentState.COMPLETED).select_related(
        "learner__identity", "organisation__centre_type", "publication", "course__organisation"
    )
    locked = list(rows.order_by("id").select_for_update(no_key=True, of=("self",)))
    certified = set(
        Certificate.objects.filter(enrolment__in=enrolment_ids).values_list("enrolment_id", flat=True)
    )
    issue_certificates([(row, at) for row in locked if row.pk not in certified])


@transaction.atomic
def tell_late(*, drawn_by: str, at: datetime) -> int:
    """Tell anew of certificates that nobody draws though they are ten minutes old; returns how many, 1,000 at most.

    `drawn_by`: the handler that draws. A drawing that is open will be tried again by itself, and one that is dead
    waits for an operator: to tell of it would only give it another fifteen attempts.
    """
    waiting = EventDelivery.objects.filter(handler=drawn_by, done_at=None).annotate(
        certificate=Cast(KeyTextTransform("certificate_id", "event__payload"), BigIntegerField())
    )
    late = Certificate.objects.filter(
        ~Exists(waiting.filter(certificate=OuterRef("pk"))),
        state=CertificateState.PENDING,
        issued_at__lt=at - DRAWING_EXPECTED_WITHIN,
    )
    return _tell_anew(late.order_by("id")[:REPAIRED_IN_A_RUN])


def _tell_anew(certificates: QuerySet[Certificate]) -> int:
    pairs = list(certificates.values_list("enrolment_id", "id"))
    publish(*(CourseCompleted(enrolment_id=enrolment, certificate_id=id_) for enrolment, id_ in pairs))
    return len(pairs)


PORTIONS = """
SELECT min(uuid::text), max(uuid::text)
  FROM (SELECT uuid, (row_number() OVER (ORDER BY uuid) - 1) / %s AS portion FROM certificate WHERE state = 'ready')
       AS ready
 GROUP BY portion ORDER BY portion
"""


@transaction.atomic
def ask_for_documents() -> int:
    """Have every ready certificate's document looked for, a fact for each thousand; returns how many facts."""
    with connection.cursor() as cursor:
        cursor.execute(PORTIONS, [LOOKED_FOR_AT_ONCE])
        portions = cursor.fetchall()
    publish(*(DocumentsToLookFor(first_certificate=first, last_certificate=last) for first, last in portions))
    return len(portions)


def look_for_documents(*, first: UUID, last: UUID) -> int:
    """Have drawn again what the storage has lost or cut short; returns how many. Safe to repeat.

    The storage is asked outside any transaction, for the sizes of up to a thousand objects at once.
    """
    ready = Certificate.objects.filter(uuid__gte=first, uuid__lte=last, state=CertificateState.READY)
    expected = list(ready.values_list("id", "key", "bytes"))
    stored = storage.sizes(DOCUMENTS, after=f"{DOCUMENTS}{first}", until=_key(last))
    lost = [id_ for id_, key, size in expected if stored.get(key) != size]
    return _draw_again(lost) if lost else 0


@transaction.atomic
def _draw_again(certificate_ids: Sequence[int]) -> int:
    rows = Certificate.objects.filter(pk__in=certificate_ids, state=CertificateState.READY)
    ids = list(rows.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
    again = Certificate.objects.filter(pk__in=ids)
    again.update(state=CertificateState.PENDING, key="")
    log.warning("the storage has lost %d documents of certificates; they are drawn again", len(ids))
    return _tell_anew(again.order_by("id"))
