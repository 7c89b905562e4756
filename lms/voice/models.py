from django.db import models
from django.db.models import Q
from django.utils import timezone


class VoiceState(models.TextChoices):
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


class VoiceNote(models.Model):
    """A minute of somebody's voice at most. The storage holds it sealed under this row's id, before its check too.

    `uuid` is the one that her phone gave it. `owner` is empty where it must not stand beside a name. `attached_at`:
    since when something speaks of it; what nothing speaks of is forgotten after a week. `code`: why it was refused.
    """

    uuid = models.UUIDField(unique=True)
    owner = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=VoiceState.choices, default=VoiceState.CHECKING)
    code = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)  # of what she sent
    content_type = models.CharField(max_length=80, blank=True)
    seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    attached_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voice_note"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | (Q(seconds__isnull=False) & ~Q(content_type="")),
                name="a_ready_voice_can_be_played",
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(attached_at=None), name="voice_unattached")
        ]
