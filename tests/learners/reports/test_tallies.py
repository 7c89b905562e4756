"""Tallies say what a recount would say, whatever order, number and company their events arrive in."""

import random
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment
from learners.events import CertificateRevoked, EnrolmentsChanged
from learners.reports.models import FOLDED_DAY, CountedEnrolment, Tally
from learners.reports.services import active_since, count_enrolments, fold_tallies, reconcile_tallies
from lms.events.models import EventDelivery
from lms.events.services import publish
from tasks import relay
from tasks.base import HANDLERS, handle
from tests.cast import Country
from tests.learners.reports.crowd import certify, count, counted, crowd, finish, tallied
from tests.outbox import work_off
from tests.statements import statements


def stage_of(enrolment: Enrolment) -> tuple[str, date]:
    found = CountedEnrolment.objects.get(enrolment=enrolment)
    return found.stage, found.day


@pytest.mark.parametrize(
    ("percent", "stage"),
    [(0, "not_started"), (1, "started"), (49, "started"), (50, "halfway"), (99, "halfway")],
)
def test_the_stage_follows_the_percent(country: Country, course: Course, percent: int, stage: str) -> None:
    [she] = crowd(country.larache_centre, course, 1, percent=percent)
    assert stage_of(she) == (stage, timezone.localdate())


@pytest.mark.parametrize(
    ("certificate", "stage"),
    [("pending", "certified"), ("ready", "certified"), (None, "completed"), ("revoked", "completed")],
)
def test_a_completion_counts_as_certified_while_its_certificate_lives(
    country: Country, course: Course, certificate: str | None, stage: str
) -> None:
    [she] = crowd(country.larache_centre, course, 1)
    finish(she, certificate=certificate)
    count([she])
    assert stage_of(she) == (stage, FOLDED_DAY)


def test_the_day_is_the_day_in_casablanca(country: Country, course: Course) -> None:
    [she] = crowd(country.larache_centre, course, 1)
    Enrolment.objects.update(last_active_at=datetime(2026, 6, 10, 23, 30, tzinfo=UTC))
    count([she], at=datetime(2026, 6, 12, tzinfo=UTC))
    assert stage_of(she)[1] == date(2026, 6, 11)


def test_a_learner_who_moves_progresses_and_leaves_is_counted_in_one_place(
    country: Country, course: Course
) -> None:
    [she] = crowd(country.larache_centre, course, 1)
    for change in ({"percent": 60}, {"organisation": country.ksar_centre}):
        Enrolment.objects.filter(pk=she.pk).update(**change)
        count([she])
    assert tallied() == {("ksar-centre", course.pk, "halfway", timezone.localdate()): 1}
    Enrolment.objects.filter(pk=she.pk).update(state="withdrawn")
    count([she])
    assert tallied() == {}
    assert not CountedEnrolment.objects.exists()


def test_whoever_belongs_to_no_organisation_counts_at_the_root(country: Country, course: Course) -> None:
    crowd(None, course, 2)
    assert tallied() == {("ministry", course.pk, "not_started", timezone.localdate()): 2}


def test_counting_takes_the_same_statements_for_one_and_for_many(country: Country, course: Course) -> None:
    rows = crowd(country.larache_centre, course, 60)
    for some in (rows[:1], rows):
        with statements(2):
            count(some)


def test_days_too_old_to_be_active_are_folded_together(country: Country, course: Course) -> None:
    crowd(country.larache_centre, course, 2, days=3)
    crowd(country.larache_centre, course, 3, days=14)
    later = timezone.now() + timedelta(days=1)
    fold_tallies(at=later)
    fold_tallies(at=later)
    recent = timezone.localdate() - timedelta(days=3)
    assert tallied() == counted()
    assert tallied() == {
        ("larache-centre", course.pk, "not_started", recent): 2,
        ("larache-centre", course.pk, "not_started", FOLDED_DAY): 3,
    }


def test_reconciling_finds_nothing_wrong_after_ordinary_days(country: Country, course: Course) -> None:
    crowd(country.larache_centre, course, 5)
    crowd(country.shelter, course, 2, days=20)
    assert reconcile_tallies(at=timezone.now()) == 0
    assert reconcile_tallies(at=timezone.now() + timedelta(days=30)) == 0


def test_reconciling_names_and_repairs_every_wrong_cell(country: Country, course: Course) -> None:
    rows = crowd(country.larache_centre, course, 5)
    right = tallied()
    Tally.objects.update(count=9)
    Tally.objects.create(
        organisation=country.ksar_centre, course=course, stage="halfway", day=FOLDED_DAY, count=4
    )
    assert reconcile_tallies(at=timezone.now()) == 2
    assert tallied() == right
    Enrolment.objects.filter(pk=rows[0].pk).update(state="withdrawn")
    Enrolment.objects.filter(pk=rows[1].pk).update(percent=70)
    assert reconcile_tallies(at=timezone.now()) == 2
    assert tallied() == counted()
    assert reconcile_tallies(at=timezone.now()) == 0


