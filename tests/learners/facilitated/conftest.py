import pytest

from tests.cast import Country
from tests.learners.facilitated.room import Room, open_room


@pytest.fixture
def room(country: Country) -> Room:
    return open_room(country)
