"""Which groups staff see, and how full they are."""

from django.db.models import Count, OuterRef, Q, Subquery

from learners.cohorts.models import Cohort, CohortQuerySet
from lms.access.scoping import HasScope
from lms.organisations.models import Organisation, OrganisationQuerySet
from lms.organisations.queries import JOINABLE, not_a_shelter_of_others


def cohorts_of(staff: HasScope) -> CohortQuerySet:
    """The groups of her part of the tree with course, place, facilitator and `taken` seats. One statement.

    Those of a confidential centre are its own staff's alone: how many learn there is no one else's to know.
    """
    hers = Cohort.objects.visible_to(staff).filter(not_a_shelter_of_others(staff, "organisation__"))
    rows = hers.select_related("course", "organisation", "facilitator")
    # Counted for the rows of one page alone.
    seated = Count("enrolments", filter=~Q(enrolments__state="withdrawn"))
    counted = Cohort.objects.filter(pk=OuterRef("pk")).values("pk").annotate(seated=seated)
    return rows.annotate(taken=Subquery(counted.values("seated")))


def places_for(staff: HasScope) -> OrganisationQuerySet:
    """Where she may begin a group: places that women belong to."""
    rows = Organisation.objects.visible_to(staff).filter(not_a_shelter_of_others(staff))
    return rows.filter(is_active=True, kind__in=JOINABLE)
