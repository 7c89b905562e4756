"""One event tells each person at most once, in the app, and only what she wants to hear."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol, enrol_many
from learners.events import (
    CertificateReady,
    CertificateRevoked,
    CourseCompleted,
    ImportDone,
    LearnersFellSilent,
)
from learners.imports.models import Import
from learners.notifications.models import Channel, Notification, NotificationKind
from learners.notifications.preferences import choose
from learners.notifications.services import (
    TOLD_AT_ONCE,
    Message,
    find_almost_there,
    find_silent,
    nudge,
    tell,
    tell_almost_there,
)
from lms.accounts.models import Person
from lms.events.facts import Event
from lms.events.models import EventDelivery, StoredEvent
from lms.events.services import publish
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration
from lms.sign_in.events import SignedIn
from lms.sign_in.sessions import Device, start_session
from tasks import relay
from tasks.base import HANDLERS, handle
from tests.cast import Country, make_person, make_staff, publish_course
from tests.learners.reports.crowd import certify, crowd, finish
from tests.outbox import work_off
from tests.statements import statements


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country, slug="trade", lessons=(("text",),))


@pytest.fixture
def alice(country: Country, course: Course) -> Enrolment:
    [she] = crowd(country.larache_centre, course, 1)
    return she


def told(person: Person) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(person=person).order_by("id").values_list("kind", "about"))


def happened(*facts: Event) -> None:
    with transaction.atomic():
        publish(*facts)


def test_she_is_told_that_she_finished_that_her_certificate_is_ready_and_that_it_was_revoked(
    alice: Enrolment,
) -> None:
    finish(alice, certificate=None)
    certificate = certify(alice, "ready")
    happened(CourseCompleted(enrolment_id=alice.pk, certificate_id=certificate.pk))
    happened(CertificateReady(certificate_id=certificate.pk))
    work_off()
    Certificate.objects.update(state="revoked", revoked_at=timezone.now())
    happened(CertificateRevoked(certificate_id=certificate.pk))
    work_off()
    assert told(alice.learner) == [
        ("course_completed", f"enrolment:{alice.pk}"),
        ("certificate_ready", f"certificate:{certificate.uuid}"),
        ("certificate_revoked", f"certificate:{certificate.uuid}"),
    ]


def test_a_certificate_that_was_revoked_before_we_told_her_is_not_announced(alice: Enrolment) -> None:
    finish(alice, certificate="revoked")
    happened(CertificateReady(certificate_id=Certificate.objects.get().pk))
    work_off()
    assert told(alice.learner) == []


def test_she_is_told_when_her_centre_confirms_her(country: Country) -> None:
    she = make_person(home=country.larache_centre)
    registration = Registration.objects.create(
        person=she,
        organisation=country.larache_centre,
        state="confirmed",
        consent_version="1",
        consent_at=timezone.now(),
    )
    happened(RegistrationConfirmed(registration_id=registration.pk))
    work_off()
    assert told(she) == [("registration_confirmed", f"registration:{registration.uuid}")]


def test_what_she_switched_off_she_is_not_told(alice: Enrolment) -> None:
    finish(alice)
    choose(person=alice.learner, wishes={NotificationKind.COURSE_COMPLETED: {Channel.IN_APP: False}})
    certificate = Certificate.objects.get()
    happened(CourseCompleted(enrolment_id=alice.pk, certificate_id=certificate.pk))
    happened(CertificateReady(certificate_id=certificate.pk))
    work_off()
    assert [kind for kind, _ in told(alice.learner)] == ["certificate_ready"]


def test_telling_many_takes_as_many_statements_as_telling_one(country: Country, course: Course) -> None:
    rows = crowd(country.larache_centre, course, 40)
    for some in (rows[:1], rows):
        messages = [Message(row.learner_id, f"enrolment:{row.pk}", row.pk) for row in some]
        with statements(2):
            tell(kind=NotificationKind.NUDGE, messages=messages, at=timezone.now())
    assert Notification.objects.count() == 40


DELIVERED = ("tell_learner_she_finished", "tell_certificate_ready", "tell_certificate_revoked", "nudge")


def story(country: Country, course: Course, handler: str, number: int) -> None:
    """So many women to whom the thing happened that `handler` answers."""
    rows = crowd(country.larache_centre, course, number, days=8)
    state = "revoked" if handler == "tell_certificate_revoked" else "ready"
    with transaction.atomic():
        if handler == "nudge":
            publish(LearnersFellSilent(enrolment_ids=[row.pk for row in rows]))
            return
        for row in rows:
            finish(row, certificate=None)
            certificate = certify(row, state)
            publish(
                CourseCompleted(enrolment_id=row.pk, certificate_id=certificate.pk),
                CertificateReady(certificate_id=certificate.pk),
                CertificateRevoked(certificate_id=certificate.pk),
            )


def deliveries_of(handler: str) -> list[str]:
    relay.expand(at=timezone.now())
    fresh, again = relay.claim(HANDLERS[handler], 500, at=timezone.now())
    return fresh + again


def together(number: int, work: Callable[[], None]) -> None:
    barrier, failures = threading.Barrier(number), list[BaseException]()

    def one() -> None:
        try:
            barrier.wait(10)
            work()
        except BaseException as error:  # noqa: BLE001  # carried to the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("handler", DELIVERED)
def test_a_handler_repeated_and_three_at_once_tells_each_once(
    country: Country, course: Course, handler: str
) -> None:
    story(country, course, handler, 5)
    waiting = deliveries_of(handler)
    together(3, lambda: handle(HANDLERS[handler], waiting))
    EventDelivery.objects.filter(handler=handler).update(done_at=None)
    handle(HANDLERS[handler], waiting)
    assert Notification.objects.count() == 5
    assert not EventDelivery.objects.filter(handler=handler, done_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("handler", DELIVERED)
def test_a_handler_killed_half_way_has_told_nobody_and_tells_when_it_comes_back(
    country: Country, course: Course, handler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(country, course, handler, 5)
    waiting = deliveries_of(handler)
    with monkeypatch.context() as killed:
        killed.setattr("tasks.base._close", die)
        with pytest.raises(SystemExit):
            handle(HANDLERS[handler], waiting)
    assert Notification.objects.count() == 0
    handle(HANDLERS[handler], waiting)
    assert Notification.objects.count() == 5


def die(*_: object, **__: object) -> None:
    raise SystemExit


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(15))
def test_two_workers_who_tell_the_same_women_at_once_never_wait_in_a_circle(
    country: Country, course: Course, attempt: int
) -> None:
    rows = crowd(country.larache_centre, course, 50)
    forwards = [Message(row.learner_id, f"enrolment:{row.pk}", row.pk) for row in rows]
    orders = [forwards, forwards[::-1], forwards[25:] + forwards[:25]]
    together(3, lambda: tell(kind=NotificationKind.NUDGE, messages=orders.pop(), at=timezone.now()))
    assert Notification.objects.count() == 50


def silent_ids(*, at: datetime) -> list[int]:
    StoredEvent.objects.all().delete()
    find_silent(at=at)
    events = StoredEvent.objects.filter(topic="learners_fell_silent").order_by("id")
    return [id_ for event in events for id_ in event.payload["enrolment_ids"]]


def test_after_a_week_of_silence_she_is_reminded_once(alice: Enrolment) -> None:
    now = alice.last_active_at
    assert silent_ids(at=now + timedelta(days=6, hours=23)) == []
    for days in (7, 8, 9):
        find_silent(at=now + timedelta(days=days))
        nudge(enrolment_ids=[alice.pk], at=now + timedelta(days=days))
    day = timezone.localdate(now)
    assert told(alice.learner) == [("nudge", f"enrolment:{alice.pk}:{day}")]
    assert silent_ids(at=now + timedelta(days=9)) == []


def test_a_second_silence_is_another_reminder(alice: Enrolment) -> None:
    first = alice.last_active_at
    nudge(enrolment_ids=[alice.pk], at=first + timedelta(days=7))
    Enrolment.objects.update(last_active_at=first + timedelta(days=10))
    assert silent_ids(at=first + timedelta(days=12)) == []
    later = first + timedelta(days=17)
    assert silent_ids(at=later) == [alice.pk]
    nudge(enrolment_ids=[alice.pk], at=later)
    assert len(told(alice.learner)) == 2


def test_who_came_back_finished_left_or_was_disabled_meanwhile_is_not_reminded(
    country: Country, course: Course
) -> None:
    back, done, left, gone = crowd(country.larache_centre, course, 4, days=8)
    Enrolment.objects.filter(pk=back.pk).update(last_active_at=timezone.now())
    finish(done)
    Enrolment.objects.filter(pk=left.pk).update(state="withdrawn")
    Person.objects.filter(pk=gone.learner_id).update(is_active=False)
    nudge(enrolment_ids=[row.pk for row in (back, done, left, gone)], at=timezone.now())
    assert not Notification.objects.exists()
    assert silent_ids(at=timezone.now()) == []


def test_days_on_which_the_job_did_not_run_are_made_up_for_a_week(alice: Enrolment) -> None:
    at = alice.last_active_at
    assert silent_ids(at=at + timedelta(days=13)) == [alice.pk]
    assert silent_ids(at=at + timedelta(days=15)) == []


def test_the_silent_are_named_a_thousand_at_a_time(country: Country, course: Course) -> None:
    crowd(country.larache_centre, course, TOLD_AT_ONCE + 5, days=8)
    with statements(2):  # who is silent; two facts in one statement
        assert find_silent(at=timezone.now()) == TOLD_AT_ONCE + 5
    facts = StoredEvent.objects.filter(topic="learners_fell_silent").order_by("id")
    assert [len(fact.payload["enrolment_ids"]) for fact in facts] == [TOLD_AT_ONCE, 5]


def reminders(alice: Enrolment, *days: int) -> list[str]:
    """What she is told when the morning's job runs on these days of her silence."""
    for day in days:
        at = alice.last_active_at + timedelta(days=day, hours=1)
        if ids := silent_ids(at=at):
            nudge(enrolment_ids=ids, at=at)
    return [about.rpartition(":")[2] for kind, about in told(alice.learner) if kind == "nudge"]


