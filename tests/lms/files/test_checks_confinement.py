"""A decoder that a file has taken over finds no network, no rights, no other files and little room."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lms.files.checks import confinement
from lms.files.checks.confinement import LIMITS, MEBIBYTE, Limits, nobody

PROJECT = Path(__file__).resolve().parents[3]

CAPTURED = """
import json, os, socket, sys
from dataclasses import asdict
from pathlib import Path
from lms.files.checks.confinement import Limits, confine

question = json.loads(sys.argv[1])
confined = confine(Path(question["scratch"]), Limits(**question["limits"]))
tried = {}


def attempt(name, action):
    try:
        tried[name] = str(action())
    except BaseException as error:
        tried[name] = type(error).__name__


def write(count):
    with open("out/result", "wb") as file:
        return file.write(bytes(count))


attempt("connect", lambda: socket.create_connection(("127.0.0.1", question["port"]), timeout=5).close())
attempt("secret", lambda: open(question["secret"]).read())
attempt("passwd", lambda: len(open("/etc/passwd").read()) > 0)
attempt("input", lambda: open("input").read())
attempt("overwrite", lambda: open("input", "w").write("x"))
attempt("rename", lambda: os.rename("input", "moved"))
attempt("fork", lambda: os.fork() or os._exit(0))
attempt("memory", lambda: len(bytearray(400 * 1024 * 1024)))
attempt("large", lambda: write(3 * 1024 * 1024))
attempt("small", lambda: write(1024))
attempt("root", lambda: os.setuid(0))
print(json.dumps(asdict(confined) | {"tried": tried, "user": os.getuid(), "groups": os.getgroups()}))
"""


def capture(tmp_path: Path, limits: Limits) -> dict[str, object]:
    scratch, secret = tmp_path / "scratch", tmp_path / "secret"
    (scratch / "out").mkdir(parents=True)
    (scratch / "input").write_text("hello")
    secret.write_text("canary")
    secret.chmod(0o600)
    if os.geteuid() == 0:
        scratch.chmod(0o711)
        os.chown(scratch / "out", *nobody())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        question = {
            "scratch": str(scratch),
            "secret": str(secret),
            "port": listener.getsockname()[1],
            "limits": vars(limits),
        }
        run = subprocess.run(
            [sys.executable, "-c", CAPTURED, json.dumps(question)],
            cwd=PROJECT,
            capture_output=True,
            check=True,
        )
    said = [line for line in run.stdout.splitlines() if line.strip()]
    answer: dict[str, object] = json.loads(said[-1])
    return answer


SMALL = replace(LIMITS["image"], address_space=256 * MEBIBYTE, output_bytes=2 * MEBIBYTE)


def test_a_captured_decoder_stays_within_its_room_and_keeps_its_work(tmp_path: Path) -> None:
    tried = capture(tmp_path, SMALL)["tried"]

    assert isinstance(tried, dict)
    assert tried["input"] == "hello"
    assert tried["small"] == "1024"
    assert tried["memory"] == "MemoryError"
    assert tried["large"] == "OSError"
    assert tried["fork"] == "BlockingIOError"


def test_the_network_is_out_of_reach_wherever_it_is_said_to_be(tmp_path: Path) -> None:
    seen = capture(tmp_path, SMALL)

    assert isinstance(seen["tried"], dict)
    assert (seen["tried"]["connect"] != "None") is seen["network_isolated"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")
@pytest.mark.parametrize("starts_programs", [False, True])
def test_root_gives_up_its_rights_for_good(tmp_path: Path, starts_programs: bool) -> None:
    seen = capture(tmp_path, replace(SMALL, starts_programs=starts_programs))

    tried = seen["tried"]
    assert isinstance(tried, dict)
    assert (seen["unprivileged"], seen["user"], seen["groups"]) == (True, nobody()[0], [])
    assert tried["root"] == "PermissionError"
    assert tried["overwrite"] == "PermissionError"
    assert tried["rename"] == "PermissionError"
    assert tried["secret"] == ("PermissionError" if starts_programs else "FileNotFoundError")
    # Pictures and documents are decoded where no other file exists; ffmpeg needs the libraries of the system.
    assert tried["passwd"] == ("True" if starts_programs else "FileNotFoundError")


def test_a_decoder_that_only_burns_time_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dataclasses import replace\n"
        "from lms.files.checks.confinement import LIMITS, confine\n"
        "confine(Path(sys.argv[1]), replace(LIMITS['image'], cpu_seconds=1))\n"
        "while True: pass"
    )

    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, check=False)

    assert run.returncode in {-signal.SIGKILL, -signal.SIGXCPU}


def test_where_the_system_has_no_namespaces_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())

    assert confinement.leave_the_network(as_root=False) is False


def test_neither_the_checker_nor_its_child_loads_django() -> None:
    modules = ["checks", "checks.child", "checks.pictures", "checks.documents", "checks.media"]
    names = ", ".join(f"lms.files.{name}" for name in modules)
    code = f"import sys, {names}; print([name for name in sys.modules if name.split('.')[0] == 'django'])"

    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
