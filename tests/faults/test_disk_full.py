"""Disks that are full, for real: PostgreSQL's and the one that uploads are written to. 507, and no half of anything.

A small disk of memory stands for the full one. Only root may mount it; for others these tests skip and say so.
"""

import hashlib
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from config.embedded.places import Places
from config.embedded.postgres import SUPERUSER, Postgres
from config.embedded.process import Account
from config.embedded.storage import Storage, prepare_bucket
from learners.imports.models import Import
from learners.progress.models import ProgressEvent
from lms.files import storage
from lms.files.storage import ObjectMissing, StorageUnavailable
from tests.cast import client_for, make_staff
from tests.faults.living import Living, account_of, each, until
from tests.learners.imports.lists import IMPORTS, as_csv
from tests.servers import BreakableServers

POSTGRES_HAS: Final = "8m"
SPOOL_HAS: Final = "512k"
STORAGE_HAS: Final = "24m"
A_FILE: Final = 512 * 1024


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="small-disk-") as folder:
        try:
            mounted = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
                capture_output=True,
                check=False,
            ).returncode
        except FileNotFoundError:
            mounted = -1
        if mounted != 0:
            pytest.skip("a disk that is full needs the right to mount one")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def events_on(disk: Path, server: Postgres) -> Iterator[psycopg.Connection]:
    """The ledger of events lies on a small disk of PostgreSQL's; a superuser's connection beside it."""
    account = Account.for_servers()
    if account:
        os.chown(disk, account.uid, account.gid)
    disk.chmod(0o711)
    url = server.url(SUPERUSER, str(connection.settings_dict["NAME"]))
    with psycopg.connect(url, autocommit=True) as beside:
        beside.execute(f"CREATE TABLESPACE small LOCATION '{disk}'".encode())
        try:
            beside.execute("ALTER TABLE progress_event SET TABLESPACE small")
            yield beside
        finally:
            beside.execute("DROP TABLE IF EXISTS filler")
            beside.execute("ALTER TABLE progress_event SET TABLESPACE pg_default")
            beside.execute("DROP TABLESPACE small")


def fill(beside: psycopg.Connection) -> None:
    """First with large steps, then with small ones, until not even those find room."""
    beside.execute("CREATE TABLE filler (text text) TABLESPACE small")
    for rows in (1_000, 10):
        with suppress(psycopg.errors.DiskFull):
            while True:
                beside.execute(
                    "INSERT INTO filler SELECT repeat('x', 1900) FROM generate_series(1, %s)", [rows]
                )


def test_what_finds_no_room_in_postgresql_is_refused_with_507_and_comes_in_later(
    living: Living, servers: BreakableServers
) -> None:
    [woman] = living.women(1)
    living.settle()
    assert isinstance(servers.postgres.server, Postgres)
    with small_disk(POSTGRES_HAS) as disk, events_on(disk, servers.postgres.server) as beside:
        fill(beside)
        kept, refused = [], None
        while refused is None:
            events = [woman.event("opened") for _ in range(100)]
            answer = woman.send(*events)
            if answer.status_code == 200:
                kept += events
            else:
                refused = events
        assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
        assert int(answer.headers["Retry-After"]) > 0
        stored = {str(id_) for id_ in ProgressEvent.objects.values_list("event_id", flat=True)}
        assert {event["id"] for event in kept} <= stored
        assert stored.isdisjoint(event["id"] for event in refused)
        assert living.http.get("/api/v1/courses").status_code == 200
        beside.execute("DROP TABLE filler")
        assert woman.send(*refused).status_code == 200
        assert woman.finish().status_code == 200
    living.settle(later=True)
    assert account_of([woman]) == each(1)


@pytest.mark.parametrize("rows", [9_000, 90_000], ids=["held in memory", "written down at once"])
def test_a_list_that_finds_no_room_is_refused_with_507_and_leaves_nothing(
    living: Living, settings: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    client = client_for(make_staff("centre_admin", living.country.larache_centre))
    content = as_csv(("فاطمة", "العمراني", f"06{number:08d}", "1990") for number in range(rows))
    with small_disk(SPOOL_HAS) as disk:
        settings.FILE_UPLOAD_TEMP_DIR = str(disk)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        answer = client.post(
            IMPORTS,
            {"file": SimpleUploadedFile("list.csv", content), "organisation": "larache-centre"},
            format="multipart",
        )
        assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
        assert list(disk.iterdir()) == []
    assert not Import.objects.filter(name="list.csv", rows=rows).exists()


@contextmanager
def storage_on(disk: Path, settings: Any, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The application keeps its objects in a storage of its own on a small disk."""
    patch.setattr("config.embedded.places.NEEDED_SPACE", 0)
    places = Places.of({"JISR_VAR": str(disk / "var")})
    places.make()
    small = Storage(places)
    try:
        for name, value in small.start().items():
            setattr(settings, name, value)
        prepare_bucket(small.environment(), origins=["http://127.0.0.1:8000"])
        yield
    finally:
        small.stop()


def test_a_storage_without_room_refuses_keeps_no_half_and_takes_it_when_there_is_room(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(STORAGE_HAS) as disk, storage_on(disk, settings, monkeypatch):
        content = os.urandom(A_FILE)
        kept = list(itertools.takewhile(lambda key: takes(key, content), map(str, range(200))))
        late = str(len(kept))
        assert 0 < len(kept) < 200
        with pytest.raises(ObjectMissing):
            b"".join(storage.read(late))
        assert all(b"".join(storage.read(key)) == content for key in kept)
        subprocess.run(["mount", "-o", "remount,size=96m", str(disk)], check=True)
        until(lambda: takes(late, content), "what found no room is stored")
        assert b"".join(storage.read(late)) == content


def takes(key: str, content: bytes) -> bool:
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        storage.put_bytes(content, key, sha256=sha256, content_type="application/octet-stream")
    except StorageUnavailable:
        return False
    return True