def test_she_is_reminded_after_one_two_and_three_weeks_and_then_no_more(alice: Enrolment) -> None:
    day = f"{timezone.localdate(alice.last_active_at)}"
    assert reminders(alice, *range(60)) == [day, "14", "21"]
    created = Notification.objects.order_by("id").values_list("created_at", flat=True)
    assert [(at - alice.last_active_at).days for at in created] == [7, 14, 21]


def test_reminders_keep_their_distance_when_the_job_did_not_run(alice: Enrolment) -> None:
    day = f"{timezone.localdate(alice.last_active_at)}"
    assert reminders(alice, 13, 14, 15, 16, 17, 18) == [day]
    assert reminders(alice, 19, 20) == [day, "14"]


def test_who_comes_back_in_between_begins_a_silence_anew(alice: Enrolment) -> None:
    reminders(alice, 7, 14)
    Enrolment.objects.update(last_active_at=alice.last_active_at + timedelta(days=15))
    alice.refresh_from_db()
    reminders(alice, 0, 3, 6)
    assert len(told(alice.learner)) == 2
    assert reminders(alice, 7)[-1] == f"{timezone.localdate(alice.last_active_at)}"


def almost(alice: Enrolment, *, percent: int = 80, days: float = 3) -> datetime:
    Enrolment.objects.filter(pk=alice.pk).update(percent=percent)
    return alice.last_active_at + timedelta(days=days)


