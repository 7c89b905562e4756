"""Correcting a certificate: a new document under the same link; the old one says that it was replaced."""

from dataclasses import replace
from datetime import datetime

import orjson
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from learners.certificates.drawing.document import CertificateFacts
from learners.certificates.models import LIVE, Certificate, CertificateState, VerificationLink
from learners.certificates.serials import next_serials
from learners.certificates.services import NotLive, ReasonNeeded, facts_of, in_latin
from learners.events import CertificateCorrected, EnrolmentsChanged
from lms import sealing
from lms.accounts.models import Person
from lms.accounts.queries import printed_name
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish


class NothingToCorrect(Refusal):
    code = "nothing_to_correct"
    status = 409
    message = _("The certificate already shows her name as it is written in her account.")


@transaction.atomic
def correct_certificate(*, certificate: Certificate, by: Person, reason: str, at: datetime) -> Certificate:
    """Replace a live certificate by one with her name as it is written now; returns the new, pending one.

    All other facts stay as they were frozen, the link and what she shows on it too; serial and moment of issue are
    new. Refuses a certificate that is not live, one without anything to correct, and a correction without a reason.
    """
    if not reason.strip():
        raise ReasonNeeded
    old = (
        Certificate.objects.select_for_update(no_key=True, of=("self",))
        .select_related("enrolment__learner__identity")
        .get(pk=certificate.pk)
    )
    if old.state not in LIVE:
        raise NotLive
    known, learner = facts_of(old), old.enrolment.learner
    facts = replace(known, name=printed_name(learner), name_latin=in_latin(learner))
    if facts == known:
        raise NothingToCorrect
    Certificate.objects.filter(pk=old.pk).update(state=CertificateState.SUPERSEDED)
    new = _successor(old, facts, at)
    Certificate.objects.filter(pk=old.pk).update(superseded_by=new)
    record_change(
        actor=by,
        verb="certificate.correct",
        subject=f"certificate:{old.serial}",
        fields=["name"],
        reason=reason.strip(),
        at=at,
    )
    publish(
        CertificateCorrected(certificate_id=new.pk, replaces_id=old.pk),
        EnrolmentsChanged(enrolment_ids=[old.enrolment_id]),
    )
    return new


def _successor(old: Certificate, facts: CertificateFacts, at: datetime) -> Certificate:
    [serial] = next_serials([at.year])
    code = VerificationLink.objects.values_list("code", flat=True).get(enrolment=old.enrolment_id)
    facts = replace(
        facts,
        serial=serial,
        issued_at=at,
        verification_url=f"{settings.PUBLIC_URL}/v/{code}?s={serial}",
    )
    new = Certificate(enrolment_id=old.enrolment_id, serial=serial, issued_at=at)
    new.facts = sealing.seal(
        orjson.dumps(facts.to_json()).decode(), table="certificate", column="facts", row=new.uuid
    )
    new.save(force_insert=True)
    return new
