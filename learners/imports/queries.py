"""Reading imports, and what a list can be sent for."""

from django.db.models import Q, QuerySet

from learners.cohorts.models import Cohort
from learners.imports.models import Import
from lms.accounts.models import Person
from lms.organisations.models import Organisation, OrganisationQuerySet

NOTES_SHOWN = 100
COHORTS_OFFERED = 200


def imports_of(person: Person) -> QuerySet[Import]:
    """The lists she sent to places that are hers, with what is shown of them."""
    return Import.objects.visible_to(person).select_related("organisation", "cohort__course")


def places_of(person: Person) -> OrganisationQuerySet:
    """The nodes that she may bring women into: a confidential centre is filled by its own staff alone."""
    closed = Q(centre_type__confidential=True) & ~Q(path__in=person.scope.home_paths)
    open_nodes = Organisation.objects.visible_to(person).filter(is_active=True).exclude(closed)
    return open_nodes.select_related("centre_type")


def places_around(person: Person, place: Organisation) -> list[Organisation]:
    """Where she can go on from a node: those of her own roles, those above, the node, and those right below it."""
    above = place.path.strip("/").split("/")
    near = Q(code__in=above) | Q(parent=place) | Q(path__in=person.scope.paths)
    return list(places_of(person).filter(near).order_by("path"))


def cohorts_of(person: Person) -> QuerySet[Cohort]:
    """The cohorts of those nodes whose course can be taken."""
    cohorts = Cohort.objects.visible_to(person).exclude(course__newest=None)
    return cohorts.select_related("organisation__centre_type", "course__newest")


def cohorts_below(person: Person, place: Organisation) -> list[Cohort]:
    """The newest of them at a node and below it."""
    cohorts = cohorts_of(person).filter(organisation__in=places_of(person).under(place.path))
    return list(cohorts.order_by("-created_at", "-id")[:COHORTS_OFFERED])


def sharing_rows(job: Import) -> list[int]:
    """The first rows whose number is someone else's way in."""
    rows = job.notes.filter(refuses=False).order_by("row").values_list("row", flat=True)
    return list(rows[:NOTES_SHOWN])
