"""Counting the SQL statements of a piece of work, transaction control left out."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")


@contextmanager
def statements(number: int) -> Iterator[None]:
    """Exactly so many statements, or the test fails and shows them."""
    with CaptureQueriesContext(connection) as caught:
        yield
    seen = [query["sql"] for query in caught.captured_queries if not query["sql"].startswith(CONTROL)]
    assert len(seen) == number, "\n\n".join([f"{len(seen)} statements:", *seen])
