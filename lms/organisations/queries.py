"""Reading the national tree."""

import ipaddress
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from lms.access.scoping import Grant, HasScope, Scope
from lms.accounts.models import Person
from lms.organisations.models import Kind, Membership, Organisation, PartnerAgreement
from lms.texts import in_words

# Where a woman may ask to join: her centre, or the office that knows the centres when she does not.
JOINABLE = (Kind.CENTRE, Kind.ASSOCIATION, Kind.PROVINCE, Kind.REGION)


def names_of(organisation_ids: Collection[int]) -> dict[int, str]:
    """Names in the language of the request, by primary key. One statement."""
    rows = Organisation.objects.filter(pk__in=organisation_ids).values_list("pk", "name")
    return {pk: in_words(name) for pk, name in rows}


def public_list(*, parent: str | None = None, kind: str | None = None) -> QuerySet[Organisation]:
    """What anyone may list: active nodes below `parent` (a code), of a `kind`, with their parent."""
    rows = Organisation.objects.filter(is_active=True).select_related("parent")
    if parent:
        rows = rows.filter(parent__code=parent)
    return rows.filter(kind=kind) if kind else rows


def joinable(code: str) -> Organisation | None:
    """The active centre, association, province or region with this code."""
    rows = Organisation.objects.filter(is_active=True, kind__in=JOINABLE, code=code)
    return rows.select_related("centre_type").first()


def node_of(staff: HasScope) -> Organisation | None:
    """The node where she herself holds the ability at hand; of several the first in the tree. One statement."""
    return Organisation.objects.filter(path__in=staff.scope.home_paths).order_by("path").first()


def ancestors_of(organisation: Organisation) -> list[Organisation]:
    """From the root down, without the node itself. One statement."""
    codes = organisation.path.strip("/").split("/")[:-1]
    return list(Organisation.objects.filter(code__in=codes).order_by("path"))


def not_a_shelter_of_others(staff: HasScope, prefix: str = "") -> Q:
    """Rows of places that are not confidential, or where she works: elsewhere even that there is a row is secret.

    `prefix` leads from the row to its organisation: `organisation__`.
    """
    own = Q(**{f"{prefix}path__in": staff.scope.home_paths})
    return own | Q(**{f"{prefix}centre_type": None}) | Q(**{f"{prefix}centre_type__confidential": False})


def scope_of(person: Person, *, at: datetime) -> Scope:
    """What she may reach on that day, as her session would say it: for work done on her behalf. Two statements."""
    day = timezone.localdate(at)
    own = Membership.objects.in_force(day).filter(person=person)
    lent = PartnerAgreement.objects.in_force(day).filter(partner__memberships__in=own)
    grants = [Grant(role, path) for role, path in own.values_list("role", "organisation__path")]
    grants += [
        Grant(role, path, own_node=False)
        for role, path in lent.values_list("partner__memberships__role", "centre__path")
    ]
    return Scope(person_id=person.pk, grants=tuple(grants))


def is_registered_network(address: str) -> bool:
    """Whether an address (IPv4 or IPv6) belongs to a centre's own line. Reads every network: for rare use."""
    ip = ipaddress.ip_address(address)
    lines = (
        Organisation.objects.filter(is_active=True).exclude(networks=[]).values_list("networks", flat=True)
    )
    return any(ip in ipaddress.ip_network(network) for networks in lines for network in networks)
