"""The whole demonstration, loaded once for all tests of this folder and rolled back after them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from learners.demonstration.loading import Loaded, load


@dataclass(frozen=True)
class Demonstration:
    at: datetime
    loaded: Loaded
    said: list[str]


@pytest.fixture(scope="package")
def whole_demonstration(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demonstration]:
    at, said = timezone.now(), list[str]()
    with django_db_blocker.unblock(), transaction.atomic():
        loaded = load(at=at, say=said.append)
        connection.check_constraints()  # once here, not again after each test
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # autovacuum, which does it elsewhere, sees only what is committed
        yield Demonstration(at, loaded, said)
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(whole_demonstration: Demonstration, db: None) -> Demonstration:
    """What a test changes is undone; what was loaded stays for the next."""
    return whole_demonstration
