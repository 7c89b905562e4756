from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lms.access.scoping import HasScope, ScopedQuerySet, within
from lms.ids import PublicIdField


class ImportState(models.TextChoices):
    WAITING = "waiting"  # for her to confirm the columns
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # before its end: she may no longer import there, or its rows are gone


OPEN = (ImportState.WAITING, ImportState.RUNNING)


class ImportQuerySet(ScopedQuerySet["Import"]):
    def visible_to(self, user: HasScope) -> "ImportQuerySet":
        """Her own, as long as she may import there: a list holds names, and nobody else was meant to have it."""
        return self.filter(within(user.scope.paths, "organisation__path"), by_id=user.scope.person_id)


class Import(models.Model):
    """A list of learners that staff sent, and how far its job is. Its rows are kept in the storage, sealed."""

    uuid = PublicIdField()
    by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    cohort = models.ForeignKey("learners.Cohort", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    fingerprint = models.BinaryField()
    key = models.CharField(max_length=200, blank=True)  # empty once the rows are forgotten
    # Its header and first rows, sealed: the preview.
    sample = models.BinaryField(default=b"")
    # Field → the place of its column, counted from 0.
    columns = models.JSONField(default=dict)
    # That each of the women agreed, as the sender assures; empty where she did not say.
    consent_version = models.CharField(max_length=20, blank=True)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.WAITING)
    stopped_for = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField()
    # Rows worked off: a worker that takes over goes on from here.
    cursor = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)
    sharing = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        db_table = "import"
        constraints = [
            models.UniqueConstraint(
                fields=["by", "fingerprint"],
                condition=Q(state__in=("waiting", "running")),
                name="one_open_import_per_list",
            ),
            models.CheckConstraint(condition=Q(cursor__lte=F("rows")), name="import_ends_with_its_rows"),
            models.CheckConstraint(
                condition=Q(cursor=F("created") + F("known") + F("refused")),
                name="every_imported_row_counts_once",
            ),
        ]
        indexes = [
            models.Index(fields=["by", "id"], name="import_by_sender"),
            models.Index(fields=["created_at"], condition=~Q(key=""), name="import_rows_by_age"),
        ]


class RowNote(models.Model):
    """What is to be said of a row: why it was refused, or what its sender should know. Never what stands in it."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="notes")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40)
    refuses = models.BooleanField()

    class Meta:
        db_table = "import_note"
        indexes = [models.Index(fields=["source", "refuses", "row"], name="import_note_by_row")]
