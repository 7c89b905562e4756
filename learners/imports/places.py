"""Where a list may bring women: the centres below its organisation, as whoever sent it may reach them."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms.access.scoping import Scope
from lms.accounts.services import is_confidential
from lms.normalising import normalise
from lms.organisations.models import Organisation
from lms.organisations.queries import JOINABLE


@dataclass(frozen=True, slots=True)
class Place:
    """A centre as rows name it. `hidden`: that a woman belongs there stays inside."""

    pk: int
    code: str
    hidden: bool


@dataclass(frozen=True)
class Places:
    """The centres by what a list may call them (code, or name in any language), and the one of rows that name none."""

    by_name: Mapping[str, Place]
    default: Place | None

    def named(self, text: str) -> Place | None:
        """The centre a row names; one that is not hers to fill does not exist."""
        return self.by_name.get(normalise(text)) if text else self.default


def open_to(organisation: Organisation, scope: Scope) -> bool:
    """Whether she may bring women into this node: a confidential centre is filled by its own staff alone."""
    return scope.reaches(organisation.path) and (
        not is_confidential(organisation) or organisation.path in scope.home_paths
    )


def places_below(organisation: Organisation, scope: Scope, *, default: Organisation) -> Places:
    """The places of one list. One statement; at most the 2,755 centres of the country.

    A name that two centres share names neither: their codes do.
    """
    rows = Organisation.objects.under(organisation.path).filter(is_active=True, kind__in=JOINABLE)
    found: dict[str, Place] = {}
    twice: set[str] = set()
    for row in rows.select_related("centre_type"):
        if not open_to(row, scope):
            continue
        place = Place(row.pk, row.code, is_confidential(row))
        for name in {normalise(text) for text in (row.code, *row.name.values())}:
            twice |= {name} & found.keys()
            found[name] = place
    named = {
        name: place for name, place in found.items() if name not in twice or name == normalise(place.code)
    }
    return Places(named, named.get(normalise(default.code)))
