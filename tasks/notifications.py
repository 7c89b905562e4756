from django.utils import timezone

from courses.events import DraftDecided
from learners.deliveries.services import find_waiting, send_waiting
from learners.events import (
    CertificateReady,
    CertificateRevoked,
    CourseCompleted,
    HelpAnswered,
    HelpAsked,
    ImportDone,
    LearnersAlmostThere,
    LearnersEnrolled,
    LearnersFellSilent,
    LettersWaiting,
    SupportAsked,
)
from learners.notifications import services
from lms.registrations.events import RegistrationConfirmed
from lms.sign_in.events import SignedIn
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
def tell_enrolled(events: list[LearnersEnrolled]) -> None:
    enrolment_ids = [id_ for event in events for id_ in event.enrolment_ids]
    services.tell_enrolled(enrolment_ids=enrolment_ids, at=timezone.now())


@handler(manner="batched")
def tell_almost_there(events: list[LearnersAlmostThere]) -> None:
    enrolment_ids = [id_ for event in events for id_ in event.enrolment_ids]
    services.tell_almost_there(enrolment_ids=enrolment_ids, at=timezone.now())


@handler(manner="batched")
def tell_new_device(events: list[SignedIn]) -> None:
    services.tell_new_device(session_ids=[event.session_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_import_done(events: list[ImportDone]) -> None:
    services.tell_import_done(import_ids=[event.import_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_draft_decided(events: list[DraftDecided]) -> None:
    services.tell_draft_decided(review_ids=[event.review_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_support_asked(events: list[SupportAsked]) -> None:
    request_ids = [event.support_request_id for event in events]
    services.tell_support_asked(request_ids=request_ids, at=timezone.now())


@handler(manner="batched")
def tell_help_asked(events: list[HelpAsked]) -> None:
    services.tell_help_asked(thread_ids=[event.thread_id for event in events], at=timezone.now())


@handler(manner="batched")
def tell_help_answered(events: list[HelpAnswered]) -> None:
    services.tell_help_answered(message_ids=[event.message_id for event in events], at=timezone.now())


@handler(manner="batched")
def nudge(events: list[LearnersFellSilent]) -> None:
    services.nudge(enrolment_ids=[id_ for event in events for id_ in event.enrolment_ids], at=timezone.now())


# Not in the queue of sign-in codes: whoever waits for a code must not wait behind a thousand letters.
@handler(manner="outside")
def send_letters(_event: LettersWaiting) -> None:
    send_waiting(at=timezone.now())


@job()
def find_silent() -> None:
    services.find_silent(at=timezone.now())


@job()
def find_almost_there() -> None:
    services.find_almost_there(at=timezone.now())


@job()
def find_letters() -> None:
    find_waiting(at=timezone.now())
