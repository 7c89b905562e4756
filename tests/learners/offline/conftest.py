import pytest

from tests.cast import Country
from tests.learners.classroom.richly import Classroom, open_classroom
from tests.learners.offline.keeping import fill_the_storage


@pytest.fixture
def classroom(country: Country) -> Classroom:
    """Alice before a course of every kind of lesson, its files in the storage."""
    made = open_classroom(country)
    fill_the_storage(made)
    return made
