"""`var/demo.json`: who is in the demonstration and how each signs in, with a token for programs.

Written last, by rename, readable by its owner only. The tokens are sessions of the kind `demo`, opened anew at each
run; they exist nowhere but in a demonstration (guard.py).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import transaction

from learners.demonstration import cast
from learners.demonstration.guard import DEMONSTRATION
from lms.access.policy import LEARNER
from lms.accounts.models import Person
from lms.accounts.queries import names_of, people_on_number, person_by_email, with_home
from lms.organisations.models import Organisation
from lms.sign_in.models import Session
from lms.sign_in.sessions import Device, start_session
from lms.texts import in_words

GOOD_FOR: Final = timedelta(days=30)


class NotADemonstration(Exception):
    """Tokens that open doors without a proof are made with JISR_ENV=demo only."""


class NotLoaded(Exception):
    """Someone of the cast is missing: `manage.py load_demonstration` comes first."""


@dataclass(frozen=True)
class Shown:
    """One person of the demonstration as the file names her."""

    person: Person
    role: str
    place: str
    sign_in: dict[str, str]


def demonstration_file() -> Path:
    """Where everyone looks for it."""
    return Path(settings.VAR_DIR) / "demo.json"


def write_demonstration_file(path: Path, *, at: datetime) -> None:
    """Open fresh tokens and write the file; the tokens of earlier runs end. Safe to repeat.

    Raises `NotADemonstration` outside JISR_ENV=demo, `NotLoaded` before the load.
    """
    if settings.JISR_ENV != "demo":
        raise NotADemonstration
    shown = list(everyone())
    places = {row.code: row for row in Organisation.objects.filter(code__in={each.place for each in shown})}
    with transaction.atomic():
        Session.objects.filter(kind=DEMONSTRATION).delete()
        people = [_present(each, places[each.place], at) for each in shown]
        write_privately(
            path,
            orjson.dumps({"base_url": settings.PUBLIC_URL, "people": people}, option=orjson.OPT_INDENT_2),
        )


def everyone() -> Iterator[Shown]:
    """Staff in the order of their roles, then the learners with a part; the last of them has no enrolment."""
    for staff in cast.STAFF:
        yield Shown(
            _known(person_by_email(staff.email)),
            staff.role,
            staff.place,
            {"email": staff.email, "password": cast.PASSWORD},
        )
    for heard in cast.LEARNERS:
        number = cast.phone(heard.number)
        pin = {"pin": heard.pin} if heard.pin else {}
        yield Shown(_on_number(number, heard), LEARNER, heard.place, {"phone": number, **pin})


def _on_number(number: str, heard: cast.Heard) -> Person:
    """Those who share a number were written in the order of the cast."""
    sharing = [each for each in cast.LEARNERS if each.number == heard.number]
    people = people_on_number(number)
    if len(people) < len(sharing):
        raise NotLoaded
    return people[sharing.index(heard)]


def _known(person: Person | None) -> Person:
    if person is None:
        raise NotLoaded
    return person


def _present(shown: Shown, place: Organisation, at: datetime) -> dict[str, Any]:
    opened = start_session(
        person=shown.person, device=Device(kind="demo", name="demo.json"), at=at, lifetime=GOOD_FOR
    )
    return {
        "role": shown.role,
        "name": names_of(with_home([shown.person.pk]).get()).full,
        "organisation": {"code": place.code, "name": in_words(place.name)},
        "token": opened.token,
        "sign_in": shown.sign_in,
    }


def write_privately(path: Path, content: bytes) -> None:
    """Whole or not at all, for its owner only."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)
