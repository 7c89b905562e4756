from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.access.policy import ROLES
from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class CentreType(models.Model):
    """A kind of centre and its policy, as data."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.JSONField()
    confidential = models.BooleanField(default=False)
    minors = models.BooleanField(default=False)
    accessibility = models.BooleanField(default=False)

    class Meta:
        db_table = "centre_type"


class Kind(models.TextChoices):
    MINISTRY = "ministry"
    AGENCY = "agency"
    INSTITUTE = "institute"
    UNIVERSITY = "university"
    REGION = "region"
    PROVINCE = "province"
    CENTRE = "centre"
    ASSOCIATION = "association"
    PARTNER = "partner"


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    place = "path"

    def under(self, path: str) -> "OrganisationQuerySet":
        return self.filter(path__startswith=path)


class Organisation(models.Model):
    """A node of the national tree. `path` is the codes from the root, `/ma/r01/p01-571/c0007/`."""

    uuid = PublicIdField()
    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    centre_type = models.ForeignKey(CentreType, on_delete=models.PROTECT, null=True)
    name = models.JSONField()
    sort_name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=300, unique=True)
    territory = models.CharField(max_length=16, blank=True)
    address = models.BinaryField(default=b"")
    networks = ArrayField(models.CharField(max_length=43), default=list)
    is_active = models.BooleanField(default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        db_table = "organisation"
        verbose_name, verbose_name_plural = _("organisation"), _("organisations")
        indexes = [
            models.Index(fields=["path"], opclasses=["text_pattern_ops"], name="organisation_by_path"),
            models.Index(fields=["parent", "sort_name"], name="organisation_by_parent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="centre") | Q(centre_type=None), name="only_centres_have_a_centre_type"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, day: date) -> "MembershipQuerySet":
        return self.filter(Q(until_date=None) | Q(until_date__gte=day), from_date__lte=day)


class Membership(models.Model):
    """A person holds a role at a node, from a day until a day (both included)."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])
    from_date = models.DateField()
    until_date = models.DateField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role", "from_date"],
                name="one_membership_per_role_and_start",
            ),
            models.CheckConstraint(
                condition=Q(until_date=None) | Q(until_date__gte=models.F("from_date")),
                name="membership_ends_after_it_starts",
            ),
        ]


class AgreementQuerySet(models.QuerySet["PartnerAgreement"]):
    def in_force(self, day: date) -> "AgreementQuerySet":
        return self.filter(Q(until_date=None) | Q(until_date__gte=day), from_date__lte=day)


class PartnerAgreement(models.Model):
    """While in force, lends a partner's staff the centre that it names."""

    uuid = PublicIdField()
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="lent_by")
    from_date = models.DateField()
    until_date = models.DateField(null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        db_table = "partner_agreement"
        constraints = [
            models.UniqueConstraint(fields=["partner", "centre", "from_date"], name="one_agreement_per_start")
        ]
