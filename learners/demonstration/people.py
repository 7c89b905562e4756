"""Writing the people of the demonstration: staff with their roles, 2,400 learners, three who wait."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from learners.demonstration import cast, places
from learners.demonstration.names import FAMILY, FIRST
from lms.accounts.models import Person
from lms.accounts.pins import seal_pin
from lms.accounts.services import NewPerson, create_people
from lms.organisations.models import Membership, Organisation
from lms.registrations.models import Registration, State
from lms.registrations.services import CONSENT_VERSION

DAYS: Final = 120
FIRST_NUMBER: Final = 1_000  # of the learners without a part; below are those of the cast
FRENCH: Final = 0.12
ADULT_AT_LEAST: Final = 19
ANSWERED_WITHIN: Final = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A woman about to be written: who she is, and since when she is with us."""

    row: NewPerson
    joined_at: datetime
    part: cast.Heard | None = None


def organisations() -> dict[str, Organisation]:
    """The tree by code, centres with their type. One statement."""
    return {row.code: row for row in Organisation.objects.select_related("centre_type")}


@transaction.atomic
def write_staff(tree: Mapping[str, Organisation], *, at: datetime) -> list[Person]:
    """Write everyone who holds a role. One password for all, hashed once: Argon2 is slow on purpose."""
    since = at - timedelta(days=300)
    people = create_people(
        [
            NewPerson(first_name=s.first, family_name=s.family, email=s.email, verified_at=at)
            for s in cast.STAFF
        ],
        at=since,
    )
    Person.objects.filter(pk__in=[person.pk for person in people]).update(
        password=make_password(cast.PASSWORD)
    )
    Membership.objects.bulk_create(
        Membership(
            person=person,
            organisation=tree[staff.place],
            role=staff.role,
            from_date=timezone.localdate(since),
        )
        for person, staff in zip(people, cast.STAFF, strict=True)
    )
    return people


def plan_learners(
    random: Random, tree: Mapping[str, Organisation], *, at: datetime, share: int = 100
) -> list[Learner]:
    """The cast first, then women without a part until each place has `share` per cent of its number."""
    planned = [_from_cast(heard, tree, at) for heard in cast.LEARNERS]
    numbers = iter(range(FIRST_NUMBER, 100_000))
    for code, size in places.sizes().items():
        taken = sum(heard.place == code for heard in cast.LEARNERS)
        planned += [
            _invented(random, tree[code], next(numbers), at) for _ in range(size * share // 100 - taken)
        ]
    return planned


def _from_cast(heard: cast.Heard, tree: Mapping[str, Organisation], at: datetime) -> Learner:
    joined_at = _morning(at, heard.joined_days_ago)
    row = NewPerson(
        first_name=heard.first,
        family_name=heard.family,
        phone=cast.phone(heard.number),
        language=heard.language,
        birth_year=heard.birth_year,
        discreet=heard.discreet,
        home=tree[heard.place],
        verified_at=joined_at,
    )
    return Learner(row=row, joined_at=joined_at, part=heard)


def _invented(random: Random, home: Organisation, number: int, at: datetime) -> Learner:
    french = random.random() < FRENCH
    first, family = random.choice(FIRST)[french], random.choice(FAMILY)[french]
    joined_at = _joined(random, at)
    row = NewPerson(
        first_name=first,
        family_name=family,
        phone=cast.phone(number),
        language="fr" if french else "ar",
        birth_year=at.year - int(random.triangular(ADULT_AT_LEAST, 62, 33)),
        discreet=bool(home.centre_type and home.centre_type.confidential),
        home=home,
        verified_at=joined_at,
    )
    return Learner(row=row, joined_at=joined_at)


def _joined(random: Random, at: datetime) -> datetime:
    """A daytime within the last 120 days; more of them of late, because Jisr grows."""
    days = int(random.triangular(3, DAYS - 1, 12))
    return _morning(at, days) + timedelta(seconds=random.randint(0, 9 * 3600))


def _morning(at: datetime, days_ago: int) -> datetime:
    day = timezone.localtime(at).replace(hour=9, minute=0, second=0, microsecond=0)
    return day - timedelta(days=days_ago)


@transaction.atomic
def write_learners(
    planned: Sequence[Learner], staff: Sequence[Person], tree: Mapping[str, Organisation], *, at: datetime
) -> list[Person]:
    """Write the people, their sealed identities, their PINs, and the registrations by which they came."""
    people = create_people([learner.row for learner in planned], at=at)
    _set_joined(people, planned)
    for person, learner in zip(people, planned, strict=True):
        if learner.part and learner.part.pin:
            Person.objects.filter(pk=person.pk).update(pin=seal_pin(learner.part.pin))
    decides = dict(_deciders(staff, tree))
    Registration.objects.bulk_create(
        _registration(person, learner, decides[learner.row.home.code])
        for person, learner in zip(people, planned, strict=True)
        if learner.row.home
    )
    _write_waiting(tree[places.HER_CENTRE], at)
    return people


def _set_joined(people: Sequence[Person], planned: Sequence[Learner]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE person SET created_at = joined.at
              FROM unnest(%s::bigint[], %s::timestamptz[]) AS joined (id, at) WHERE person.id = joined.id
            """,
            [[person.pk for person in people], [learner.joined_at for learner in planned]],
        )


def _deciders(staff: Sequence[Person], tree: Mapping[str, Organisation]) -> Iterator[tuple[str, Person]]:
    """Who answered the registrations of a place: staff of the closest node at or above it that has some."""
    seats = {tree[role.place].path: person for role, person in zip(cast.STAFF, staff, strict=True)}
    for code, node in tree.items():
        path = max((path for path in seats if node.path.startswith(path)), key=len)
        yield code, seats[path]


def _registration(person: Person, learner: Learner, decided_by: Person) -> Registration:
    return Registration(
        person=person,
        organisation=learner.row.home,
        state=State.CONFIRMED,
        consent_version=CONSENT_VERSION,
        consent_at=learner.joined_at,
        created_at=learner.joined_at,
        decided_by=decided_by,
        decided_at=learner.joined_at + ANSWERED_WITHIN,
    )


def _write_waiting(centre: Organisation, at: datetime) -> None:
    asked_at = _morning(at, 1)
    people = create_people(
        [
            NewPerson(
                first_name=first,
                family_name=family,
                phone=cast.phone(number),
                birth_year=born,
                verified_at=asked_at,
            )
            for first, family, number, born in cast.WAITING
        ],
        at=asked_at,
    )
    Registration.objects.bulk_create(
        Registration(
            person=person,
            organisation=centre,
            consent_version=CONSENT_VERSION,
            consent_at=asked_at,
            created_at=asked_at,
        )
        for person in people
    )
