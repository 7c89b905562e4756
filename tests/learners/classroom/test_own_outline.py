"""Opening her course: the outline of her edition and her progress, together."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from courses.catalogue.models import Course
from learners.cohorts.models import Cohort
from learners.enrolments.services import withdraw
from tests.cast import Country, client_for, make_person
from tests.learners.learning import Learning
from tests.learners.progress.test_openings import paced
from tests.statements import statements


@pytest.fixture
def path(learning: Learning) -> str:
    return f"/api/v1/enrolments/{learning.enrolment.uuid}/outline"


@pytest.mark.parametrize("language", ["ar", "fr", "zgh"])
def test_it_says_what_the_two_addresses_say(learning: Learning, path: str, language: str) -> None:
    learning.finish_texts()
    slug = Course.objects.get(pk=learning.enrolment.course_id).slug
    spoken = {"Accept-Language": language}
    together = learning.client.get(path, headers=spoken)
    apart = learning.client.get(f"/api/v1/courses/{slug}/outline", headers=spoken)
    progress = learning.client.get(f"/api/v1/enrolments/{learning.enrolment.uuid}/progress").json()
    assert together.json() == {"outline": apart.json(), "progress": progress}
    assert together["Content-Language"] == apart["Content-Language"]


def test_a_module_that_waits_for_her_groups_day_is_closed(country: Country) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    learning = paced(country, "on_cohort_date", starts_on=tomorrow)
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/outline"
    assert [gate["open"] for gate in learning.client.get(path).json()["progress"]["modules"]] == [
        False,
        False,
    ]
    Cohort.objects.update(starts_on=tomorrow - timedelta(days=1))
    assert [gate["open"] for gate in learning.client.get(path).json()["progress"]["modules"]] == [True, True]


def test_it_is_hers_alone_and_gone_when_she_has_left(country: Country, learning: Learning, path: str) -> None:
    neighbour = client_for(make_person(home=country.larache_centre))
    assert neighbour.get(path).status_code == 404
    assert learning.client.get(f"/api/v1/enrolments/{uuid4()}/outline").status_code == 404
    withdraw(enrolment=learning.enrolment)
    assert learning.client.get(path).status_code == 404


def test_it_costs_three_statements(learning: Learning, path: str) -> None:
    learning.client.get(path)  # a process reads the rules of a publication once
    with statements(3):  # her session; her enrolment with its outline and cohort; what she did
        learning.client.get(path)
