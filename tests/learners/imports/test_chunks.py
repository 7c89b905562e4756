"""The job: chunk by chunk, each whole or not at all; whoever takes over goes on; and nothing is done twice."""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.imports import merging, services
from learners.imports.models import Import, RowNote
from learners.imports.queries import imports_of
from learners.imports.refused import refused_file
from learners.imports.services import NewList, TakenOver, send_list, start_import, work_off
from lms.accounts.models import Identity, Person
from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from lms.organisations.queries import scope_of
from tests import outbox
from tests.cast import Country, client_for, make_staff, publish_course
from tests.learners.imports.lists import IMPORTS, as_csv, send
from tests.races.racing import at_once

Row = tuple[str, str, str, str]


@pytest.fixture
def admin(country: Country) -> Person:
    return administrator(country)


def administrator(country: Country) -> Person:
    admin = make_staff("centre_admin", country.larache_centre)
    admin.scope = scope_of(admin, at=timezone.now()).narrowed(services.ABILITY)
    return admin


def women(count: int, *, start: int = 0) -> Iterator[Row]:
    for number in range(start, start + count):
        yield (f"فاطمة {'ابجدهوزحطي'[number % 10] * 3}", "العمراني", f"06{number:08d}", "1990")


def with_wrong_ones(count: int) -> list[Row]:
    """Of ten rows three are wrong: a number, a name, and both."""
    rows = list(women(count))
    for number in range(0, count, 10):
        first, family, phone, year = rows[number]
        rows[number] = (first, family, "0512345678", year)
        rows[number + 1] = ("", family, phone, year)
        rows[number + 2] = ("4", family, "12", year)
    return rows


def sent(admin: Person, rows: Any, **more: Any) -> Import:
    place = admin.memberships.get().organisation
    file = io.BytesIO(as_csv(rows))
    return send_list(
        sent=NewList(name="list.csv", file=file, organisation=place, **more), by=admin, at=timezone.now()
    )


def carry_on(job: Import, *, patience: float = 600) -> Import:
    work_off(import_id=job.pk, at=timezone.now(), patience=patience)
    job.refresh_from_db()
    return job


def newcomers() -> int:
    return Identity.objects.exclude(row_index=None).count()


@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_of_which_thirty_percent_are_wrong(country: Country) -> None:
    admin = administrator(country)
    job = carry_on(sent(admin, with_wrong_ones(100_000)))
    assert (job.state, job.rows, job.created, job.known, job.refused) == ("done", 100_000, 70_000, 0, 30_000)
    assert newcomers() == 70_000
    refused = refused_file(imports_of(admin).get(pk=job.pk)).splitlines()
    assert len(refused) == 30_001
    assert Counter(job.notes.values_list("code", flat=True)) == {
        "not_a_mobile": 20_000,
        "missing": 10_000,
        "not_a_name": 10_000,
    }


