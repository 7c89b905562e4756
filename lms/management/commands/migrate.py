"""`migrate`, polite to whoever is at work: it waits at most three seconds for a lock, steps back, and tries again.

A change of a table that waits behind one long reader makes everyone behind it wait too. Whoever changes a table gives
up after three seconds, lets them pass and asks again; a migration is one transaction, so nothing of it is left.
"""

import time
from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

LOCK_TIMEOUT: Final = "3s"
PAUSE: Final = 2.0
TRIES: Final = 30


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        for _try in range(TRIES):
            try:
                _wait_at_most(connection, LOCK_TIMEOUT)
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self.stderr.write(f"a table is in use; again in {PAUSE:.0f} s")
                time.sleep(PAUSE)
            else:
                _wait_at_most(connection, "0")
                return
        raise CommandError(f"a table was in use {TRIES} times; nothing is half changed: run it again later")


def _wait_at_most(connection: Any, how_long: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [how_long])
