import pytest

from tests.cast import Country
from tests.learners.learning import Learning, begin_learning


@pytest.fixture
def learning(country: Country) -> Learning:
    """Alice, one step into a course of two texts and a quiz (tests/learners/learning.py)."""
    return begin_learning(country)
