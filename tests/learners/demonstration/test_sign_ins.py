"""demo.json, the tour, and that neither exists outside a demonstration."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from learners.certificates.models import Certificate, CertificateState
from learners.demonstration import cast
from learners.demonstration.guard import refuse_demonstration_sessions
from learners.demonstration.sign_ins import (
    NotADemonstration,
    NotLoaded,
    demonstration_file,
    write_demonstration_file,
)
from learners.demonstration.tour import lines
from learners.enrolments.models import Enrolment
from lms.access.policy import ROLES
from lms.accounts.models import Identity
from lms.accounts.queries import person_by_email
from lms.sign_in.models import Session
from lms.sign_in.queries import open_session
from tests.learners.demonstration.conftest import Demonstration


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> Path:
    settings.JISR_ENV = "demo"
    settings.VAR_DIR = tmp_path
    return tmp_path / "demo.json"


def people(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["people"]
    return found


def test_the_file_names_every_role_and_learners_whose_tokens_open_the_door(
    demonstration: Demonstration, demo: Path
) -> None:
    write_demonstration_file(demonstration_file(), at=timezone.now())

    listed = people(demo)
    assert {*ROLES, "learner"} == {person["role"] for person in listed}
    provinces = [p["organisation"]["code"] for p in listed if p["role"] == "province_admin"]
    assert provinces == ["p01-331", "p01-571"]
    for person in listed:
        session = open_session(person["token"], at=timezone.now())
        assert session
        assert session.person
        assert person["role"] in {"learner", *session.person.scope.roles}
        assert set(person["sign_in"]) in ({"email", "password"}, {"phone"}, {"phone", "pin"})
    last = open_session(listed[-1]["token"], at=timezone.now())
    assert last
    assert not Enrolment.objects.filter(learner=last.person).exists()


def test_the_file_is_its_owners_only_and_each_run_renews_the_tokens(
    demonstration: Demonstration, demo: Path
) -> None:
    write_demonstration_file(demonstration_file(), at=timezone.now())
    first = people(demo)[0]["token"]

    write_demonstration_file(demonstration_file(), at=timezone.now())

    assert demo.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in demo.parent.iterdir()] == ["demo.json"]
    assert open_session(first, at=timezone.now()) is None
    assert Session.objects.filter(kind="demo").count() == len(people(demo))


def test_the_password_that_is_told_is_the_one_of_all_staff(demonstration: Demonstration) -> None:
    for staff in cast.STAFF[:2]:
        person = person_by_email(staff.email)
        assert person
        assert person.check_password(cast.PASSWORD)


def test_outside_a_demonstration_no_token_is_made(
    demonstration: Demonstration, demo: Path, settings: Settings
) -> None:
    settings.JISR_ENV = "development"

    with pytest.raises(NotADemonstration):
        write_demonstration_file(demonstration_file(), at=timezone.now())

    assert not demo.exists()
    assert not Session.objects.exists()


def test_where_someone_of_the_cast_is_missing_nothing_is_written(
    demonstration: Demonstration, demo: Path
) -> None:
    Identity.objects.filter(person=person_by_email(cast.STAFF[0].email)).delete()

    with pytest.raises(NotLoaded):
        write_demonstration_file(demonstration_file(), at=timezone.now())

    assert not demo.exists()


def test_production_does_not_start_with_a_demonstrations_token(
    demonstration: Demonstration, demo: Path, settings: Settings
) -> None:
    settings.PRODUCTION = True
    refuse_demonstration_sessions()
    write_demonstration_file(demonstration_file(), at=timezone.now())

    with pytest.raises(ImproperlyConfigured, match="demonstration"):
        refuse_demonstration_sessions()


@pytest.mark.django_db
def test_production_never_loads_the_demonstration(settings: Settings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        call_command("load_demonstration")


def test_the_file_waits_for_the_drawings_and_says_when_nobody_draws(
    demonstration: Demonstration, demo: Path
) -> None:
    with pytest.raises(CommandError, match="none was drawn"):
        call_command("write_demo_file", wait=0)
    assert not demo.exists()

    Certificate.objects.update(state=CertificateState.READY, key="k", sha256="s")
    call_command("write_demo_file")

    assert demo.exists()


def test_the_tour_names_everyone_in_three_languages(demonstration: Demonstration) -> None:
    text = "\n".join(lines())

    assert all(staff.email in text for staff in cast.STAFF)
    assert cast.phone(cast.HEROINE.number) in text
    assert cast.PASSWORD in text
    for language in ("العربية", "Français", "English"):
        assert language in text