def test_who_pauses_shortly_before_the_end_is_told_so_once(alice: Enrolment) -> None:
    at = almost(alice)
    for _ in range(2):
        find_almost_there(at=at)
        tell_almost_there(enrolment_ids=[alice.pk], at=at)
    assert told(alice.learner) == [("almost_there", f"enrolment:{alice.pk}")]
    assert find_almost_there(at=at + timedelta(days=1)) == 0


@pytest.mark.parametrize(("percent", "days"), [(79, 3), (80, 1), (80, 8)])
def test_who_has_more_left_or_goes_on_or_left_long_ago_is_not(
    alice: Enrolment, percent: int, days: float
) -> None:
    at = almost(alice, percent=percent, days=days)
    assert find_almost_there(at=at) == 0
    tell_almost_there(enrolment_ids=[alice.pk], at=at)
    assert told(alice.learner) == []


def test_whom_her_centre_brings_to_a_course_is_told_and_so_is_who_came_by_herself(
    country: Country, course: Course
) -> None:
    alone, brought = make_person(home=country.larache_centre), make_person(home=country.larache_centre)
    group = Cohort.objects.create(course=course, organisation=country.larache_centre, title={"ar": "فوج"})
    enrol(learner=alone, course=course, at=timezone.now())
    enrol_many(learner_ids=[brought.pk], cohort=group, at=timezone.now())
    enrol(learner=alone, course=course, at=timezone.now())
    work_off()
    for she in (alone, brought):
        assert [kind for kind, _ in told(she)] == ["enrolled"]


def test_someone_elses_phone_is_told_of_and_her_first_one_is_not(country: Country) -> None:
    she, at = make_person(phone="0612345678"), timezone.now()
    for phone in ("her own", "another"):
        opened = start_session(person=she, device=Device(name=phone), at=at)
        happened(SignedIn(session_id=opened.session.pk))
        work_off()
    assert told(she) == [("new_device", f"session:{opened.session.uuid}")]


def test_signing_in_again_when_nobody_is_signed_in_tells_nothing(country: Country) -> None:
    she, at = make_person(phone="0612345678"), timezone.now()
    start_session(person=she, device=Device(), at=at - timedelta(days=40))
    opened = start_session(person=she, device=Device(), at=at)
    happened(SignedIn(session_id=opened.session.pk))
    work_off()
    assert told(she) == []


def test_staff_are_told_that_their_list_is_done(country: Country) -> None:
    by = make_staff("centre_admin", country.larache_centre)
    at = timezone.now()
    places = {"by": by, "organisation": country.larache_centre, "name": "list.csv", "rows": 0}
    done, running = (
        Import.objects.create(fingerprint=mark, state=state, finished_at=ended, **places)
        for mark, state, ended in ((b"1", "done", at), (b"2", "running", None))
    )
    happened(ImportDone(import_id=done.pk), ImportDone(import_id=done.pk), ImportDone(import_id=running.pk))
    work_off()
    assert told(by) == [("import_done", f"import:{done.uuid}")]
