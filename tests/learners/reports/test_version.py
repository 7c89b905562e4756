"""A tree is kept while nothing that it is made of has changed, and not a moment longer."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from learners.reports.models import ReportVersion, Tally
from learners.reports.queries import load_tree
from lms.access.scoping import Grant, Scope
from lms.organisations.models import CentreType, Organisation
from tests.cast import Country
from tests.learners.reports.crowd import count, crowd
from tests.statements import statements


def scope_over(place: Organisation) -> Scope:
    return Scope(person_id=1, grants=(Grant(role="ministry_admin", path=place.path, own_node=True),))


def truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE tally")


CHANGES: dict[str, Callable[[], object]] = {
    "a tally": lambda: Tally.objects.update(count=7),
    "a tally less": lambda: Tally.objects.all().delete(),
    "all tallies": truncate,
    "a name": lambda: Organisation.objects.filter(code="larache-centre").update(name={"ar": "آخر"}),
    "a place less": lambda: Organisation.objects.filter(code="association").delete(),
    "a kind of centre": lambda: CentreType.objects.update(confidential=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_a_tree_is_made_of_makes_another_version(
    country: Country, course: Course, change: Callable[[], object]
) -> None:
    crowd(country.larache_centre, course, 6)
    before = ReportVersion.objects.get().version
    change()
    assert ReportVersion.objects.get().version != before


def test_a_change_of_nothing_makes_none(country: Country, course: Course) -> None:
    rows = crowd(country.larache_centre, course, 6)
    before = ReportVersion.objects.get().version
    count(rows)
    assert ReportVersion.objects.get().version == before


def test_the_same_tree_is_put_together_once_and_a_changed_one_anew(country: Country, course: Course) -> None:
    she, *_others = crowd(country.larache_centre, course, 6)
    at, scope = timezone.now(), scope_over(country.ministry)
    first = load_tree(scope, course=course, at=at)
    with statements(1):
        assert load_tree(scope, course=course, at=at) is first
    with statements(2):
        assert load_tree(scope_over(country.larache), course=course, at=at) is not first
    Enrolment.objects.filter(pk=she.pk).update(percent=60)
    count([she])
    with statements(2):
        again = load_tree(scope, course=course, at=at)
    assert first.by_code["larache-centre"].figures.halfway == 0
    assert again.by_code["larache-centre"].figures.halfway == 1