def test_a_revocation_takes_the_certified_back_among_the_completed(country: Country, course: Course) -> None:
    [she] = crowd(country.larache_centre, course, 1)
    finish(she)
    count([she])
    Certificate.objects.update(state="revoked", revoked_at=timezone.now())
    publish(CertificateRevoked(certificate_id=Certificate.objects.get().pk))
    work_off()
    assert stage_of(she) == ("completed", FOLDED_DAY)
    certify(she, "pending")
    publish(EnrolmentsChanged(enrolment_ids=[she.pk]))
    work_off()
    assert stage_of(she) == ("certified", FOLDED_DAY)


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5),  # who
        st.sampled_from(["percent", "move", "leave", "return", "finish", "day"]),
        st.integers(0, 20),
        st.lists(st.integers(0, 5), max_size=8),  # whose events arrive next, repeated and out of order
    ),
    max_size=15,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_order_and_number_of_events_equals_a_recount(
    country: Country, course: Course, changes: list[tuple[int, str, int, list[int]]]
) -> None:
    at = timezone.now()
    with transaction.atomic():
        rows = crowd(country.larache_centre, course, 6)
        for who, what, number, arriving in changes:
            change(rows[who], what, number, country)
            count_enrolments(enrolment_ids=[rows[index].pk for index in arriving], at=at)
        count_enrolments(enrolment_ids=[row.pk for row in reversed(rows)], at=at)
        by_events = tallied()
        Tally.objects.all().delete()
        CountedEnrolment.objects.all().delete()
        reconcile_tallies(at=at)
        assert by_events == tallied() == counted()
        transaction.set_rollback(True)


def change(she: Enrolment, what: str, number: int, country: Country) -> None:
    row = Enrolment.objects.filter(pk=she.pk)
    match what:
        case "percent":
            row.update(percent=number * 5)
        case "move":
            places = [country.larache_centre, country.ksar_centre, country.tetouan_centre, None]
            row.update(organisation=places[number % 4])
        case "leave":
            row.update(state="withdrawn")
        case "return":
            row.exclude(state="completed").update(state="active")
        case "finish":
            finish(she, certificate=None)
        case "day":
            row.update(last_active_at=timezone.now() - timedelta(days=number))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(15))
def test_workers_who_count_the_same_women_at_once_count_each_once(
    country: Country, course: Course, attempt: int
) -> None:
    rows = crowd(country.larache_centre, course, 30)
    Enrolment.objects.filter(pk__in=[row.pk for row in rows[:20]]).update(percent=80)
    Enrolment.objects.filter(pk__in=[row.pk for row in rows[20:]]).update(organisation=country.ksar_centre)
    dice = random.Random(attempt)
    together(4, lambda: count(dice.sample(rows, 30)))
    today = timezone.localdate()
    assert tallied() == {
        ("larache-centre", course.pk, "halfway", today): 20,
        ("ksar-centre", course.pk, "not_started", today): 10,
    }


def together(number: int, work: object) -> None:
    """Run `work` in so many threads that start at the same moment; raise what one of them raised."""
    barrier, failures = threading.Barrier(number), list[BaseException]()

    def one() -> None:
        try:
            barrier.wait(10)
            work()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001  # carried to the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def deliveries_of(handler: str) -> list[str]:
    relay.expand(at=timezone.now())
    fresh, again = relay.claim(HANDLERS[handler], 500, at=timezone.now())
    return fresh + again


@pytest.mark.django_db(transaction=True)
def test_the_handler_twice_and_three_at_once_counts_once(country: Country, course: Course) -> None:
    rows = crowd(country.larache_centre, course, 10)
    Enrolment.objects.update(percent=80)
    with transaction.atomic():
        publish(*(EnrolmentsChanged(enrolment_ids=[row.pk]) for row in rows))
    waiting = deliveries_of("tally_enrolments")
    together(3, lambda: handle(HANDLERS["tally_enrolments"], waiting))
    handle(HANDLERS["tally_enrolments"], waiting)
    assert tallied() == {("larache-centre", course.pk, "halfway", timezone.localdate()): 10}
    assert not EventDelivery.objects.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_the_handler_killed_half_way_leaves_nothing_and_counts_when_it_comes_back(
    country: Country, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = crowd(country.larache_centre, course, 3)
    Enrolment.objects.update(percent=80)
    with transaction.atomic():
        publish(EnrolmentsChanged(enrolment_ids=[row.pk for row in rows]))
    waiting = deliveries_of("tally_enrolments")
    before = tallied()
    with monkeypatch.context() as killed:
        killed.setattr("tasks.base._close", die)
        with pytest.raises(SystemExit):
            handle(HANDLERS["tally_enrolments"], waiting)
    assert tallied() == before
    handle(HANDLERS["tally_enrolments"], waiting)
    assert tallied() == {("larache-centre", course.pk, "halfway", timezone.localdate()): 3}


def die(*_: object, **__: object) -> None:
    raise SystemExit


def test_active_reaches_back_fourteen_days() -> None:
    assert active_since(datetime(2026, 3, 20, 12, tzinfo=UTC)) == date(2026, 3, 6)
