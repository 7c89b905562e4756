"""What she wants to hear, and by which way: her own choice, else the default of the kind.

An SMS costs, and rings on a phone that others may hold: by default it is sent where she would not learn of it in time
by opening the app. A woman of a confidential centre gets nothing that leaves the platform unless she asked for it
there: what she chose before she came may have been chosen beside someone else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import F, FilteredRelation, Q

from learners.notifications.models import (
    OUTWARD,
    Channel,
    NotificationKind,
    NotificationPreference,
)
from lms.accounts.models import Person
from lms.accounts.services import is_confidential

Kind = NotificationKind
IN_APP, EMAIL, SMS = Channel.IN_APP, Channel.EMAIL, Channel.SMS

DEFAULTS: Final[Mapping[NotificationKind, frozenset[Channel]]] = {
    Kind.REGISTRATION_CONFIRMED: frozenset({IN_APP, EMAIL}),
    Kind.ENROLLED: frozenset({IN_APP, EMAIL}),
    Kind.NUDGE: frozenset({IN_APP, EMAIL, SMS}),
    Kind.ALMOST_THERE: frozenset({IN_APP, EMAIL}),
    Kind.COURSE_COMPLETED: frozenset({IN_APP}),  # the certificate follows within seconds
    Kind.CERTIFICATE_READY: frozenset({IN_APP, EMAIL, SMS}),
    Kind.CERTIFICATE_REVOKED: frozenset({IN_APP, EMAIL, SMS}),
    Kind.NEW_DEVICE: frozenset({IN_APP, EMAIL}),
    Kind.IMPORT_DONE: frozenset({IN_APP, EMAIL}),
    Kind.SUPPORT_ASKED: frozenset({IN_APP}),
    Kind.HELP_ASKED: frozenset({IN_APP}),
    Kind.HELP_ANSWERED: frozenset({IN_APP}),
    Kind.DRAFT_DECIDED: frozenset({IN_APP, EMAIL}),
}


@dataclass(frozen=True)
class Choice:
    """What one person chose for one kind (None: nothing), and whether she chose it where it counts."""

    in_app: bool | None = None
    email: bool | None = None
    sms: bool | None = None
    in_confidence: bool = False

    def wants(self, kind: NotificationKind, channel: Channel, *, confidential: bool) -> bool:
        """`confidential`: she belongs to such a centre now."""
        chosen: bool | None = getattr(self, channel.value)
        if confidential and channel in OUTWARD:
            return bool(chosen) and self.in_confidence
        return channel in DEFAULTS[kind] if chosen is None else chosen

    def channels(self, kind: NotificationKind, *, confidential: bool) -> set[Channel]:
        return {channel for channel in Channel if self.wants(kind, channel, confidential=confidential)}


def _choice(row: NotificationPreference | None) -> Choice:
    return Choice(row.in_app, row.email, row.sms, row.in_confidence) if row else Choice()


def choices_of(person: Person) -> dict[NotificationKind, Choice]:
    """For each kind what she chose. One statement."""
    rows = {row.kind: row for row in NotificationPreference.objects.filter(person=person)}
    return {kind: _choice(rows.get(kind)) for kind in NotificationKind}


def preferences_of(person: Person) -> dict[NotificationKind, set[Channel]]:
    """For each kind the channels by which she is told. Two statements."""
    confidential = is_confidential(_with_home(person).home_organisation)
    return {
        kind: choice.channels(kind, confidential=confidential) for kind, choice in choices_of(person).items()
    }


def _with_home(person: Person) -> Person:
    return Person.objects.select_related("home_organisation__centre_type").get(pk=person.pk)


def channels_for(kind: NotificationKind, people: Collection[int]) -> dict[int, set[Channel]]:
    """By which channels each of these people is told of this kind now. One statement.

    Nothing leaves the platform for a closed account, or towards an address that we do not have.
    """
    rows = Person.objects.filter(pk__in=people).annotate(
        chosen=FilteredRelation("notification_preferences", condition=Q(notification_preferences__kind=kind)),
        confidential=F("home_organisation__centre_type__confidential"),
    )
    values = rows.values_list(
        "pk",
        "confidential",
        "is_active",
        "identity__email_index",
        "identity__phone_index",
        "chosen__in_app",
        "chosen__email",
        "chosen__sms",
        "chosen__in_confidence",
    )
    return {
        pk: Choice(in_app, email, sms, bool(asked)).channels(kind, confidential=bool(confidential))
        & _reachable(active, mail, phone)
        for pk, confidential, active, mail, phone, in_app, email, sms, asked in values
    }


def _reachable(active: bool, email: object, phone: object) -> set[Channel]:
    outward = [channel for channel, address in ((EMAIL, email), (SMS, phone)) if active and address]
    return {IN_APP, *outward}


@transaction.atomic
def choose(*, person: Person, wishes: Mapping[NotificationKind, Mapping[Channel, bool]]) -> None:
    """Set by which channels she is told of these kinds; kinds and channels not named stay as they are. Safe to repeat.

    Three statements.
    """
    if not wishes:
        return
    # One after the other: two choices at once about two channels of one kind must both hold.
    she = _locked(person)
    kept = choices_of(person)
    rows = [
        NotificationPreference(
            person=person,
            kind=kind,
            in_confidence=is_confidential(she.home_organisation),
            **_merged(kept[kind], chosen),
        )
        for kind, chosen in wishes.items()
    ]
    NotificationPreference.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["person", "kind"],
        update_fields=["in_app", "email", "sms", "in_confidence"],
    )


def _locked(person: Person) -> Person:
    people = Person.objects.select_related("home_organisation__centre_type")
    return people.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


def _merged(kept: Choice, chosen: Mapping[Channel, bool]) -> dict[str, bool | None]:
    return {
        "in_app": chosen.get(IN_APP, kept.in_app is not False),
        "email": chosen.get(EMAIL, kept.email),
        "sms": chosen.get(SMS, kept.sms),
    }
