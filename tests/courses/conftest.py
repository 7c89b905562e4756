import pytest

from tests.cast import Country, client_for, make_staff
from tests.courses.writing import Author


@pytest.fixture
def trainer(country: Country) -> Author:
    return Author(client_for(make_staff("trainer", country.institute)))


@pytest.fixture
def publisher(country: Country) -> Author:
    first, second = (client_for(make_staff("publisher", country.institute)) for _ in range(2))
    return Author(first, second=second)
