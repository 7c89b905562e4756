"""Who has which way in, as the staff of her own centre see it: never a number, never a PIN."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from lms.access.scoping import HasScope, within
from lms.accounts.models import Identity, Person
from lms.organisations.queries import not_a_shelter_of_others
from lms.sign_in.cards import DEAD_AT
from lms.sign_in.models import Card, Passkey, Recovery


@dataclass(frozen=True)
class Ways:
    """How a woman gets in: a number, a PIN, a card, a passkey."""

    number: bool
    pin: bool
    passkey: bool
    card: Card | None

    @property
    def dead_card(self) -> bool:
        return self.card is not None and self.card.failures >= DEAD_AT

    @property
    def any_of_her_own(self) -> bool:
        return self.number or self.pin or self.passkey


def women_of(staff: HasScope) -> QuerySet[Person]:
    """The learners of the very centres where she works, with names and ways in. Two statements."""
    rows = Person.objects.filter(
        home_organisation__path__in=staff.scope.home_paths,
        is_active=True,
        memberships=None,
        identity__isnull=False,
    )
    live = Card.objects.filter(revoked_at=None)
    return (
        rows.select_related("identity")
        .prefetch_related(Prefetch("cards", live, to_attr="live_cards"))
        .annotate(has_passkey=Exists(Passkey.objects.filter(person=OuterRef("pk"))))
    )


def ways_of(woman: Person) -> Ways:
    """Of a row of `women_of`. No statement."""
    identity: Identity = woman.identity
    cards: list[Card] = woman.live_cards  # type: ignore[attr-defined]  # prefetched by women_of
    return Ways(
        number=identity.phone_index is not None,
        pin=bool(woman.pin),
        passkey=bool(woman.has_passkey),  # type: ignore[attr-defined]  # annotated by women_of
        card=cards[0] if cards else None,
    )


def recoveries_for(staff: HasScope, *, at: datetime) -> QuerySet[Recovery]:
    """Open ones of women of her centre or below it, where she works herself; a confidential centre's only there."""
    below = within(staff.scope.home_paths, "person__home_organisation__path")
    rows = Recovery.objects.filter(below, closed_at=None, expires_at__gt=at)
    rows = rows.filter(not_a_shelter_of_others(staff, "person__home_organisation__"))
    return rows.select_related("person__home_organisation", "opened_by", "signed_by")
