from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.contracts.asking import undone
from tests.contracts.world import World, build_world


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once for all tests of this folder, in a transaction that never ends well."""
    with django_db_blocker.unblock(), undone():
        yield build_world()