@pytest.mark.parametrize("moment", ["_write", "_keep_notes"])
@pytest.mark.django_db(transaction=True)
def test_a_job_that_breaks_in_the_middle_of_a_chunk_leaves_whole_chunks_and_goes_on(
    country: Country, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    admin = administrator(country)
    cohort = Cohort.objects.create(
        course=publish_course(country), organisation=country.larache_centre, title={"ar": "فوج"}
    )
    rows = with_wrong_ones(3_000)
    rows[2_500] = rows[4]  # she stands in a chunk before
    job = sent(admin, rows, cohort=cohort)
    real, calls = getattr(merging, moment), []

    def breaks_in_the_second_chunk(*args: Any) -> None:
        real(*args)
        calls.append(moment)
        if len(calls) == 2:
            raise OSError("the machine is gone")

    monkeypatch.setattr(merging, moment, breaks_in_the_second_chunk)
    with pytest.raises(OSError, match="gone"):
        carry_on(job)
    job.refresh_from_db()
    assert (job.state, job.cursor, newcomers(), Enrolment.objects.count()) == ("running", 1_000, 700, 700)
    job = carry_on(job)
    assert (job.state, job.created, job.enrolled, job.refused) == ("done", 2_100, 2_100, 900)
    assert newcomers() == Enrolment.objects.count() == 2_100
    assert job.notes.filter(code="row_repeated").count() == 1
    assert job.notes.values("row").distinct().count() == 900
    assert StoredEvent.objects.filter(topic="import_done").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_worked_off_in_steps(country: Country) -> None:
    job = sent(administrator(country), women(2_500))
    for cursor in (1_000, 2_000, 2_500):
        assert carry_on(job, patience=0).cursor == cursor
    assert (job.state, newcomers()) == ("done", 2_500)
    assert StoredEvent.objects.filter(topic="rows_waiting").count() == 3
    carry_on(job)
    assert newcomers() == 2_500


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_list_bring_everybody_in_once(country: Country) -> None:
    job = sent(administrator(country), women(3_000))

    def work() -> str:
        try:
            work_off(import_id=job.pk, at=timezone.now(), patience=600)
        except TakenOver:
            return "taken over"
        return "worked"

    at_once(work, work)
    carry_on(job)
    assert (job.state, job.created, newcomers()) == ("done", 3_000, 3_000)


@pytest.mark.django_db(transaction=True)
def test_the_same_list_sent_twice_at_once_is_one_import(country: Country) -> None:
    admin = administrator(country)
    content = as_csv(women(50))
    answers = at_once(*[lambda: send(client_for(admin), content)] * 3)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Import.objects.count() == StoredEvent.objects.filter(topic="rows_waiting").count() == 1
    outbox.work_off()
    assert newcomers() == 50
    kept = storage.storage().list_objects_v2(
        Bucket=settings.STORAGE_BUCKET, Prefix=f"imports/{answers[0].json()['id']}"
    )
    assert kept["KeyCount"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_women_in_the_lists_of_two_administrators_at_once_come_in_once(country: Country) -> None:
    jobs = [
        sent(administrator(country), women(1_500)),
        sent(administrator(country), reversed(list(women(1_500)))),
    ]
    at_once(*[lambda job=job: carry_on(job) for job in jobs])  # type: ignore[misc]  # mypy does not infer it
    assert newcomers() == 1_500
    assert sum(job.created for job in jobs) == 1_500
    assert [job.created + job.known for job in jobs] == [1_500, 1_500]


def test_the_statements_of_a_chunk_do_not_grow_with_its_rows(
    country: Country, admin: Person, django_assert_max_num_queries: Any
) -> None:
    cohort = Cohort.objects.create(
        course=publish_course(country), organisation=country.larache_centre, title={"ar": "فوج"}, seats=9_000
    )
    counts = []
    for start, count in ((0, 10), (100, 800)):
        rows = [*women(count, start=start), ("", "", "", "")]
        for _ in range(2):
            job = sent(admin, rows, cohort=cohort)
            with CaptureQueriesContext(connection) as caught:
                carry_on(job)
            counts.append(
                len([query for query in caught.captured_queries if "SAVEPOINT" not in (query["sql"] or "")])
            )
    new, known, many_new, many_known = counts
    assert (new, known) == (many_new, many_known)
    assert (new, known) == (22, 14), "of which 8 belong to the list and not to the chunk"


def test_the_page_of_an_import_costs_the_same_however_long_its_list(
    country: Country, admin: Person, django_assert_num_queries: Any
) -> None:
    client = client_for(admin)
    jobs = [carry_on(sent(admin, with_wrong_ones(count))) for count in (10, 500)]
    for job in jobs:
        with django_assert_num_queries(2):
            client.get(f"{IMPORTS}/{job.uuid}")
    with django_assert_num_queries(2):
        client.get(IMPORTS)


def test_the_rows_of_a_list_are_sealed_and_forgotten_after_thirty_days(
    country: Country, admin: Person
) -> None:
    job = carry_on(sent(admin, with_wrong_ones(10)))
    kept = b"".join(storage.read(job.key))
    assert "العمراني".encode() not in kept + bytes(job.sample)
    assert services.forget_rows(at=timezone.now()) == 0
    Import.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert services.forget_rows(at=timezone.now() + timedelta(days=31)) == 1
    client = client_for(admin)
    shown = client.get(f"{IMPORTS}/{job.uuid}").json()
    assert (shown["created"], shown["preview"]["rows"]) == (7, [])
    assert client.get(f"{IMPORTS}/{job.uuid}/errors").json()["code"] == "rows_forgotten"
    with pytest.raises(storage.ObjectMissing):
        storage.size_of(job.key)


def test_rows_that_the_storage_lost_stop_the_import_and_say_so(country: Country, admin: Person) -> None:
    job = sent(admin, women(5))
    storage.delete(job.key)
    outbox.work_off()
    shown = client_for(admin).get(f"{IMPORTS}/{job.uuid}").json()
    assert (shown["state"], shown["code"]) == ("stopped", "rows_lost")


def test_a_job_that_fails_is_tried_again_and_says_no_name(
    country: Country, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sent(admin, women(5))

    def fails(*_args: Any, **_more: Any) -> None:
        raise ValueError("فاطمة 0612345678")

    with monkeypatch.context() as patch:
        patch.setattr(services, "bring_in", fails)
        outbox.work_off()
    delivery = EventDelivery.objects.get(handler="work_off_import")
    assert delivery.done_at is None
    assert "فاطمة" not in delivery.last_error
    outbox.work_off(at=timezone.now() + timedelta(minutes=10))
    job.refresh_from_db()
    assert (job.state, job.created) == ("done", 5)


def test_a_tried_list_starts_once_and_its_trial_leaves_no_notes(country: Country, admin: Person) -> None:
    job = carry_on(sent(admin, with_wrong_ones(10), dry_run=True))
    assert (job.created, RowNote.objects.count(), newcomers()) == (7, 4, 0)
    start_import(job=job, columns=None, dry_run=False, at=timezone.now())
    assert not RowNote.objects.exists()
    with pytest.raises(services.ImportUnderWay):
        start_import(job=job, columns=None, dry_run=False, at=timezone.now())
    assert carry_on(job).created == newcomers() == 7
