from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from learners.enrolments.models import Enrolment
from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class CertificateState(models.TextChoices):
    PENDING = "pending"
    READY = "ready"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    EXPIRED = "expired"


LIVE = (CertificateState.PENDING, CertificateState.READY)


class SignatureHolderQuerySet(models.QuerySet["SignatureHolder"]):
    def in_force(self, day: date) -> "SignatureHolderQuerySet":
        return self.filter(Q(until_date=None) | Q(until_date__gte=day), from_date__lte=day)


class SignatureHolder(models.Model):
    """Who signs the certificates of an institution's courses, from a day until a day. Words by language."""

    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.JSONField()
    function = models.JSONField()
    position = models.PositiveSmallIntegerField(default=0)
    from_date = models.DateField()
    until_date = models.DateField(null=True)

    objects = SignatureHolderQuerySet.as_manager()

    class Meta:
        db_table = "signature_holder"


class VerificationLink(models.Model):
    """The code that belongs to a completion: it stays when a document is corrected. She decides what it shows."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.PROTECT, primary_key=True, related_name="verification"
    )
    code = models.CharField(max_length=40, unique=True)
    public = models.BooleanField(default=True)
    shows_name = models.BooleanField(default=True)

    class Meta:
        db_table = "verification_link"


class NameConfirmation(models.Model):
    """What she said of her name before her last quiz: that it is right as it will be printed, or that it is not."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, primary_key=True, related_name="name_confirmation"
    )
    right = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "name_confirmation"


class CertificateQuerySet(ScopedQuerySet["Certificate"]):
    owner = "enrolment__learner_id"
    place = "enrolment__organisation__path"

    def live(self) -> "CertificateQuerySet":
        return self.filter(state__in=LIVE)


class Certificate(models.Model):
    """One document about one completion, with its facts frozen at issue. Nothing is deleted to revoke it."""

    uuid = PublicIdField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    serial = models.CharField(max_length=24, unique=True)
    state = models.CharField(
        max_length=10, choices=CertificateState.choices, default=CertificateState.PENDING
    )
    facts = models.BinaryField()  # sealed JSON of learners.certificates.drawing.CertificateFacts
    issued_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveIntegerField(null=True)
    template_version = models.CharField(max_length=20, blank=True)
    typst_version = models.CharField(max_length=20, blank=True)
    superseded_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrects")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    revoked_reason = models.CharField(max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        db_table = "certificate"
        verbose_name, verbose_name_plural = _("certificate"), _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state__in=["pending", "ready"]), name="one_live_certificate"
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked") | Q(revoked_at__isnull=False),
                name="a_revocation_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(key="") & ~Q(sha256="")),
                name="a_ready_certificate_has_a_document",
            ),
        ]
        indexes = [
            models.Index(fields=["issued_at"], condition=Q(state="pending"), name="certificate_pending"),
        ]

    def __str__(self) -> str:
        return self.serial
