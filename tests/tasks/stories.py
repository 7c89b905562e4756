"""A story for each fact that somebody listens to, and for each job: what happened that they must act on.

Told again, a story happens to other women: nothing of the first one is in its way.
"""

import io
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from courses.authoring.services import add_lesson, add_module, change_course, create_course
from courses.authoring.variants import put_variant
from courses.events import DraftDecided
from courses.publishing.models import PublishedVariant
from courses.publishing.renditions import find_renditions
from courses.publishing.services import publish_course as publish_draft
from courses.reviewing.services import approve_draft, submit_draft
from learners.certificates.corrections import correct_certificate
from learners.certificates.models import Certificate
from learners.certificates.services import ask_for_documents, draw_certificate, revoke_certificate
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
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
from learners.help.models import HelpMessage, MessageKind
from learners.help.services import Asked, answer, ask_for_help
from learners.imports.models import Import
from learners.imports.services import NewList, send_list
from learners.imports.services import work_off as work_off_import
from learners.moving.services import begin_move
from learners.notifications.models import Channel, NotificationKind
from learners.notifications.preferences import choose
from learners.notifications.quiet import NEVER, be_quiet
from learners.notifications.services import (
    ALMOST_THERE,
    PAUSED_FOR,
    Message,
    find_almost_there,
    find_silent,
    tell,
)
from learners.personal_data.services import erase_person
from learners.reports.models import Tally
from learners.support.services import ask_for_support
from lms.accounts.phones import normalise_phone
from lms.accounts.services import NewPerson, correct_person
from lms.audit.services import record_look
from lms.events.facts import Event
from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from lms.files.events import RenditionsAsked, RenditionSettled, UploadReceived
from lms.files.models import Rendition, Upload
from lms.files.renditions import make_renditions
from lms.ids import uuid7
from lms.organisations.queries import scope_of
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration
from lms.registrations.services import confirm_registration
from lms.sign_in.codes import request_code
from lms.sign_in.events import CodeRequested, SignedIn
from lms.voice.events import VoiceForgotten, VoiceReceived
from lms.voice.models import VoiceNote
from lms.voice.services import forget_voices, receive_voice
from lms.ways_in.events import RecoveryOpened
from lms.ways_in.services import open_recovery
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.learners.learning import Learning, begin_learning
from tests.lms.files.recordings import a_recording, tone
from tests.lms.files.sending import announce, picture, send_file
from tests.lms.sign_in.door import proven
from tests.outbox import work_off

Story = Callable[[Country], object]

_numbers = itertools.count(1)


def _phone() -> str:
    return f"06{next(_numbers):08d}"


def she_asks_for_a_code(country: Country) -> None:
    request_code(phone=_phone(), address="192.0.2.1", at=timezone.now())


def a_draft_is_approved(country: Country) -> None:
    course, at = publish_course(country, slug=f"approved-{next(_numbers)}"), timezone.now()
    writer, second = (make_staff("publisher", country.institute) for _ in range(2))
    second.scope = scope_of(second, at=at)
    change_course(course=course, by=writer, changes={"hours": 13}, expected=None, at=at)
    review, _new = submit_draft(course=course, by=writer, notes="", at=at)
    approve_draft(review=review, by=second, publish_at=None, at=at)


def a_publisher_moves_the_learners(country: Country) -> None:
    """One woman is under way on the edition before."""
    course, at = publish_course(country, slug=f"moved-{next(_numbers)}"), timezone.now()
    enrol(learner=make_person(), course=course, at=at)
    by = make_staff("publisher", country.institute)
    by.scope = scope_of(by, at=at)
    change_course(course=course, by=by, changes={"hours": 13}, expected=None, at=at)
    publish_draft(course=course, by=by, notes="", at=at)
    course.refresh_from_db()
    begin_move(course=course, by=by, equivalents={}, at=at)


def her_centre_confirms_her(country: Country) -> None:
    """She has begun a course before."""
    person, at = make_person(), timezone.now()
    enrol(learner=person, course=publish_course(country, slug=f"early-{next(_numbers)}"), at=at)
    registration = Registration.objects.create(
        person=person, organisation=country.larache_centre, consent_version="1", consent_at=at
    )
    by = make_staff("centre_admin", country.larache_centre)
    by.scope = scope_of(by, at=at)
    confirm_registration(registration=registration, by=by, at=at)


