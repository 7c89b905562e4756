"""`make run`: the whole platform on one machine, from nothing to a tour."""

import hashlib
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Final

from config.embedded import commands
from config.embedded.errors import EmbeddedError
from config.embedded.keys import make_missing_keys
from config.embedded.lock import Lock
from config.embedded.places import PROJECT, Places, write_private
from config.embedded.ports import LOOPBACK, refuse_taken
from config.embedded.process import Process, last_words
from config.embedded.progress import Progress
from config.embedded.servers import Servers
from config.embedded.supervisor import Stopped, Supervisor, stop_all, until_stopped
from lms.catalogues import compile_catalogues

DEFAULT_PORT: Final = 8000
# In the order of stopping: no new requests, then no new messages, then the work that is under way.
SUPERVISED: Final = ("web", "relay", "worker", "worker-media")
STATIC_PACKAGES: Final = ("lms", "courses", "learners", "tasks")
STEP_PATIENCE: Final = 600  # seconds for a command of manage.py


def port_of(environment: Mapping[str, str]) -> int:
    """The port that `PORT` names, 8000 without it."""
    text = environment.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def base_environment(places: Places, given: Mapping[str, str], port: int) -> dict[str, str]:
    """The environment of every process of ours, without the servers: what is given, and our defaults."""
    defaults = {
        "JISR_ENV": "demo",
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "CONTENT_ORIGIN": f"http://localhost:{port}",
    }
    return {
        **given,
        **{name: given.get(name) or value for name, value in defaults.items()},
        "JISR_VAR": str(places.var),
        "JISR_KEYS": str(places.keys),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # Each start imports us nine times: what was compiled is kept, whatever the caller's habit is.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


class System:
    """Everything that `make run` starts."""

    def __init__(self, given: Mapping[str, str], progress: Progress) -> None:
        """`given` is the caller's environment."""
        self.progress = progress
        self.places = Places.of(given)
        self.port = port_of(given)
        self.environment = base_environment(self.places, given, self.port)
        self.lock = Lock(self.places)
        self.inherits: tuple[int, ...] = ()
        self.processes: dict[str, Process] = {}

    def run(self) -> None:
        """Start everything, print the tour, stay until somebody asks us to stop, and leave nothing behind."""
        refuse_taken(self.port)
        self.places.make()
        stack = ExitStack()
        with until_stopped() as stop_no_more:
            try:
                self._run(stack)
            except Stopped:
                self.progress.say("stopping…")
            finally:
                stop_no_more()
                stack.close()
        self.progress.say("✓ stopped; nothing was lost")

    def _run(self, stack: ExitStack) -> None:
        self.inherits = self.lock.acquire()
        stack.callback(self.lock.release)
        self._prepare()
        servers = Servers(self.places, self.environment, inherits=self.inherits)
        stack.callback(servers.stop)
        stack.callback(self._stop_processes)
        # The slow parts of a first start go side by side: static files, tables, demonstration.
        static = self._begin_static_files()
        self.environment |= servers.start_database(self.progress)
        tables = self._begin("migrate", "--noinput")
        self.environment |= servers.start_others(self.progress)
        stack.callback(self.places.environment_file.unlink, missing_ok=True)
        write_private(self.places.environment_file, json.dumps(self.environment))
        with self.progress.step("bucket"):
            servers.prepare_bucket(self.environment)
        with self.progress.step("database tables"):
            self._finish(tables)
        self._start_behind_the_web()
        demonstration = self._begin("load_demonstration", "--present", str(self.places.run))
        self._finish_static_files(static)
        self._start_web()
        with self.progress.step("demonstration"):
            self._finish(demonstration)
        with self.progress.step("web, workers, relay, beat"):
            self.processes["web"].wait_until(lambda: is_ready(self.port), seconds=90)
        self._present()
        self._supervise(servers)

    def _prepare(self) -> None:
        self.places.demonstration_file.unlink(missing_ok=True)
        for log in self.places.log.glob("*.log"):
            log.replace(log.with_suffix(".previous"))
        shutil.rmtree(self.places.metrics, ignore_errors=True)
        with self.progress.step("keys"):
            make_missing_keys(self.places.keys)
        with self.progress.step("translations"):
            compile_catalogues()

    def _begin_static_files(self) -> Process | None:
        stamp = self.places.var / "static" / ".stamp"
        if stamp.is_file() and stamp.read_text() == static_fingerprint(PROJECT):
            return None
        return self._start("collectstatic", [*commands.collect_static(), "--clear"])

    def _finish_static_files(self, step: Process | None) -> None:
        if step:
            with self.progress.step("styles and scripts"):
                self._finish(step)
            (self.places.var / "static" / ".stamp").write_text(static_fingerprint(PROJECT))

    def _start_behind_the_web(self) -> None:
        self._start("worker", commands.worker(commands.QUICK_QUEUES, concurrency=2))
        self._start("worker-media", commands.worker(commands.MEDIA_QUEUES, concurrency=1))
        self._start("relay", commands.manage("relay", "--with-beat"))

    def _start_web(self) -> None:
        # Only the web keeps a pool: its threads share connections, the others hold one each.
        own = {"DATABASE_POOL": "true", "PROMETHEUS_MULTIPROC_DIR": str(self.places.metrics)}
        self._start("web", commands.web(f"{LOOPBACK}:{self.port}"), own)

    def _start(self, name: str, words: list[str], more: Mapping[str, str] | None = None) -> Process:
        self.processes[name] = process = Process(
            name=name,
            command=commands.in_our_python(words),
            log=self.places.log / f"{name}.log",
            environment={**self.environment, **(more or {})},
            inherits=self.inherits,
        )
        process.start()
        return process

    def _present(self) -> None:
        """Everything is ready: say so to programs by a file, and to people by the tour."""
        self.places.presented("demo.json").replace(self.places.demonstration_file)
        print(self.places.presented("tour.txt").read_text(encoding="utf-8"), flush=True)

    def _supervise(self, servers: Servers) -> None:
        supervisor = Supervisor(self.progress)
        for server in servers.ours:
            supervisor.watch(server.process, server.start)
        for name in SUPERVISED:
            supervisor.watch(self.processes[name], self.processes[name].start)
        supervisor.run()

    def _stop_processes(self) -> None:
        stop_all(
            [self.processes.pop(name) for name in (*SUPERVISED, *self.processes) if name in self.processes]
        )

    def _begin(self, *words: str) -> Process:
        """Start a command of manage.py that ends by itself."""
        return self._start(words[0], commands.manage(*words))

    def _finish(self, step: Process) -> None:
        """Wait for a command of manage.py; refuse when it fails or takes more than ten minutes."""
        try:
            if step.running is None or step.running.wait(STEP_PATIENCE) != 0:
                raise EmbeddedError(f"`manage.py {step.name}` failed. {last_words(step.log, 20)}")
        except subprocess.TimeoutExpired as error:
            raise EmbeddedError(f"`manage.py {step.name}` takes too long. {last_words(step.log)}") from error
        finally:
            step.kill()


def is_ready(port: int) -> bool:
    """Whether the web server on the port says that it can serve."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def static_fingerprint(project: Path) -> str:
    """A hash of what `collectstatic` reads: our static files, and the lock that names the libraries."""
    digest = hashlib.sha256((project / "requirements" / "run.lock").read_bytes())
    for path in sorted(
        path for package in STATIC_PACKAGES for path in project.glob(f"{package}/static/**/*")
    ):
        if path.is_file():
            digest.update(str(path.relative_to(project)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
