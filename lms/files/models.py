from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.scoping import HasScope, ScopedQuerySet
from lms.files.reasons import reason
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
    pages = models.PositiveIntegerField(null=True)  # of a document
    note = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stored_file"


class RenditionKind(models.TextChoices):
    VIDEO_240P = "video_240p"
    VIDEO_480P = "video_480p"
    AUDIO = "audio"
    POSTER = "poster"  # a film's still, a document's first page
    IMAGE_320 = "image_320"
    IMAGE_800 = "image_800"


class RenditionState(models.TextChoices):
    WAITING = "waiting"
    READY = "ready"
    NONE = "none"


class Rendition(models.Model):
    """A stored file once more, in fewer bytes or as a still. What is ready stays as it is: its key carries its hash.

    A file that is already as small as its rendition would be is its own: the row names the file's object. `code` says
    why one still waits (`ffmpeg_absent`, `poppler_absent`), or why there is none (a refusal of `lms.files.checks`).
    """

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=10, choices=RenditionKind.choices)
    state = models.CharField(max_length=7, choices=RenditionState.choices, default=RenditionState.WAITING)
    code = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    seconds = models.FloatField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rendition"
        constraints = [
            models.UniqueConstraint(fields=["file", "kind"], name="one_rendition_of_a_kind"),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(key="") & ~Q(sha256="") & Q(bytes__gt=0)),
                name="a_ready_rendition_has_its_object",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="waiting"), name="rendition_waiting")]


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
    organisation = models.ForeignKey(
        "lms.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )  # whose room it takes
    # SHA-256 over the SHA-256 of each part, as its sender computed them; compared before anything is kept.
    fingerprint = models.CharField(max_length=64, blank=True)
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
            models.UniqueConstraint(
                fields=["owner", "purpose", "size", "fingerprint"],
                condition=Q(state__in=["receiving", "checking"]) & ~Q(fingerprint=""),
                name="a_file_is_on_its_way_once",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="receiving"), name="upload_unfinished")
        ]

    @property
    def reason(self) -> str:
        """What its owner reads when it was refused; else nothing."""
        return reason(self.code) if self.code else ""
