from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lms.ids import PublicIdField


class Challenge(models.Model):
    """A code asked for. The code itself is never stored: it is derived from the row under the pepper key."""

    uuid = PublicIdField()
    purpose = models.CharField(max_length=20, default="sign_in")
    # Whose account it is about, where the code proves a number for her instead of opening a session.
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, null=True, related_name="+")
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
    # When she last showed that it is she: by a code, a PIN, a passkey or a password.
    proven_at = models.DateTimeField(null=True)

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


class Card(models.Model):
    """A card printed at her centre. What stands on it is kept nowhere: the row holds only keyed hashes of it."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="cards")
    token_hash = models.BinaryField(unique=True)  # of the 128 random bits in the square
    number_index = models.BinaryField(unique=True)  # of the digits beside it
    issued_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)  # since the last right PIN; at 20 the card is dead
    window_at = models.DateTimeField(null=True)
    window_tries = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "card"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(revoked_at=None), name="one_live_card")
        ]


class Passkey(models.Model):
    """A key pair on a device of hers (W3C WebAuthn, level 2); only the public half is here."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()  # a COSE key (RFC 9052) in CBOR
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"


class PasskeyChallenge(models.Model):
    """Random bytes that one device must sign once; without a person it opens a session, with her it adds a key."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, null=True, related_name="+")
    challenge = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "passkey_challenge"
        indexes = [models.Index(fields=["expires_at"], name="passkey_challenge_by_age")]


class Recovery(models.Model):
    """She lost number and card: staff of her centre ask for a new way in, and somebody else signs for it.

    `phone` is the number that she had then, sealed: there she is told.
    """

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="recoveries")
    reason = models.CharField(max_length=300)
    phone = models.BinaryField(default=b"")
    opened_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    signed_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(closed_at=None), name="one_open_recovery"),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("opened_by")), name="recovery_signed_by_another"
            ),
        ]
