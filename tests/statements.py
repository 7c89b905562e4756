"""Counting the SQL statements of a piece of work, transaction control left out."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")

# Django cannot tell the text of a statement that PostgreSQL knows already (lms/statements.py).
PREPARED = "(a prepared statement)"


@contextmanager
def statements(number: int) -> Iterator[None]:
    """Exactly so many statements, or the test fails and shows them."""
    with CaptureQueriesContext(connection) as caught:
        yield
    told = [query["sql"] or PREPARED for query in caught.captured_queries]
    seen = [sql for sql in told if not sql.startswith(CONTROL)]
    assert len(seen) == number, "\n\n".join([f"{len(seen)} statements:", *seen])
