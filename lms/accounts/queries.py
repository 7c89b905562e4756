"""Reading people and their identities."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from lms.accounts.indexes import email_index, phone_index
from lms.accounts.models import Person
from lms.accounts.names import Names
from lms.accounts.search import query_tokens

if TYPE_CHECKING:
    from lms.organisations.models import Membership


def names_of(person: Person) -> Names:
    """Her own names, for herself and for work done on her behalf. Staff come through `services.reveal`.

    Someone who was forgotten has empty names. Costs no statement where `identity` was selected with the person.
    """
    identity = getattr(person, "identity", None)
    return Names.parse(identity.read("names")) if identity else Names()


def printed_name(person: Person) -> str:
    """Her name as it is printed on a certificate: the one she chose, else first and family name."""
    return names_of(person).on_paper


def latin_name(person: Person) -> str:
    """The same in Latin letters; empty where she gave none."""
    return names_of(person).in_latin


def people_on_number(number: str, *, also_closed: bool = False) -> list[Person]:
    """Everyone who gave this number (E.164), the first one first."""
    return people_on_index(phone_index(number), also_closed=also_closed)


def people_on_index(index: bytes, *, also_closed: bool = False) -> list[Person]:
    people = Person.objects.filter(identity__phone_index=index).order_by("id")
    return list(people if also_closed else people.filter(is_active=True))


def person_by_email(email: str) -> Person | None:
    return Person.objects.filter(identity__email_index=email_index(email)).first()


def with_home(person_ids: Collection[int]) -> QuerySet[Person]:
    """People with their identity and home centre, in one statement."""
    return Person.objects.filter(pk__in=person_ids).select_related(
        "identity", "home_organisation__centre_type"
    )


def herself(person: Person) -> Person:
    """She with her identity and home, for what she may read of herself. One statement."""
    return with_home([person.pk]).get()


def places_of(person: Person, *, at: datetime) -> list["Membership"]:
    """The roles she holds today and where. One statement."""
    memberships = person.memberships.in_force(timezone.localdate(at)).select_related("organisation")
    return list(memberships.order_by("organisation__path", "role"))


def named(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """Those of `people` whose name has words that begin like the words of `text`.

    Nobody where no word has two letters: a search never turns into a list of all.
    """
    tokens = query_tokens(text)
    return people.filter(identity__search_tokens__contains=tokens) if tokens else people.none()