def her_centre_asks_for_a_new_way_in(country: Country) -> None:
    by = make_staff("facilitator", country.larache_centre)
    her = make_person(home=country.larache_centre, phone=_phone())
    open_recovery(person=her, reason="ضاع هاتفها", by=by, at=timezone.now())


def a_trainer_sends_a_picture(country: Country) -> None:
    trainer = make_staff("trainer", country.institute)
    send_file(client_for(trainer), picture(), "image")


def a_course_has_a_sound(country: Country) -> None:
    """Another sound belongs to no course."""
    course = publish_course(country, slug=f"heard-{next(_numbers)}", lessons=(("text",),))
    lesson = course.newest.lessons.get()  # type: ignore[union-attr]  # it was published
    PublishedVariant.objects.create(lesson=lesson, language="ary", file=a_recording())
    a_recording()


def a_sound_is_asked_for_smaller(country: Country) -> None:
    a_course_has_a_sound(country)
    find_renditions(at=timezone.now())


def a_sound_is_made_smaller(country: Country) -> None:
    a_sound_is_asked_for_smaller(country)
    rendition = Rendition.objects.latest("pk")
    make_renditions(file_id=rendition.file_id, at=timezone.now())


def she_enrols(country: Country) -> Learning:
    return begin_learning(country)


def she_completes_a_course(country: Country) -> Certificate:
    learning = begin_learning(country)
    learning.complete()
    return Certificate.objects.get(enrolment=learning.enrolment)


def her_certificate_is_drawn(country: Country) -> Certificate:
    certificate = she_completes_a_course(country)
    draw_certificate(certificate_id=certificate.pk, at=timezone.now())
    certificate.refresh_from_db()
    return certificate


def her_certificate_is_corrected(country: Country) -> None:
    certificate, at = her_certificate_is_drawn(country), timezone.now()
    her = certificate.enrolment.learner
    correct_person(person=her, row=NewPerson(first_name="خديجة", family_name="العلمي"), at=at)
    by = make_staff("centre_admin", country.larache_centre)
    certificate = Certificate.objects.get(pk=certificate.pk)
    correct_certificate(certificate=certificate, by=by, reason="سبب", at=at)


def her_certificate_is_revoked(country: Country) -> None:
    certificate = she_completes_a_course(country)
    by = make_staff("province_admin", country.larache)
    revoke_certificate(certificate=certificate, by=by, reason="سبب", at=timezone.now())


def the_storage_loses_a_document(country: Country) -> Certificate:
    certificate = her_certificate_is_drawn(country)
    storage.delete(certificate.key)
    return certificate


def she_is_forgotten(country: Country) -> None:
    her = her_certificate_is_drawn(country).enrolment.learner
    erase_person(person=her, by=None, reason="سبب", at=timezone.now())


def a_lost_document_is_looked_for(country: Country) -> None:
    the_storage_loses_a_document(country)
    ask_for_documents()


def she_falls_silent(country: Country) -> None:
    learning = begin_learning(country)
    Enrolment.objects.filter(pk=learning.enrolment.pk).update(
        last_active_at=timezone.now() - timedelta(days=8)
    )


def she_pauses_shortly_before_the_end(country: Country) -> None:
    learning = begin_learning(country)
    since = timezone.now() - PAUSED_FOR - timedelta(hours=1)
    Enrolment.objects.filter(pk=learning.enrolment.pk).update(percent=ALMOST_THERE, last_active_at=since)


def her_pause_is_noticed(country: Country) -> None:
    she_pauses_shortly_before_the_end(country)
    find_almost_there(at=timezone.now())


def she_signs_in_on_two_phones(country: Country) -> None:
    phone = _phone()
    make_person(home=country.larache_centre, phone=normalise_phone(phone))
    for _ in range(2):
        proven(phone)


def her_silence_is_noticed(country: Country) -> None:
    she_falls_silent(country)
    find_silent(at=timezone.now())


