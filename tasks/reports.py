import logging

from django.utils import timezone

from learners.events import CertificateRevoked, CourseCompleted, EnrolmentsChanged
from learners.reports import services
from tasks.base import handler, job

log = logging.getLogger(__name__)


@handler(queue="tallies", manner="batched", leases=3)
def tally_enrolments(events: list[EnrolmentsChanged | CourseCompleted | CertificateRevoked]) -> None:
    enrolment_ids: set[int] = set()
    certificate_ids: set[int] = set()
    for event in events:
        match event:
            case EnrolmentsChanged():
                enrolment_ids.update(event.enrolment_ids)
            case CourseCompleted():
                enrolment_ids.add(event.enrolment_id)
            case CertificateRevoked():
                certificate_ids.add(event.certificate_id)
    services.count_enrolments(
        enrolment_ids=list(enrolment_ids), certificate_ids=list(certificate_ids), at=timezone.now()
    )


@job(queue="tallies")
def reconcile_tallies() -> None:
    wrong = services.reconcile_tallies(at=timezone.now())
    log.log(logging.WARNING if wrong else logging.INFO, "tallies counted anew: %d cells were wrong", wrong)
