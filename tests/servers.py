"""The servers of the tests: each pytest process has PostgreSQL, Valkey and S3 of its own, in a temporary folder.

Loaded by `-p tests.servers` (pyproject.toml), because the environment must be there before Django's settings are read.
Under xdist every worker has its own three, so that a test may kill or freeze one without disturbing the others; the
controller, which runs no test, has none. The environment's DATABASE_URL and its like are not used: tests empty what
they use.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import psutil
import psycopg
import pytest
from django.db import connection

from config.embedded import commands
from config.embedded.errors import EmbeddedError
from config.embedded.keys import make_missing_keys
from config.embedded.lock import Lock
from config.embedded.places import Places
from config.embedded.ports import LOOPBACK, free_run
from config.embedded.postgres import SUPERUSER, Postgres, remove_elsewhere
from config.embedded.process import Process
from config.embedded.progress import Progress
from config.embedded.servers import Server, Servers
from config.embedded.system import is_ready
from lms.catalogues import compile_catalogues

FOLDER_VARIABLE: Final = "JISR_TEST_FOLDER"
PREFIX: Final = "jisr-test-"
WORKER_VARIABLE: Final = "PYTEST_XDIST_WORKER"
NOT_USED: Final = (
    "DATABASE_URL",
    "DATABASE_POOL",
    "BROKER_URL",
    "CACHE_URL",
    "STORAGE_PUBLIC_URL",
    "SMS_OUTBOX",
)
# Safe when it is killed, not when the power fails: that is slow, and tests have nothing to lose.
FAST_POSTGRES: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "statement_timeout": "120s",  # a statement that runs for hours fails by name instead of eating the whole run
}
_closing = ExitStack()
_started: dict[str, Servers] = {}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the servers and set the environment: as a wrapper it comes before pytest-django reads the settings."""
    options = early_config.known_args_namespace
    is_worker = WORKER_VARIABLE in os.environ
    is_controller = (
        bool(getattr(options, "numprocesses", None) or getattr(options, "tx", None)) and not is_worker
    )
    runs_tests = not (options.help or options.version or getattr(options, "collectonly", False))
    _prepare_folder(is_worker=is_worker)
    if runs_tests and not is_controller:
        _start_servers(os.environ.get(WORKER_VARIABLE, "main"))
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the servers; also called after Ctrl-C."""
    _closing.close()


def _prepare_folder(*, is_worker: bool) -> None:
    if not is_worker:
        _remove_abandoned()
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        folder.chmod(0o711)  # crossed by PostgreSQL's user when we are root
        os.environ[FOLDER_VARIABLE] = str(folder)
        _closing.callback(_remove, folder)
        signal.signal(signal.SIGTERM, _stop_like_ctrl_c)
        compile_catalogues()
    folder = Path(os.environ[FOLDER_VARIABLE])
    make_missing_keys(folder / "keys")
    for name in NOT_USED:
        os.environ.pop(name, None)
    os.environ |= {
        "JISR_ENV": "test",
        "LOG_LEVEL": "WARNING",
        "JISR_KEYS": str(folder / "keys"),
        "JISR_VAR": str(folder / "none"),
    }


def _start_servers(worker: str) -> None:
    os.environ["JISR_VAR"] = str(Path(os.environ[FOLDER_VARIABLE]) / worker)
    places = Places.of(os.environ)
    places.make()
    lock = Lock(places)
    inherits = lock.acquire()
    _closing.callback(lock.release)
    _started["servers"] = servers = Servers(places, {}, postgres_options=FAST_POSTGRES, inherits=inherits)
    _closing.callback(servers.stop)
    os.environ |= servers.start(Progress(quiet=True))
    servers.prepare_bucket(
        {"PUBLIC_URL": "http://127.0.0.1:8000", "CONTENT_ORIGIN": "http://localhost:8000", **os.environ}
    )


def _stop_like_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _remove(folder: Path) -> None:
    for var in [path for path in folder.iterdir() if (path / "run").is_dir()]:
        places = Places(var=var, keys=folder / "keys")
        lock = Lock(places)
        lock.acquire()  # a worker that was cut off may still be stopping its servers
        lock.release()
        remove_elsewhere(places)
    shutil.rmtree(folder)


def _remove_abandoned() -> None:
    """Remove the folders of runs that were killed before they could; their servers went with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError, EmbeddedError):  # another user's, or another run is at it already
            if owner.isdecimal() and not psutil.pid_exists(int(owner)):
                _remove(folder)