def a_message_to_her_phone_waits(country: Country) -> None:
    her = make_person(home=country.larache_centre, phone=normalise_phone(_phone()))
    be_quiet(person=her, quiet=NEVER)
    choose(person=her, wishes={NotificationKind.REGISTRATION_CONFIRMED: {Channel.SMS: True}})
    tell(
        kind=NotificationKind.REGISTRATION_CONFIRMED,
        messages=[Message(her.pk, "story")],
        at=timezone.now(),
    )


def a_centre_sends_a_list(country: Country) -> Import:
    by, at = make_staff("centre_admin", country.larache_centre), timezone.now()
    by.scope = scope_of(by, at=at).narrowed("learner.import")
    rows = [f"خديجة,العلمي,{_phone()},1990", f"مريم,الإدريسي,{_phone()},1985", ",بلا اسم,,"]
    text = "\n".join(["الاسم الشخصي,الاسم العائلي,الهاتف,سنة الازدياد", *rows])
    sent = NewList(name="list.csv", file=io.BytesIO(text.encode()), organisation=country.larache_centre)
    return send_list(sent=sent, by=by, at=at)


def a_list_comes_to_its_end(country: Country) -> None:
    work_off_import(import_id=a_centre_sends_a_list(country).pk, at=timezone.now(), patience=60)


def she_wants_support(country: Country) -> None:
    if not country.larache_centre.memberships.filter(role="centre_admin").exists():
        make_staff("centre_admin", country.larache_centre)  # one to be told, whoever asks
    enrolment = begin_learning(country).complete()
    ask_for_support(enrolment=enrolment, words="أريد أن أبيع الحلويات", at=timezone.now())


def she_is_stuck(country: Country) -> None:
    if not country.larache_centre.memberships.filter(role="facilitator").exists():
        make_staff("facilitator", country.larache_centre)  # one to be told, whoever asks
    _stuck(begin_learning(country).enrolment)


def _stuck(enrolment: Enrolment) -> HelpMessage:
    at = timezone.now()
    asked = Asked(id=uuid7(), kind=MessageKind.STUCK, words="لم أفهم", occurred_at=at)
    return ask_for_help(enrolment=enrolment, asked=asked, at=at)[0]


def someone_answers_her(country: Country) -> None:
    message = _stuck(begin_learning(country).enrolment)
    answer(thread=message.thread, id_=uuid7(), words="جواب", by=make_person(), at=timezone.now())


def she_records_her_voice(country: Country) -> None:
    receive_voice(
        owner=make_person(home=country.larache_centre), id_=uuid7(), sound=tone(0.2), at=timezone.now()
    )


def a_recording_is_forgotten(country: Country) -> None:
    she_records_her_voice(country)
    forget_voices(VoiceNote.objects.order_by("-pk")[:1])


def a_draft_is_to_be_published(country: Country) -> None:
    """Submitted by one, approved by another for a moment that has come."""
    at = timezone.now() - timedelta(hours=1)
    trainer, publisher = (make_staff(role, country.institute) for role in ("trainer", "publisher"))
    publisher.scope = scope_of(publisher, at=at)
    words: dict[str, Any] = {"by": trainer, "at": at}
    course = create_course(
        organisation=country.institute,
        slug=f"draft-{next(_numbers)}",
        languages=["ar"],
        title={"ar": "دورة"},
        **words,
    )
    lesson = add_lesson(
        module=add_module(course=course, title={"ar": "وحدة"}, **words),
        kind="text",
        title={"ar": "درس"},
        **words,
    )
    put_variant(lesson=lesson, language="ar", content={"body": "نص"}, expected=None, **words)
    review, _new = submit_draft(course=course, notes="", **words)
    approve_draft(review=review, by=publisher, publish_at=at + timedelta(minutes=1), at=at)


def a_recording_is_left_behind(country: Country) -> None:
    person, long_ago = make_person(home=country.larache_centre), timezone.now() - timedelta(days=8)
    receive_voice(owner=person, id_=uuid7(), sound=tone(0.2), at=long_ago)


