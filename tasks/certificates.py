from django.utils import timezone

from learners.certificates import services
from learners.events import CourseCompleted
from tasks.base import handler, job


@handler(queue="certificates", manner="outside")
def draw_certificate(event: CourseCompleted) -> None:
    services.draw_certificate(certificate_id=event.certificate_id, at=timezone.now())


@job(queue="certificates")
def reconcile_certificates() -> None:
    services.reconcile_certificates(at=timezone.now())
