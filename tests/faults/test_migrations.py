"""A migration under load: it changes the table that phones write to, behind a reader who does not end."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from threading import Event, Thread

import psycopg
import pytest
from django.db import connection

from config.embedded.places import PROJECT
from tests.faults.living import Living, account_of, each, until
from tests.faults.test_database import Writing

WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND query ILIKE 'ALTER TABLE progress_event ADD%')
"""


def migrate(living: Living, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "later", *words],
        cwd=PROJECT,
        env={**living.platform.environment, "DJANGO_SETTINGS_MODULE": "tests.faults.later.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def has_column() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM progress_event LIMIT 0")
        return "later" in {column.name for column in cursor.description}


def migration_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return bool(cursor.fetchone()[0])


@pytest.fixture
def reader(living: Living) -> Iterator[psycopg.Connection]:
    """Someone reads the table and does not end: a report, a backup."""
    with psycopg.connect(living.platform.environment["DATABASE_URL"]) as reader:
        reader.execute("SELECT count(*) FROM progress_event")
        yield reader


def test_phones_go_on_writing_while_a_migration_waits_for_their_table(
    living: Living, reader: psycopg.Connection
) -> None:
    stop = Event()
    writings = [Writing(woman, stop) for woman in living.women(3)]
    threads = [Thread(target=writing.go_on) for writing in writings]
    for thread in threads:
        thread.start()
    running = migrate(living)
    try:
        until(migration_waits, "the migration waits behind the reader, and the phones behind it")
        until(lambda: not migration_waits(), "it gave way")
        heard = [len(writing.acknowledged) for writing in writings]
        until(
            lambda: all(len(w.acknowledged) > n + 2 for w, n in zip(writings, heard, strict=True)),
            "everyone writes on",
        )
        assert not has_column()
        reader.rollback()
        _printed, said = running.communicate(timeout=180)
        assert running.returncode == 0, said
        assert "again in" in said
        assert has_column()
    finally:
        stop.set()
        reader.rollback()
        running.kill()
        for thread in threads:
            thread.join()
        _out, trouble = migrate(living, "zero").communicate(timeout=180)
    assert not has_column(), trouble
    assert set(sum((w.answers for w in writings), Counter())) == {200}
    women = [writing.woman for writing in writings]
    assert [woman.finish().status_code for woman in women] == [200] * 3
    living.settle(later=True)
    assert account_of(women) == each(3)