STORIES: dict[type[Event], Story] = {
    VoiceReceived: she_records_her_voice,
    VoiceForgotten: a_recording_is_forgotten,
    CodeRequested: she_asks_for_a_code,
    RecoveryOpened: her_centre_asks_for_a_new_way_in,
    RegistrationConfirmed: her_centre_confirms_her,
    UploadReceived: a_trainer_sends_a_picture,
    RenditionSettled: a_sound_is_made_smaller,
    RenditionsAsked: a_sound_is_asked_for_smaller,
    EnrolmentsChanged: she_enrols,
    CourseCompleted: she_completes_a_course,
    CertificateCorrected: her_certificate_is_corrected,
    CertificateReady: her_certificate_is_drawn,
    CertificateRevoked: her_certificate_is_revoked,
    DocumentsToLookFor: a_lost_document_is_looked_for,
    LearnersFellSilent: her_silence_is_noticed,
    PersonErased: she_is_forgotten,
    MoveBegun: a_publisher_moves_the_learners,
    DraftDecided: a_draft_is_approved,
    LearnersEnrolled: she_enrols,
    LearnersAlmostThere: her_pause_is_noticed,
    LettersWaiting: a_message_to_her_phone_waits,
    SignedIn: she_signs_in_on_two_phones,
    RowsWaiting: a_centre_sends_a_list,
    ImportDone: a_list_comes_to_its_end,
    SupportAsked: she_wants_support,
    HelpAsked: she_is_stuck,
    HelpAnswered: someone_answers_her,
}


def someone_looked_at_a_name(country: Country) -> None:
    record_look(viewer=make_person(), people=[make_person().pk], surface="test", at=timezone.now())


def codes_grew_old(country: Country) -> None:
    request_code(phone=_phone(), address="192.0.2.1", at=timezone.now() - timedelta(days=2))


def a_release_forgot_a_handler(country: Country) -> None:
    event = StoredEvent.objects.create(topic="x", key="x:1", payload={}, expanded_at=timezone.now())
    EventDelivery.objects.create(event=event, handler="no_more", due_at=timezone.now() - timedelta(days=2))


def certificates_went_astray(country: Country) -> None:
    """A completion has none, a drawing was forgotten, a document is lost."""
    the_storage_loses_a_document(country)
    forgotten = she_completes_a_course(country)
    Certificate.objects.filter(pk=forgotten.pk).update(issued_at=timezone.now() - timedelta(hours=1))
    StoredEvent.objects.filter(topic=CourseCompleted.topic, payload__certificate_id=forgotten.pk).delete()
    completed_without_certificate(begin_learning(country).enrolment)


def completed_without_certificate(enrolment: Enrolment) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="completed",
        percent=100,
        completed_at=timezone.now(),
        completed_publication=enrolment.publication_id,
    )


def an_upload_was_never_finished(country: Country) -> None:
    data = picture()
    upload = announce(client_for(make_staff("trainer", country.institute)), data, "image")
    Upload.objects.filter(uuid=upload["id"]).update(created_at=timezone.now() - timedelta(days=8))


def a_list_grew_old(country: Country) -> None:
    sent = a_centre_sends_a_list(country)
    work_off()
    Import.objects.filter(pk=sent.pk).update(created_at=timezone.now() - timedelta(days=31))


def tallies_drifted(country: Country) -> None:
    course = begin_learning(country).course
    work_off()
    Tally.objects.filter(course=course).update(count=9)


JOBS: dict[str, Story] = {
    "tasks.publish_due": a_draft_is_to_be_published,
    "tasks.forget_unattached_voices": a_recording_is_left_behind,
    "tasks.seal_looks": someone_looked_at_a_name,
    "tasks.forget_what_is_old": codes_grew_old,
    "tasks.bury_forgotten": a_release_forgot_a_handler,
    "tasks.reconcile_certificates": certificates_went_astray,
    "tasks.find_renditions": a_course_has_a_sound,
    "tasks.sweep_quarantine": an_upload_was_never_finished,
    "tasks.forget_imported_rows": a_list_grew_old,
    "tasks.reconcile_tallies": tallies_drifted,
    "tasks.find_silent": she_falls_silent,
    "tasks.find_letters": a_message_to_her_phone_waits,
    "tasks.find_almost_there": she_pauses_shortly_before_the_end,
}
