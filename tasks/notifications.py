from django.utils import timezone

from learners.events import CertificateReady, CertificateRevoked, CourseCompleted, LearnersFellSilent
from learners.notifications import services
from lms.registrations.events import RegistrationConfirmed
from tasks.base import handler, job


@handler(manner="batched")
def tell_learner_she_finished(events: list[CourseCompleted]) -> None:
    services.tell_completed(enrolment_ids=[event.enrolment_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_certificate_ready(events: list[CertificateReady]) -> None:
    services.tell_ready(certificate_ids=[event.certificate_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_certificate_revoked(events: list[CertificateRevoked]) -> None:
    services.tell_revoked(certificate_ids=[event.certificate_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_registration_confirmed(events: list[RegistrationConfirmed]) -> None:
    services.tell_confirmed(registration_ids=[event.registration_id for event in events], at=timezone.now())


@handler(manner="batched")
def nudge(events: list[LearnersFellSilent]) -> None:
    services.nudge(enrolment_ids=[id_ for event in events for id_ in event.enrolment_ids], at=timezone.now())


@job()
def find_silent() -> None:
    services.find_silent(at=timezone.now())
