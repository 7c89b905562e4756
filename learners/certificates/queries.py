"""What a stranger may learn from a code."""

from dataclasses import dataclass
from typing import Literal

from learners.certificates.drawing.document import CertificateFacts
from learners.certificates.models import Certificate, CertificateState, VerificationLink
from learners.certificates.services import facts_of

Status = Literal["valid", "superseded", "revoked", "expired", "unknown"]

# A pending certificate is valid: the row is the proof, the document only its picture.
STATUS: dict[str, Status] = {
    CertificateState.PENDING: "valid",
    CertificateState.READY: "valid",
    CertificateState.SUPERSEDED: "superseded",
    CertificateState.REVOKED: "revoked",
    CertificateState.EXPIRED: "expired",
}


@dataclass(frozen=True)
class Verdict:
    status: Status
    certificate: Certificate | None = None
    facts: CertificateFacts | None = None
    shows_name: bool = False


def verify(*, code: str, serial: str = "") -> Verdict:
    """What can be said of a code: the document of that serial, or the newest one of the completion.

    A code that never was, a serial of another completion and a link its holder keeps closed are all `unknown`.
    """
    link = VerificationLink.objects.filter(code=code.strip().upper(), public=True).first()
    rows = Certificate.objects.filter(enrolment__verification=link) if link else Certificate.objects.none()
    if serial:
        rows = rows.filter(serial=serial.strip().upper())
    certificate = rows.order_by("-issued_at", "-id").first()
    if link is None or certificate is None:
        return Verdict("unknown")
    return Verdict(STATUS[certificate.state], certificate, facts_of(certificate), link.shows_name)
