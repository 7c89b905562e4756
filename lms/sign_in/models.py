from django.db import models
from django.utils import timezone

from lms.ids import PublicIdField


class Challenge(models.Model):
    """A code asked for. The code itself is never stored: it is derived from the row under the pepper key."""

    uuid = PublicIdField()
    purpose = models.CharField(max_length=20, default="sign_in")
    phone_index = models.BinaryField()
    phone = models.BinaryField()
    code_mac = models.BinaryField()
    silent = models.BooleanField(default=False)  # over the hourly cap: answered alike, nothing is sent
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "challenge"
        indexes = [
            models.Index(fields=["phone_index", "created_at"], name="challenge_by_phone"),
            models.Index(fields=["created_at"], name="challenge_by_age"),
        ]


class RateBucket(models.Model):
    """How often something happened in one window; counted by one atomic upsert."""

    key = models.CharField(max_length=80)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "rate_bucket"
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_bucket_per_window")]
        indexes = [models.Index(fields=["window"], name="rate_bucket_by_age")]


class Session(models.Model):
    """A device that is signed in. Cookie and Bearer share it; only the SHA-256 of its key is kept."""

    uuid = PublicIdField()
    key_hash = models.BinaryField(unique=True)
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, null=True, related_name="sessions")
    phone_index = models.BinaryField(null=True)  # the number proven when it was opened
    phone = models.BinaryField(default=b"")
    kind = models.CharField(max_length=8, choices=[("browser", "browser"), ("app", "app"), ("demo", "demo")])
    device_name = models.CharField(max_length=80, blank=True)
    shared_device = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "session"
        indexes = [models.Index(fields=["expires_at"], name="session_by_expiry")]


class AuthEvent(models.Model):
    """What happened at the door: append-only, without numbers, codes or addresses."""

    person = models.ForeignKey("lms.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "auth_event"
        indexes = [models.Index(fields=["person", "at"], name="auth_event_by_person")]
