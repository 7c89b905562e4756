"""The PostgreSQL of a run: our country and that of the floors, seeded once, copied for each run."""

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from config.embedded.commands import in_our_python, manage
from config.embedded.errors import EmbeddedError
from config.embedded.places import PROJECT, write_private
from config.embedded.postgres import ROLE, SUPERUSER, Postgres
from tests.bench.plan import Size
from tests.bench.requests import OURS

FLOORS: Final = "floors"
DATABASES: Final = (OURS, FLOORS)
HERE: Final = Path(__file__).resolve().parent
# What a seed depends on: when one of these changes it is made anew.
SEED_SOURCES: Final = (
    "country.sql",
    "country.py",
    "requests.py",
    "plan.py",
    "floors/schema.sql",
    "floors/seed.sql",
)
OPTIONS: Final = {
    "shared_preload_libraries": "pg_stat_statements",
    # Background work would fall on whichever server is asked when it begins.
    "autovacuum": "off",
}
# PostgreSQL's own checks of foreign keys that wait for the commit look like statements of ours.
COUNTED: Final = """
SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements
  JOIN pg_database ON pg_database.oid = dbid
 WHERE datname = %s AND toplevel AND query NOT LIKE 'SELECT %% FROM ONLY %% FOR KEY SHARE OF x'
"""


class Cluster:
    """One server with two seeds (`bench_ours_seed`, `bench_floors_seed`) and the two databases of this run."""

    def __init__(self, postgres: Postgres, environment: Mapping[str, str], size: Size) -> None:
        """`environment` is that of our commands, without `DATABASE_URL`."""
        self.postgres, self.environment, self.size = postgres, dict(environment), size
        self.marker = postgres.places.var / "seeded"

    def prepare(self) -> None:
        """Seed what is not seeded, and copy it for this run."""
        with self._connected() as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self._track("none")
        if not self.marker.is_file() or self.marker.read_text() != self._fingerprint():
            self._seed()
        for name in DATABASES:
            self._copy(f"bench_{name}_seed", f"bench_{name}")
        self._begin_sessions()

    def url(self, name: str) -> str:
        """The address of this run's database of `ours` or the `floors`."""
        return self.postgres.url(ROLE, f"bench_{name}")

    def execute(self, name: str, statement: str) -> None:
        """Run SQL on this run's database, outside any measurement."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count the statements inside the block; `statements` reads them."""
        self._track("top")
        with self._connected() as connection:
            connection.execute("SELECT pg_stat_statements_reset()")
        try:
            yield
        finally:
            self._track("none")

    def statements(self, name: str) -> int:
        """The statements counted on one database, without transaction control and SET."""
        with self._connected() as connection:
            return int(connection.execute(COUNTED, [f"bench_{name}"]).fetchone()[0])  # type: ignore[index]

    def _track(self, which: str) -> None:
        with self._connected() as connection:
            connection.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{which}'")
            connection.execute("ALTER SYSTEM SET pg_stat_statements.track_utility = off")
            connection.execute("SELECT pg_reload_conf()")

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.postgres.url(SUPERUSER, "postgres"), autocommit=True)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(repr(self.size).encode())
        migrations = sorted(PROJECT.glob("*/migrations/*.py"))
        for path in (*(HERE / name for name in SEED_SOURCES), *migrations):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _seed(self) -> None:
        self.marker.unlink(missing_ok=True)
        for name in DATABASES:
            self._make(f"bench_{name}_seed")
        self._seed_ours()
        self._seed_floors()
        for name in DATABASES:
            with psycopg.connect(self._seed_url(name), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        write_private(self.marker, self._fingerprint())

    def _seed_url(self, name: str) -> str:
        return self.postgres.url(ROLE, f"bench_{name}_seed")

    def _seed_ours(self) -> None:
        environment = self.environment | {"DATABASE_URL": self._seed_url(OURS)}
        sizes = map(str, (self.size.centres, self.size.learners, self.size.courses))
        for words in (manage("migrate", "--noinput"), ["tests.bench.country", *sizes]):
            done = subprocess.run(
                in_our_python(words),
                env=environment,
                cwd=PROJECT,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise EmbeddedError(
                    f"`{' '.join(words)}` failed.\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
                )

    def _seed_floors(self) -> None:
        with psycopg.connect(self._seed_url(FLOORS)) as connection:
            connection.execute((HERE / "floors" / "schema.sql").read_text())
            seed = (HERE / "floors" / "seed.sql").read_text() % vars(self.size)
            connection.execute(seed)

    def _make(self, database: str, *, template: str = "template1") -> None:
        names = {"database": database, "template": template, "role": ROLE}
        quoted = {word: sql.Identifier(name) for word, name in names.items()}
        with self._connected() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {database} WITH (FORCE)").format(**quoted))
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {database} OWNER {role} TEMPLATE {template} STRATEGY FILE_COPY"
                ).format(**quoted)
            )

    def _copy(self, seed: str, database: str) -> None:
        self._make(database, template=seed)

    def _begin_sessions(self) -> None:
        """Everyone was seen just now: a session writes that she was at most every ten minutes."""
        self.execute(OURS, "UPDATE session SET last_seen = now(), expires_at = now() + interval '30 days'")
        self.execute(OURS, "VACUUM FULL session")
        self.execute(OURS, "VACUUM ANALYZE session")
