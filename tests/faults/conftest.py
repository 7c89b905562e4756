"""One database and one running platform for all faults of this folder: to start them for each would cost minutes."""

from collections.abc import Iterator

import httpx
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.cast import build_country
from tests.faults.living import Living, forget_what_is_open
from tests.servers import keeping_bytecode, running_platform

# Seconds after which a delivery that a dead worker held is due again. Two slots: that is what one worker has.
HURRIED = {"DELIVERY_LEASE": "5", "QUEUE_SLOTS": "2"}


@pytest.fixture(scope="package")
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database, emptied once at the end; each test looks at the women it made."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)
        connection.close()


@pytest.fixture(scope="package")
def running(transactional_db: None) -> Iterator[Living]:
    country = build_country()
    with (
        running_platform(**HURRIED, **keeping_bytecode()) as platform,
        httpx.Client(base_url=platform.base_url) as http,
    ):
        http.timeout = httpx.Timeout(60)
        yield Living(platform, country, http)
        for process in platform.processes.values():
            process.ask_to_stop()  # all at once; each is waited for afterwards
    connection.close()


@pytest.fixture
def living(running: Living) -> Iterator[Living]:
    """The platform with every process at work and nothing left to do by a test that failed, and so again after it."""
    forget_what_is_open()
    yield running
    connection.close()
    for process in running.platform.processes.values():
        if not process.alive:
            process.kill()
            process.start()
