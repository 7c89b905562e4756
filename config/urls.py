"""Every address of the platform, on one page."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import metrics
from courses.authoring import api as authoring
from courses.authoring import reuse_api as reuse
from courses.reviewing import api as reviewing
from courses.studio import api as studio_api
from courses.studio import pages as studio
from learners.app import api as app_api
from learners.app import pages as app_pages
from learners.attempts import api as attempts
from learners.certificates import api as certificates
from learners.certificates import naming_api
from learners.certificates import pages as certificate_pages
from learners.classroom import (
    catalogue,
    endings,
    home,
    impact,
    lesson_pages,
    outlines,
    own_outline,
    quiz_pages,
)
from learners.classroom import help_pages as classroom_help
from learners.classroom import pages as classroom_pages
from learners.cohorts import api as cohorts
from learners.deliveries import api as deliveries
from learners.devices import api as devices
from learners.enrolments import api as enrolments
from learners.faces import api as faces
from learners.facilitated import api as sessions
from learners.facilitated import attestation_api as attestations
from learners.facilitated import attestation_pages
from learners.facilitated import pages as session_pages
from learners.gradebook import api as gradebook_api
from learners.gradebook import pages as gradebook
from learners.help import api as help_api
from learners.help import pages as help_pages
from learners.imports import api as imports
from learners.imports import pages as import_pages
from learners.moving import api as moving
from learners.moving import pages as moving_pages
from learners.notifications import api as notifications
from learners.notifications import pages as notification_pages
from learners.offline import api as offline
from learners.operations import pages as operations_pages
from learners.personal_data import api as personal_data
from learners.progress import api as progress
from learners.reports import api as reports
from learners.reports import pages as report_pages
from learners.support import api as support
from learners.support import pages as support_pages
from lms.accounts import api as people
from lms.api import documents, health
from lms.files import api as files
from lms.operations import api as operations
from lms.organisations import api as organisations
from lms.profile import api as profile
from lms.profile import pages as profile_pages
from lms.registrations import api as registrations
from lms.registrations import pages as registration_pages
from lms.sign_in import api as sign_in
from lms.sign_in import pages as sign_in_pages
from lms.sign_in import passkey_api as passkeys
from lms.sign_in import proof_api as proofs
from lms.sign_in import proof_pages
from lms.voice import api as voice
from lms.ways_in import api as ways_in
from lms.ways_in import pages as way_in_pages

api: list[URLPattern | URLResolver] = [
    # the door
    path("auth/codes", sign_in.Codes.as_view()),
    path("auth/sessions", sign_in.Sessions.as_view()),
    path("auth/sessions/current", sign_in.CurrentSession.as_view()),
    path("auth/sessions/all", sign_in.AllSessions.as_view()),
    path("auth/sessions/<uuid:session_id>", sign_in.SessionDetail.as_view()),
    path("auth/passkeys", passkeys.Passkeys.as_view()),
    path("auth/passkeys/options", passkeys.PasskeyOptions.as_view()),
    path("auth/passkeys/challenges", passkeys.PasskeyChallenges.as_view()),
    path("auth/passkeys/<uuid:passkey_id>", passkeys.PasskeyDetail.as_view()),
    path("auth/proof-codes", proofs.ProofCodes.as_view()),
    path("auth/proofs", proofs.Proof.as_view()),
    path("registrations", registrations.Registrations.as_view()),
    path("registrations/<uuid:registration_id>/confirm", registrations.RegistrationConfirmation.as_view()),
    path("registrations/<uuid:registration_id>/decline", registrations.RegistrationRefusal.as_view()),
    # people and organisations
    path("me", profile.Me.as_view()),
    path("me/offline", app_api.Offline.as_view()),
    path("me/sessions", sessions.MySessions.as_view()),
    path("me/number", proofs.MyNumber.as_view()),
    path("me/data", personal_data.PersonalData.as_view()),
    path("people/reveal", people.PeopleReveal.as_view()),
    path("people/<uuid:person_id>/card", ways_in.PersonCard.as_view()),
    path("people/<uuid:person_id>/card/release", ways_in.CardRelease.as_view()),
    path("people/<uuid:person_id>/pin", ways_in.FirstPin.as_view()),
    path("people/<uuid:person_id>/recoveries", ways_in.PersonRecoveries.as_view()),
    path("ways-in", ways_in.WaysIn.as_view()),
    path("recoveries", ways_in.Recoveries.as_view()),
    path("recoveries/<uuid:recovery_id>/sign", ways_in.RecoverySignature.as_view()),
    path("recoveries/<uuid:recovery_id>/number", ways_in.RecoveryNumber.as_view()),
    path("recoveries/<uuid:recovery_id>/pin", ways_in.RecoveryPin.as_view()),
    path("organisations", organisations.Organisations.as_view()),
    path("organisations/<slug:code>", organisations.OrganisationDetail.as_view()),
    # what is taught
    path("voice-notes/<uuid:voice_id>", voice.VoiceNotes.as_view()),
    path("uploads", files.Uploads.as_view()),
    path("uploads/room", files.UploadRooms.as_view()),
    path("uploads/<uuid:upload_id>", files.UploadDetail.as_view()),
    path("uploads/<uuid:upload_id>/parts", files.UploadParts.as_view()),
    path("uploads/<uuid:upload_id>/check", files.UploadCheck.as_view()),
    path("uploads/<uuid:upload_id>/complete", files.UploadCompletion.as_view()),
    path("authoring/courses", authoring.Drafts.as_view()),
    path("authoring/courses/<slug:slug>", authoring.DraftDetail.as_view()),
    path("authoring/courses/<slug:slug>/changes", studio_api.DraftChanges.as_view()),
    path("authoring/courses/<slug:slug>/readiness", studio_api.Readiness.as_view()),
    path("authoring/courses/<slug:slug>/copies", reuse.CourseCopies.as_view()),
    path("authoring/modules/<uuid:module_id>/copies", reuse.ModuleCopies.as_view()),
    path("authoring/lessons/<uuid:lesson_id>/copies", reuse.LessonCopies.as_view()),
    path("authoring/lessons/<uuid:lesson_id>/renewal", reuse.LessonRenewal.as_view()),
    path("authoring/lessons/<uuid:lesson_id>/revisions", reuse.LessonRevisions.as_view()),
    path(
        "authoring/lessons/<uuid:lesson_id>/revisions/<int:version>/restore", reuse.LessonRestoring.as_view()
    ),
    path("authoring/courses/<slug:slug>/order", authoring.DraftOrder.as_view()),
    path("authoring/courses/<slug:slug>/next-steps", authoring.DraftNextSteps.as_view()),
    path("authoring/courses/<slug:slug>/modules", authoring.DraftModules.as_view()),
    path("authoring/courses/<slug:slug>/reviews", reviewing.CourseReviews.as_view()),
    path("authoring/reviews/<uuid:review_id>/comments", reviewing.ReviewComments.as_view()),
    path("authoring/reviews/<uuid:review_id>/return", reviewing.ReviewReturn.as_view()),
    path("authoring/reviews/<uuid:review_id>/approve", reviewing.ReviewApproval.as_view()),
    path("authoring/courses/<slug:slug>/publications", reviewing.Publications.as_view()),
    path("authoring/courses/<slug:slug>/withdrawal", reviewing.Withdrawal.as_view()),
    path("authoring/courses/<slug:slug>/moves", moving.Moves.as_view()),
    path("authoring/courses/<slug:slug>/moves/preview", moving.MovePreview.as_view()),
    path("authoring/courses/<slug:slug>/publications/impact", impact.PublicationImpact.as_view()),
    path("authoring/courses/<slug:slug>/faces", faces.CourseFaces.as_view()),
    path(
        "authoring/courses/<slug:slug>/voices/<uuid:voice_id>",
        faces.CourseVoice.as_view(),
        name="api-course-voice",
    ),
    path("authoring/modules/<uuid:module_id>", authoring.DraftModuleDetail.as_view()),
    path("authoring/modules/<uuid:module_id>/lessons", authoring.DraftLessons.as_view()),
    path("authoring/lessons/<uuid:lesson_id>", authoring.DraftLessonDetail.as_view()),
    path("authoring/lessons/<uuid:lesson_id>/variants/<slug:language>", authoring.DraftVariant.as_view()),
    path("courses", catalogue.Courses.as_view()),
    path("courses/<slug:slug>", catalogue.CourseDetail.as_view()),
    path("courses/<slug:slug>/outline", outlines.Outline.as_view()),
    path(
        "courses/<slug:slug>/publications/<int:number>/outline/<slug:language>",
        outlines.PublishedOutlineDetail.as_view(),
    ),
    path(
        "courses/<slug:slug>/publications/<int:number>/lessons/<uuid:lesson_id>",
        outlines.PublishedLessonDetail.as_view(),
    ),
    path(
        "courses/<slug:slug>/publications/<int:number>/lessons/<uuid:lesson_id>/file",
        outlines.PublishedLessonFile.as_view(),
        name="published-file",
    ),
    path(
        "courses/<slug:slug>/publications/<int:number>/lessons/<uuid:lesson_id>/captions",
        outlines.PublishedLessonCaptions.as_view(),
        name="published-captions",
    ),
    path("courses/<slug:slug>/publications/<int:number>/manifest", offline.CourseManifest.as_view()),
    path(
        "courses/<slug:slug>/publications/<int:number>/lessons/<uuid:lesson_id>/quiz",
        offline.OfflineQuiz.as_view(),
    ),
    # what a learner does
    path("enrolments", enrolments.Enrolments.as_view()),
    path("enrolments/<uuid:enrolment_id>", enrolments.EnrolmentDetail.as_view()),
    path("enrolments/<uuid:enrolment_id>/progress", progress.EnrolmentProgress.as_view()),
    path("enrolments/<uuid:enrolment_id>/outline", own_outline.OwnOutline.as_view()),
    path("enrolments/<uuid:enrolment_id>/eligibility", progress.EnrolmentEligibility.as_view()),
    path("enrolments/<uuid:enrolment_id>/lessons/<uuid:lesson_id>/attempts", attempts.Attempts.as_view()),
    path("home", home.Home.as_view()),
    path("enrolments/<uuid:enrolment_id>/modules/<int:number>/face", faces.ModuleFace.as_view()),
    path("enrolments/<uuid:enrolment_id>/next-steps", support.NextSteps.as_view()),
    path("enrolments/<uuid:enrolment_id>/support", support.Support.as_view()),
    path("enrolments/<uuid:enrolment_id>/name-confirmation", naming_api.NameOnCertificate.as_view()),
    path("enrolments/<uuid:enrolment_id>/help", help_api.EnrolmentHelp.as_view()),
    path("help/messages", help_api.HelpMessages.as_view()),
    path("help/messages/<uuid:message_id>/voice", help_api.HelpVoice.as_view(), name="api-help-voice"),
    path("help/threads", help_api.HelpThreads.as_view()),
    path("help/threads/<uuid:help_id>", help_api.HelpThreadDetail.as_view()),
    path("help/threads/<uuid:help_id>/answers", help_api.HelpAnswers.as_view()),
    path("help/threads/<uuid:help_id>/close", help_api.HelpClosing.as_view()),
    path("help/threads/<uuid:help_id>/number", help_api.HelpNumber.as_view()),
    path("me/help", help_api.HelpWanted.as_view()),
    path("support-requests", support.SupportRequests.as_view()),
    path("support-requests/<uuid:support_id>/take", support.SupportTaking.as_view()),
    path("support-requests/<uuid:support_id>/close", support.SupportClosing.as_view()),
    path("cohorts", cohorts.Cohorts.as_view()),
    path("cohorts/<uuid:cohort_id>/gradebook", gradebook_api.Gradebook.as_view()),
    path("cohorts/<uuid:cohort_id>/gradebook/file", gradebook_api.GradebookFile.as_view()),
    path("cohorts/<uuid:cohort_id>", cohorts.CohortDetail.as_view()),
    path("attempts/<uuid:attempt_id>/answers", attempts.AttemptAnswers.as_view()),
    path("attempts/<uuid:attempt_id>/submit", attempts.AttemptSubmission.as_view()),
    path("sessions", sessions.GroupSessions.as_view()),
    path("sessions/<uuid:session_id>", sessions.SessionDetail.as_view()),
    path("sessions/<uuid:session_id>/cancel", sessions.SessionCancellation.as_view()),
    path("sessions/<uuid:session_id>/attendance", sessions.SessionAttendance.as_view()),
    path("attestations", attestations.Attestations.as_view()),
    path("attestations/<uuid:attestation_id>/verdict", attestations.AttestationVerdict.as_view()),
    path("devices", devices.Devices.as_view()),
    path("progress/events", progress.ProgressEvents.as_view()),
    path("imports", imports.Imports.as_view()),
    path("imports/<uuid:import_id>", imports.ImportDetail.as_view()),
    path("imports/<uuid:import_id>/start", imports.ImportStart.as_view()),
    path("imports/<uuid:import_id>/errors", imports.ImportErrors.as_view(), name="import-errors"),
    # certificates and messages
    path("certificates", certificates.Certificates.as_view()),
    path("certificates/<uuid:certificate_id>", certificates.CertificateDetail.as_view()),
    path("certificates/<uuid:certificate_id>/document", certificates.CertificateDocument.as_view()),
    path("certificates/<uuid:certificate_id>/revoke", certificates.CertificateRevocation.as_view()),
    path("certificates/<uuid:certificate_id>/correct", certificates.CertificateCorrection.as_view()),
    path("verify/<str:code>", certificates.Verification.as_view()),
    path("notifications", notifications.Notifications.as_view()),
    path("notifications/<uuid:notification_id>/read", notifications.NotificationRead.as_view()),
    path("notification-preferences", notifications.NotificationPreferences.as_view()),
    # counts
    path("reports/completion", reports.Completion.as_view()),
    path("reports/completion/learners", reports.CompletionLearners.as_view()),
    # operations
    path("operations/events", operations.Deliveries.as_view()),
    path("operations/events/<uuid:delivery_id>/replay", operations.DeliveryReplay.as_view()),
    path("operations/messages", deliveries.Messages.as_view()),
    path("operations/messages/<uuid:message_id>/replay", deliveries.MessageReplay.as_view()),
]

pages: list[URLPattern | URLResolver] = [
    # the base of all pages
    path("", include("lms.pages.urls")),
    # getting in
    path("sign-in", sign_in_pages.AskForCode.as_view(), name="sign-in"),
    path("sign-in/code/<uuid:challenge>", sign_in_pages.EnterCode.as_view(), name="sign-in-code"),
    path("sign-in/card", sign_in_pages.SignInWithCard.as_view(), name="sign-in-card"),
    path("sign-in/passkey", proof_pages.SignInWithPasskey.as_view(), name="sign-in-passkey"),
    path("sign-in/e-mail", sign_in_pages.SignInWithPassword.as_view(), name="sign-in-password"),
    path("exit", sign_in_pages.QuickExit.as_view(), name="quick-exit"),
    path("sign-out", sign_in_pages.SignOut.as_view(), name="sign-out"),
    path("account/prove", proof_pages.Prove.as_view(), name="prove"),
    path("account/number", proof_pages.NewNumber.as_view(), name="my-number"),
    path("account/passkeys", proof_pages.MyPasskeys.as_view(), name="passkeys"),
    path("account/device", sign_in_pages.RemoveFromDevice.as_view(), name="remove-from-device"),
    path("register", registration_pages.Register.as_view(), name="register"),
    path("account", profile_pages.Account.as_view(), name="account"),
    # as an app, and without network
    path("sw.js", app_pages.ServiceWorker.as_view(), name="service-worker"),
    path("app/<slug:language>.webmanifest", app_pages.AppManifest.as_view(), name="app-manifest"),
    path(
        "app/plain/<slug:language>.webmanifest",
        app_pages.AppManifest.as_view(),
        {"plain": True},
        name="app-plain-manifest",
    ),
    path("offline/<slug:language>", app_pages.Shell.as_view(), name="offline-shell"),
    path(
        "offline/plain/<slug:language>",
        app_pages.Shell.as_view(),
        {"plain": True},
        name="offline-plain-shell",
    ),
    path("my/courses/<slug:slug>/keep", app_pages.KeepCourse.as_view(), name="keep-course"),
    # learning
    path("", classroom_pages.Home.as_view(), name="home"),
    path("courses", classroom_pages.Catalogue.as_view(), name="catalogue"),
    path("courses/<slug:slug>", classroom_pages.CoursePage.as_view(), name="course"),
    path("my/courses", classroom_pages.MyCourses.as_view(), name="my-courses"),
    path("my/courses/<slug:slug>/lessons/<uuid:lesson_id>", lesson_pages.LessonPage.as_view(), name="lesson"),
    path(
        "my/courses/<slug:slug>/lessons/<uuid:lesson_id>/attempts",
        quiz_pages.QuizStart.as_view(),
        name="quiz",
    ),
    path("my/courses/<slug:slug>/modules/<int:number>", endings.ModuleEnd.as_view(), name="module-end"),
    path("my/courses/<slug:slug>/next", endings.NextSteps.as_view(), name="next-steps"),
    path("my/attempts/<uuid:attempt_id>", quiz_pages.AttemptPage.as_view(), name="attempt"),
    path("messages", notification_pages.Messages.as_view(), name="messages"),
    path("messages/choices", notification_pages.MessageChoices.as_view(), name="message-choices"),
    # proof
    path("my/certificates", certificate_pages.Certificates.as_view(), name="certificates"),
    path(
        "my/certificates/<uuid:certificate_id>/document",
        certificate_pages.CertificateDocument.as_view(),
        name="certificate-document",
    ),
    path(
        "my/certificates/<uuid:certificate_id>/check",
        certificate_pages.CertificateCheck.as_view(),
        name="certificate-check",
    ),
    path("v/<str:code>", certificate_pages.Verification.as_view(), name="verification"),
    # staff
    path("completion", report_pages.Completion.as_view(), name="completion"),
    path("completion/people", report_pages.CompletionPeople.as_view(), name="completion-people"),
    path("registrations", registration_pages.WaitingRegistrations.as_view(), name="registrations"),
    path(
        "registrations/<uuid:registration_id>",
        registration_pages.AnswerRegistration.as_view(),
        name="registration-answer",
    ),
    path("ways-in", way_in_pages.Women.as_view(), name="ways-in"),
    path("ways-in/cards", way_in_pages.CardSheet.as_view(), name="card-sheet"),
    path("ways-in/<uuid:person_id>", way_in_pages.Woman.as_view(), name="way-in"),
    path("recoveries", way_in_pages.Recoveries.as_view(), name="recoveries"),
    path("recoveries/<uuid:recovery_id>", way_in_pages.OneRecovery.as_view(), name="recovery"),
    path("my/courses/<slug:slug>/name", quiz_pages.ConfirmName.as_view(), name="confirm-name"),
    path("my/courses/<slug:slug>/help", classroom_help.AskForHelp.as_view(), name="ask-for-help"),
    path("help-requests", help_pages.HelpRequests.as_view(), name="help-requests"),
    path("help-requests/<uuid:help_id>", help_pages.HelpConversation.as_view(), name="help-conversation"),
    path("support-requests", support_pages.SupportRequests.as_view(), name="support-requests"),
    path("support-requests/<uuid:support_id>", support_pages.AnswerSupport.as_view(), name="support-answer"),
    path("sessions", session_pages.SessionsPage.as_view(), name="sessions"),
    path("sessions/new", session_pages.NewSession.as_view(), name="new-session"),
    path("sessions/<uuid:session_id>", session_pages.SessionPage.as_view(), name="group-session"),
    path("sessions/<uuid:session_id>/change", session_pages.ChangeSession.as_view(), name="change-session"),
    path("sessions/<uuid:session_id>/record", session_pages.RecordPage.as_view(), name="session-record"),
    path("sessions/<uuid:session_id>/sheet", session_pages.SessionSheet.as_view(), name="session-sheet"),
    path(
        "sessions/<uuid:session_id>/paper/<uuid:lesson_id>",
        session_pages.PaperQuiz.as_view(),
        name="paper-quiz",
    ),
    path("attestations", attestation_pages.AttestationsPage.as_view(), name="attestations"),
    path("gradebooks", gradebook.Gradebooks.as_view(), name="gradebooks"),
    path("gradebooks/<uuid:cohort_id>", gradebook.GradebookPage.as_view(), name="gradebook"),
    path("studio", studio.Studio.as_view(), name="authoring"),
    path("studio/new", studio.StudioNew.as_view(), name="studio-new"),
    path("studio/courses/<slug:slug>/changes", studio.StudioChanges.as_view(), name="studio-changes"),
    path(
        "studio/courses/<slug:slug>/learners", moving_pages.StudioLearners.as_view(), name="studio-learners"
    ),
    path("studio/courses/<slug:slug>", studio.StudioCourse.as_view(), name="studio-course"),
    path("studio/lessons/<uuid:lesson_id>/history", studio.StudioHistory.as_view(), name="studio-history"),
    path("studio/lessons/<uuid:lesson_id>", studio.StudioLesson.as_view(), name="studio-lesson"),
    path("imports", import_pages.ImportsPage.as_view(), name="imports"),
    path("imports/new", import_pages.NewImport.as_view(), name="new-import"),
    path("imports/<uuid:import_id>", import_pages.ImportPage.as_view(), name="import"),
    path("imports/<uuid:import_id>/refused", import_pages.RefusedRows.as_view(), name="import-refused"),
    path("admin/", admin.site.urls),
    path("operations", operations_pages.Operations.as_view(), name="operations"),
    path("operations/deliveries", operations_pages.DeadDeliveries.as_view(), name="dead-deliveries"),
    path(
        "operations/deliveries/<uuid:delivery_id>/replay",
        operations_pages.ReplayDelivery.as_view(),
        name="replay-delivery",
    ),
    path("operations/messages", operations_pages.FailedMessages.as_view(), name="failed-messages"),
    path(
        "operations/messages/<uuid:message_id>/replay",
        operations_pages.ReplayMessage.as_view(),
        name="replay-message",
    ),
]

probes: list[URLPattern | URLResolver] = [
    path("healthz", health.Alive.as_view()),
    path("readyz", health.Ready.as_view()),
    path("metrics", metrics.Metrics.as_view()),
]

schema: list[URLPattern | URLResolver] = [
    path("api/v1/schema", documents.Schema.as_view(), name="schema"),
    path("api/docs", documents.Docs.as_view()),
]

urlpatterns = [path("api/v1/", include(api)), *schema, *probes, *pages]

handler400 = "lms.pages.views.malformed"
handler403 = "lms.pages.views.forbidden"
handler404 = "lms.pages.views.not_found"
handler500 = "lms.pages.views.server_error"
