"""Building the national tree and saying who holds which role where."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import sealing
from lms.access.policy import ROLES
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import InvalidInput, Refusal
from lms.ids import uuid7
from lms.normalising import normalise
from lms.organisations.models import CentreType, Membership, Organisation

TREE_LOCK = 0x7EEE


class WouldHoldItself(Refusal):
    code = "would_hold_itself"
    status = 409
    message = _("An organisation cannot stand below itself.")


class NotANetwork(Refusal):
    code = "not_a_network"
    message = _("Write the network as an address and a length, like 192.0.2.0/24.")


@dataclass(frozen=True, kw_only=True)
class NewOrganisation:
    """A node to be. `name` by language; `networks` are the lines of a centre, exempt from limits by address."""

    code: str
    kind: str
    name: Mapping[str, str]
    parent: Organisation | None
    centre_type: CentreType | None = None
    territory: str = ""
    address: str = ""
    networks: Sequence[str] = field(default_factory=tuple)


def sort_name(name: Mapping[str, str]) -> str:
    """How a node is sorted: its Arabic name (else another) without marks, alef and ta marbuta in one form."""
    return normalise(name.get("ar") or next(iter(name.values()), ""))[:200]


@transaction.atomic
def create_organisation(row: NewOrganisation, *, at: datetime, actor: Person | None = None) -> Organisation:
    """Add a node below its parent. Refusals: `not_a_network`."""
    lock_tree()
    uuid = uuid7()
    organisation = Organisation.objects.create(
        uuid=uuid,
        code=row.code,
        kind=row.kind,
        centre_type=row.centre_type,
        name=dict(row.name),
        sort_name=sort_name(row.name),
        parent=row.parent,
        path=path_below(row.parent, row.code),
        territory=row.territory,
        address=sealing.seal(row.address, table="organisation", column="address", row=uuid),
        networks=[as_network(network) for network in row.networks],
    )
    _record(organisation, "organisation.created", actor, at)
    return organisation


def path_below(parent: Organisation | None, code: str) -> str:
    return f"{parent.path if parent else '/'}{code}/"


def as_network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise NotANetwork from error


def lock_tree() -> None:
    """One change of the tree's shape at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


@transaction.atomic
def move_organisation(
    *, organisation: Organisation, parent: Organisation, actor: Person | None, at: datetime
) -> Organisation:
    """Put a node with all that is below it elsewhere; everyone's reach follows with the next request. Safe to repeat.

    One statement over the subtree (at most the 3,000 nodes of the country). Refusals: `would_hold_itself`.
    """
    lock_tree()
    organisation = Organisation.objects.get(pk=organisation.pk)
    parent = Organisation.objects.get(pk=parent.pk)
    if parent.path.startswith(organisation.path):
        raise WouldHoldItself
    path = path_below(parent, organisation.code)
    if path == organisation.path:
        return organisation
    Organisation.objects.filter(pk=organisation.pk).update(parent=parent)
    Organisation.objects.under(organisation.path).update(
        path=Concat(Value(path), Substr(F("path"), len(organisation.path) + 1))
    )
    _record(organisation, "organisation.moved", actor, at, fields=["parent", "path"])
    organisation.refresh_from_db()
    return organisation


def _record(
    organisation: Organisation,
    verb: str,
    actor: Person | None,
    at: datetime,
    fields: Sequence[str] = (),
) -> None:
    record_change(actor=actor, verb=verb, subject=f"organisation:{organisation.code}", at=at, fields=fields)


@transaction.atomic
def grant_role(
    *,
    person: Person,
    organisation: Organisation,
    role: str,
    at: datetime,
    actor: Person | None = None,
    from_date: date | None = None,
    until_date: date | None = None,
) -> Membership:
    """Let a person hold a role at a node from a day (today) until a day (open). Safe to repeat."""
    if role not in ROLES:
        raise InvalidInput
    membership, created = Membership.objects.get_or_create(
        person=person,
        organisation=organisation,
        role=role,
        from_date=from_date or timezone.localdate(at),
        defaults={"until_date": until_date},
    )
    if created:
        _record(organisation, "role.granted", actor, at, fields=[role])
    return membership


@transaction.atomic
def end_role(*, membership: Membership, actor: Person | None, at: datetime) -> None:
    """Take the role away with the next request: yesterday was its last day. Safe to repeat.

    A role that began today never was: its row goes, the record of the change stays.
    """
    yesterday = timezone.localdate(at) - timedelta(days=1)
    rows = Membership.objects.filter(pk=membership.pk)
    rows.filter(from_date__gt=yesterday).delete()
    rows.exclude(until_date__lte=yesterday).update(until_date=yesterday)
    _record(membership.organisation, "role.ended", actor, at, fields=[membership.role])
