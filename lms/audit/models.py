from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from lms.ids import PublicIdField


class ChangeEntry(models.Model):
    """Who changed what: the names of the fields, never their values."""

    uuid = PublicIdField()
    actor = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "change_entry"
        indexes = [models.Index(fields=["subject", "at"], name="change_by_subject")]


class AccessEntry(models.Model):
    """Who looked at whom: one row per page viewed, sealed afterwards into a hash chain."""

    viewer = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    people = ArrayField(models.BigIntegerField())
    surface = models.CharField(max_length=80)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    seal = models.ForeignKey("lms.AccessSeal", on_delete=models.PROTECT, null=True, related_name="entries")

    class Meta:
        db_table = "access_entry"
        indexes = [
            models.Index(fields=["id"], condition=models.Q(seal=None), name="access_unsealed"),
            models.Index(fields=["viewer", "at"], name="access_by_viewer"),
        ]


class AccessSeal(models.Model):
    """A link of the chain: the digest of the one before it and of its own entries."""

    digest = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "access_seal"
