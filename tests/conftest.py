"""Fixtures that every test may ask for."""

import gc

import pytest
from rest_framework.test import APIClient

from courses.publishing.rules import lesson_rules, module_rules, published_quiz
from learners.offline.published import published_in
from tests.browser.chromium import chromium, phone
from tests.cast import Country, build_country

__all__ = ["chromium", "phone"]


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it for garbage again and again costs a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(autouse=True)
def rules_of_this_test() -> None:
    """A database that was killed while it did not sync may give the number of a publication twice."""
    for kept in (lesson_rules, module_rules, published_quiz, published_in):
        kept.cache_clear()


@pytest.fixture
def country(db: None) -> Country:
    """A small country: two provinces of one region, their centres, one of them confidential (tests/cast.py)."""
    return build_country()


@pytest.fixture
def client() -> APIClient:
    """Someone who has not signed in."""
    return APIClient()
