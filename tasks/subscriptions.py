"""Event → handlers: the asynchronous half of the platform on one screen."""

from learners.events import (
    CertificateReady,
    CertificateRevoked,
    CourseCompleted,
    EnrolmentsChanged,
    LearnersFellSilent,
)
from lms.events.facts import Event
from lms.files.events import UploadReceived
from lms.registrations.events import RegistrationConfirmed
from lms.sign_in.events import CodeRequested
from tasks.base import Handler
from tasks.certificates import draw_certificate
from tasks.learners import bring_enrolments_home
from tasks.media import check_upload
from tasks.messages import send_code
from tasks.notifications import (
    nudge,
    tell_certificate_ready,
    tell_certificate_revoked,
    tell_learner_she_finished,
    tell_registration_confirmed,
)
from tasks.reports import tally_enrolments

SUBSCRIPTIONS: dict[type[Event], list[Handler]] = {
    CodeRequested: [send_code],
    RegistrationConfirmed: [bring_enrolments_home, tell_registration_confirmed],
    UploadReceived: [check_upload],
    EnrolmentsChanged: [tally_enrolments],
    CourseCompleted: [draw_certificate, tell_learner_she_finished, tally_enrolments],
    CertificateReady: [tell_certificate_ready],
    CertificateRevoked: [tell_certificate_revoked, tally_enrolments],
    LearnersFellSilent: [nudge],
}
