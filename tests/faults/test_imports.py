"""The worker killed in the middle of a list: whole chunks stay, the next worker goes on, and nobody comes in twice."""

from django.db import connection, transaction

from learners.imports.models import Import
from lms.accounts.models import Identity
from tests.faults.living import Living, someone_waits_for_a_lock, until, whole_family
from tests.learners.imports.lists import as_csv

ROWS = 20_000


def newcomers() -> int:
    return Identity.objects.exclude(row_index=None).count()


def test_a_worker_killed_in_the_middle_of_a_chunk_costs_nobody_and_doubles_nobody(living: Living) -> None:
    admin = living.staff("centre_admin", "larache_centre")
    # A wrong row in each chunk: its note is the last thing that a chunk writes.
    rows = [
        ("فاطمة" if number % 500 else "", "العمراني", f"06{number:08d}", "1990") for number in range(ROWS)
    ]
    answer = living.http.post(
        "/api/v1/imports",
        files={"file": ("list.csv", as_csv(rows))},
        data={"organisation": "larache-centre"},
        headers={"Authorization": f"Bearer {admin.key}"},
    )
    assert answer.status_code == 202, answer.text
    job = Import.objects.get(uuid=answer.json()["id"])
    until(lambda: Import.objects.get(pk=job.pk).cursor, "a first chunk is done")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE import_note IN EXCLUSIVE MODE")
        until(someone_waits_for_a_lock, "a chunk is written but for its notes")
        for child in whole_family(living.process("worker"))[1:]:
            child.kill()
    job.refresh_from_db()
    assert job.state == "running"
    assert 0 < job.cursor < ROWS
    assert newcomers() == job.created == job.cursor - job.refused
    living.settle(later=True)
    job.refresh_from_db()
    assert (job.state, job.created, job.refused) == ("done", ROWS - 40, 40)
    assert newcomers() == ROWS - 40
    assert job.notes.count() == 40
