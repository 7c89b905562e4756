import logging
from uuid import UUID

from django.utils import timezone

from learners.certificates import services
from learners.events import CertificateCorrected, CourseCompleted, DocumentsToLookFor
from tasks.base import handler, job

log = logging.getLogger(__name__)


@handler(queue="certificates", manner="outside", together=8)
def draw_certificate(event: CourseCompleted | CertificateCorrected) -> None:
    services.draw_certificate(certificate_id=event.certificate_id, at=timezone.now())


@handler(queue="certificates", manner="outside")
def look_for_documents(event: DocumentsToLookFor) -> None:
    services.look_for_documents(first=UUID(event.first_certificate), last=UUID(event.last_certificate))


@job(queue="certificates")
def reconcile_certificates() -> None:
    at = timezone.now()
    found = services.reconcile_certificates(at=at)
    late = services.tell_late(drawn_by=draw_certificate.name, at=at)
    services.ask_for_documents()
    log.log(
        logging.WARNING if late or any(found.values()) else logging.INFO,
        "certificates reconciled: %d completions without one, %d without a completion; %d drawings told anew",
        found["missing"],
        found["orphaned"],
        late,
    )
