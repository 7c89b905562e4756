"""PostgreSQL, Valkey and S3 as we start them: what they are, and that they leave nothing behind."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from config.embedded.places import PROJECT, Places
from config.embedded.ports import all_free
from config.embedded.postgres import Postgres, elsewhere, remove_elsewhere
from config.embedded.process import Account
from config.embedded.progress import Progress
from config.embedded.servers import Servers
from config.embedded.storage import client, prepare_bucket
from config.embedded.valkey import Valkey
from tests.servers import FAST_POSTGRES, BreakableServers

QUIET = Progress(quiet=True)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    """pytest's own folders are closed to others: as root, PostgreSQL has to live elsewhere."""
    made = Places.of({"JISR_VAR": str(tmp_path / "var")})
    yield made
    remove_elsewhere(made)


def test_postgres_finds_the_trigrams_of_arabic() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        trigrams = connection.execute("SELECT show_trgm('فاطمة')").fetchall()[0][0]
        connection.rollback()
    assert len(trigrams) == 6


def test_the_platform_is_not_a_superuser_of_its_database() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchall() == [(False,)]


def test_postgres_refuses_a_wrong_password() -> None:
    wrong = os.environ["DATABASE_URL"].replace("jisr:", "jisr:x", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_bucket_is_closed_to_a_stranger_and_lets_our_pages_upload(servers: BreakableServers) -> None:
    client(os.environ).put_object(Bucket=os.environ["STORAGE_BUCKET"], Key="canary", Body=b"secret")
    address = f"{os.environ['STORAGE_ENDPOINT']}/{os.environ['STORAGE_BUCKET']}/canary"
    assert httpx.get(address).status_code == 403
    signed = client(os.environ).generate_presigned_url(
        "put_object", Params={"Bucket": os.environ["STORAGE_BUCKET"], "Key": "part"}
    )
    ours = httpx.put(signed, content=b"x", headers={"Origin": "http://127.0.0.1:8000"})
    assert ours.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
    assert "etag" in ours.headers["access-control-expose-headers"].lower()
    strange = httpx.put(signed, content=b"x", headers={"Origin": "http://elsewhere.example"})
    assert "access-control-allow-origin" not in strange.headers


def test_the_bucket_can_be_prepared_twice() -> None:
    prepare_bucket(os.environ, origins=["http://127.0.0.1:8000", "http://localhost:8000"])
    buckets = client(os.environ).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets].count(os.environ["STORAGE_BUCKET"]) == 1


def test_a_server_that_the_environment_names_is_used_and_not_started(places: Places) -> None:
    given = {name: os.environ[name] for name in ("DATABASE_URL", "STORAGE_ENDPOINT")}
    places.make()
    three = Servers(places, given)
    try:
        started = three.start(QUIET)
        assert set(started) == {"BROKER_URL", "CACHE_URL"}
        assert not (places.var / "postgres").exists()
        assert not (places.var / "storage").exists()
    finally:
        three.stop()


def test_a_given_broker_is_the_cache_too_unless_another_is_named(places: Places) -> None:
    places.make()
    given = {"DATABASE_URL": "postgres://a", "BROKER_URL": "redis://b/0", "STORAGE_ENDPOINT": "http://c"}
    assert Servers(places, given).start(QUIET) == {"CACHE_URL": "redis://b/0"}
    assert Servers(places, {**given, "CACHE_URL": "redis://d/1"}).start(QUIET) == {"CACHE_URL": "redis://d/1"}


def test_a_second_start_finds_what_was_stored_at_the_same_address(places: Places) -> None:
    places.make()
    addresses = []
    for _time in range(2):
        valkey = Valkey(places)
        addresses.append(valkey.start())
        valkey.stop()
    assert addresses[0] == addresses[1]


def test_stopped_servers_leave_no_process_and_no_open_port(places: Places) -> None:
    places.make()
    three = Servers(places, {})
    try:
        three.start(QUIET)
        ours = [psutil.Process(server.process.pid) for server in three.ours]
        everybody = [*ours, *(child for process in ours for child in process.children(recursive=True))]
    finally:
        three.stop()
    assert len(everybody) > 3
    assert [process for process in everybody if process.is_running()] == []
    assert all_free(three.postgres.port, 1)
    assert all_free(three.storage.ports["master"], 5)
    assert list(Path("/tmp").glob(f"seaweedfs-*-{three.storage.ports['master'] + 10_000}.sock")) == []


def test_servers_do_not_outlive_a_supervisor_that_was_killed(places: Places) -> None:
    # The program prints the server's process id and is then killed without a chance to tidy up.
    program = (
        "import os, sys, signal\n"
        "from config.embedded.places import Places\n"
        "from config.embedded.valkey import Valkey\n"
        "places = Places.of(os.environ); places.make(); valkey = Valkey(places); valkey.start()\n"
        "print(valkey.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "JISR_VAR": str(places.var)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    server = int(done.stdout)
    if sys.platform != "linux":
        psutil.Process(server).terminate()
        pytest.skip("only Linux tells a child that its parent is gone")
    psutil.wait_procs([psutil.Process(server)] if psutil.pid_exists(server) else [], timeout=20)
    assert not psutil.pid_exists(server)


def test_postgres_never_runs_as_root(servers: BreakableServers) -> None:
    assert psutil.Process(servers.postgres.server.process.pid).uids().real != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")
def test_where_the_way_is_closed_to_its_user_postgres_lives_in_a_private_folder(places: Places) -> None:
    places.make()
    modes = [folder.stat().st_mode for folder in places.var.parents]
    server = Postgres(places, options=FAST_POSTGRES)
    try:
        server.start()
        home = elsewhere(places).readlink()
    finally:
        server.stop()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert home.owner() == "nobody"
    assert [folder.stat().st_mode for folder in places.var.parents] == modes
    remove_elsewhere(places)
    assert not home.exists()


def test_a_folder_that_is_closed_on_the_way_is_seen(tmp_path: Path) -> None:
    closed = tmp_path / "closed" / "var"
    closed.mkdir(parents=True)
    stranger = Account(uid=os.getuid() + 1, gid=os.getgid() + 1)
    tmp_path.joinpath("closed").chmod(0o700)
    assert stranger.is_shut_out_of(closed)


def test_a_killed_server_comes_back_with_what_it_had(servers: BreakableServers) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS survivor AS SELECT 7 AS number")
    servers.postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(os.environ["DATABASE_URL"])
    servers.postgres.restart()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        assert connection.execute("SELECT number FROM survivor").fetchall() == [(7,)]
        connection.execute("DROP TABLE survivor")


def test_a_frozen_server_answers_nothing_until_it_is_thawed(servers: BreakableServers) -> None:
    valkey = servers.valkey.server
    assert isinstance(valkey, Valkey)
    servers.valkey.freeze()
    assert not valkey.answers()
    servers.valkey.thaw()
    assert valkey.answers()