@dataclass
class Breakable:
    """One server that a test may hurt."""

    server: Server
    frozen: bool = False

    def restart(self) -> None:
        """Stop it in good order (or bury it) and start it at the same address."""
        self.thaw()
        self._hang_up()
        self.server.stop()
        self.server.start()

    def kill(self) -> None:
        """End it at once, with no time to tidy up; it stays down until `restart`."""
        self.thaw()
        self._hang_up()
        process = self.server.process
        if isinstance(self.server, Postgres):
            # kill -9 of the parent alone would leave its sessions at work; "immediate" crashes them all.
            psutil.Process(process.pid).send_signal(signal.SIGQUIT)
            process.running.wait(30) if process.running else None
        process.kill()

    def freeze(self) -> None:
        """Keep its connections open and answer nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        """Let it go on. Safe to repeat."""
        if self.frozen:
            self._signal(signal.SIGCONT)
        self.frozen = False

    def repair(self) -> None:
        """Bring it back to life, whatever a test did to it."""
        self.thaw()
        if not self.server.process.alive:
            self.restart()

    def _hang_up(self) -> None:
        """Django would keep this process's broken connection, and every later test would fail on it."""
        if isinstance(self.server, Postgres):
            connection.close()

    def _signal(self, number: int) -> None:
        parent = psutil.Process(self.server.process.pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@dataclass(frozen=True)
class BreakableServers:
    """The three servers of this pytest process."""

    postgres: Breakable
    valkey: Breakable
    storage: Breakable


@pytest.fixture
def servers() -> Iterator[BreakableServers]:
    """The servers, to restart, kill, freeze and thaw; all are well again after the test."""
    breakable = _breakable()
    _forget_earlier_tests()
    yield breakable
    for server in (breakable.postgres, breakable.valkey, breakable.storage):
        server.repair()


def _forget_earlier_tests() -> None:
    """A killed PostgreSQL recovers what was written since its last checkpoint: minutes of all tests before this one."""
    postgres = _started["servers"].postgres
    with psycopg.connect(postgres.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _breakable() -> BreakableServers:
    started = _started["servers"]
    return BreakableServers(
        Breakable(started.postgres), Breakable(started.valkey), Breakable(started.storage)
    )


@contextmanager
def own_servers(name: str) -> Iterator[BreakableServers]:
    """The same three for a program of the tests, before Django's settings are read; gone with the block."""
    try:
        _prepare_folder(is_worker=False)
        _start_servers(name)
        yield _breakable()
    finally:
        _closing.close()


def keeping_bytecode() -> dict[str, str]:
    """Where Python writes no bytecode, each process started again would compile everything anew: it may, apart."""
    if not sys.dont_write_bytecode:
        return {}
    folder = Path(os.environ[FOLDER_VARIABLE]) / "bytecode"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}


@dataclass(frozen=True)
class Platform:
    """Web, workers and relay at work on the test's database."""

    base_url: str
    environment: Mapping[str, str]
    processes: Mapping[str, Process]

    @property
    def outbox(self) -> Path:
        """The file of messages sent to phones."""
        return Path(self.environment["JISR_VAR"]) / "outbox" / "sms.jsonl"


@pytest.fixture
def platform(transactional_db: None) -> Iterator[Platform]:
    """The platform as `make run` starts it (web, two workers, relay with beat), reached over HTTP."""
    with running_platform() as running:
        yield running


@contextmanager
def running_platform(**changes: str) -> Iterator[Platform]:
    """The platform at work on the test's database until the block ends; `changes` to its environment."""
    started = _started["servers"]
    port = free_run(1)
    environment = {
        **os.environ,
        "DATABASE_URL": started.postgres.url("jisr", str(connection.settings_dict["NAME"])),
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "CONTENT_ORIGIN": f"http://localhost:{port}",
        **changes,
    }
    processes = _processes(environment, port)
    with ExitStack() as stopping:
        for process in reversed(processes.values()):
            stopping.callback(process.stop)
            process.start()
        processes["web"].wait_until(lambda: is_ready(port), seconds=180)
        yield Platform(base_url=environment["PUBLIC_URL"], environment=environment, processes=processes)


def _processes(environment: Mapping[str, str], port: int) -> dict[str, Process]:
    wanted = {
        "web": commands.web(f"{LOOPBACK}:{port}"),
        "worker": commands.worker(commands.QUICK_QUEUES, concurrency=2),
        "worker-media": commands.worker(commands.MEDIA_QUEUES, concurrency=1),
        "relay": commands.manage("relay", "--with-beat"),
    }
    own = {"web": {"DATABASE_POOL": "true"}}
    log = Path(environment["JISR_VAR"]) / "log"
    return {
        name: Process(
            name=name,
            command=commands.in_our_python(words),
            log=log / f"{name}.log",
            environment={**environment, **own.get(name, {})},
        )
        for name, words in wanted.items()
    }
