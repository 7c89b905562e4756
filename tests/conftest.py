"""Fixtures that every test may ask for."""

import pytest
from rest_framework.test import APIClient

from tests.browser.chromium import chromium, phone
from tests.cast import Country, build_country

__all__ = ["chromium", "phone"]


@pytest.fixture
def country(db: None) -> Country:
    """A small country: two provinces of one region, their centres, one of them confidential (tests/cast.py)."""
    return build_country()


@pytest.fixture
def client() -> APIClient:
    """Someone who has not signed in."""
    return APIClient()
