from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.scoping import HasScope, ScopedQuerySet
from lms.ids import PublicIdField


class Purpose(models.TextChoices):
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    DOCUMENT = "document"


class StoredFile(models.Model):
    """A file that was checked and may be served. Its key is ours, never made from a name."""

    uuid = PublicIdField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    key = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=80)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    seconds = models.FloatField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stored_file"


class UploadState(models.TextChoices):
    RECEIVING = "receiving"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


class UploadQuerySet(ScopedQuerySet["Upload"]):
    def visible_to(self, user: HasScope) -> "UploadQuerySet":
        """Her own, whatever her role: a file on its way is nobody else's."""
        return self.filter(owner_id=user.scope.person_id)


class Upload(models.Model):
    """A file on its way: received in parts straight into quarantine, then checked by content."""

    uuid = PublicIdField()
    owner = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="uploads")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    part_size = models.BigIntegerField()
    key = models.CharField(max_length=200, unique=True)
    multipart_id = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING)
    code = models.CharField(max_length=60, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="uploads")
    created_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        db_table = "upload"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(file__isnull=False), name="a_ready_upload_has_its_file"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="receiving"), name="upload_unfinished")
        ]
