import pytest

from courses.catalogue.models import Course
from tests.cast import Country, publish_course


@pytest.fixture
def course(country: Country) -> Course:
    return publish_course(country, slug="trade", lessons=(("text",),))


@pytest.fixture
def other_course(country: Country) -> Course:
    return publish_course(country, slug="life", lessons=(("text",),))
