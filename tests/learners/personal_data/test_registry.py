"""No table may hold something about a person without saying what she is given of it and what becomes of it."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from learners.personal_data.registry import HELD, NOT_HERS
from lms.accounts.models import Person


def leading_to(person: type[Model]) -> Iterator[type[Model]]:
    """Every model from which foreign keys lead to a person, over any number of tables."""
    found: set[type[Model]] = {person}
    while True:
        more = {model for model in apps.get_models() if model not in found and foreign(model) & found}
        if not more:
            return
        yield from more
        found |= more


def foreign(model: type[Model]) -> set[type[Model]]:
    """The models a table points to, apart from what was published: courses do not lead to their learners."""
    ends = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
    return {end for end in ends if isinstance(end, type) and end._meta.app_label != "courses"}


def test_every_model_that_leads_to_a_person_is_declared() -> None:
    declared = {held.model for held in HELD} | set(NOT_HERS)
    undeclared = {model for model in leading_to(Person) if model._meta.app_label != "courses"} - declared
    assert undeclared == set(), "declare it in learners/personal_data/registry.py"


def test_what_is_not_given_or_not_erased_has_its_reason() -> None:
    for held in HELD:
        assert held.export or held.reason, held.model
        assert callable(held.erase) or len(held.erase) > 20, held.model
    assert all(len(reason) > 20 for reason in NOT_HERS.values())
    assert not {held.model for held in HELD} & set(NOT_HERS)
