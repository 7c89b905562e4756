"""Event → handlers: the asynchronous half of the platform on one screen."""

from courses.events import DraftDecided
from learners.events import (
    CertificateCorrected,
    CertificateReady,
    CertificateRevoked,
    CourseCompleted,
    DocumentsToLookFor,
    EnrolmentsChanged,
    HelpAnswered,
    HelpAsked,
    ImportDone,
    LearnersAlmostThere,
    LearnersEnrolled,
    LearnersFellSilent,
    LettersWaiting,
    MoveBegun,
    PersonErased,
    RowsWaiting,
    SupportAsked,
)
from lms.events.facts import Event
from lms.files.events import RenditionsAsked, RenditionSettled, UploadReceived
from lms.registrations.events import RegistrationConfirmed
from lms.sign_in.events import CodeRequested, SignedIn
from lms.voice.events import VoiceForgotten, VoiceReceived
from lms.ways_in.events import RecoveryOpened
from tasks.base import Handler
from tasks.certificates import draw_certificate, look_for_documents
from tasks.imports import work_off_import
from tasks.learners import bring_enrolments_home, move_learners, remove_documents
from tasks.media import check_upload, make_renditions, weigh_courses
from tasks.messages import send_code, tell_recovery_opened
from tasks.notifications import (
    nudge,
    send_letters,
    tell_almost_there,
    tell_certificate_ready,
    tell_certificate_revoked,
    tell_draft_decided,
    tell_enrolled,
    tell_help_answered,
    tell_help_asked,
    tell_import_done,
    tell_learner_she_finished,
    tell_new_device,
    tell_registration_confirmed,
    tell_support_asked,
)
from tasks.reports import tally_enrolments
from tasks.voice import check_voice, remove_sound

SUBSCRIPTIONS: dict[type[Event], list[Handler]] = {
    CodeRequested: [send_code],
    SignedIn: [tell_new_device],
    RecoveryOpened: [tell_recovery_opened],
    RegistrationConfirmed: [bring_enrolments_home, tell_registration_confirmed],
    UploadReceived: [check_upload],
    VoiceReceived: [check_voice],
    VoiceForgotten: [remove_sound],
    RenditionsAsked: [make_renditions],
    RenditionSettled: [weigh_courses],
    EnrolmentsChanged: [tally_enrolments],
    LearnersEnrolled: [tell_enrolled],
    CourseCompleted: [draw_certificate, tell_learner_she_finished, tally_enrolments],
    CertificateCorrected: [draw_certificate],
    CertificateReady: [tell_certificate_ready],
    CertificateRevoked: [tell_certificate_revoked, tally_enrolments],
    DocumentsToLookFor: [look_for_documents],
    LearnersFellSilent: [nudge],
    LearnersAlmostThere: [tell_almost_there],
    LettersWaiting: [send_letters],
    PersonErased: [remove_documents],
    MoveBegun: [move_learners],
    RowsWaiting: [work_off_import],
    ImportDone: [tell_import_done],
    SupportAsked: [tell_support_asked],
    DraftDecided: [tell_draft_decided],
    HelpAsked: [tell_help_asked],
    HelpAnswered: [tell_help_answered],
}
