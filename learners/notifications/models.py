from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class NotificationKind(models.TextChoices):
    REGISTRATION_CONFIRMED = "registration_confirmed"
    ENROLLED = "enrolled"
    NUDGE = "nudge"
    ALMOST_THERE = "almost_there"
    COURSE_COMPLETED = "course_completed"
    CERTIFICATE_READY = "certificate_ready"
    CERTIFICATE_REVOKED = "certificate_revoked"
    NEW_DEVICE = "new_device"
    IMPORT_DONE = "import_done"  # to staff
    SUPPORT_ASKED = "support_asked"  # to staff
    HELP_ASKED = "help_asked"  # to staff
    HELP_ANSWERED = "help_answered"
    DRAFT_DECIDED = "draft_decided"  # to staff


class Channel(models.TextChoices):
    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"


# The ways that leave the platform: each has its deliveries.
OUTWARD = (Channel.EMAIL, Channel.SMS)


class NotificationQuerySet(ScopedQuerySet["Notification"]):
    owner = "person_id"

    def shown(self) -> "NotificationQuerySet":
        """Those that stand in the app."""
        return self.filter(in_app=True)


class Notification(models.Model):
    """One thing a person should know. `about` names the thing, so that one event tells her once."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=30, choices=NotificationKind.choices)
    about = models.CharField(max_length=80)
    enrolment = models.ForeignKey("learners.Enrolment", on_delete=models.CASCADE, null=True, related_name="+")
    # False where she wants this kind by other ways only.
    in_app = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "about"], name="told_once"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notification_unread"),
            # Who was reminded, and when: asked each morning for everyone who is silent.
            models.Index(
                fields=["enrolment", "created_at"],
                condition=Q(kind__in=["nudge", "almost_there"]),
                name="notification_reminders",
            ),
        ]


class NotificationPreference(models.Model):
    """The channels she chose for one kind. No row, and no answer in a row, mean the default (preferences.py)."""

    person = models.ForeignKey(
        "lms.Person", on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=30, choices=NotificationKind.choices)
    in_app = models.BooleanField(default=True)
    email = models.BooleanField(null=True)
    sms = models.BooleanField(null=True)
    # Whether she belonged to a confidential centre when she chose: a yes from before does not count there.
    in_confidence = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "notification_preference"
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_preference_per_kind")]


class QuietHours(models.Model):
    """When nothing may ring at her side, by the clock of Africa/Casablanca. No row means the default; equal: never."""

    person = models.OneToOneField(
        "lms.Person", on_delete=models.CASCADE, primary_key=True, related_name="quiet_hours"
    )
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        db_table = "quiet_hours"


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"  # claimed: it may have gone, whatever becomes of the worker
    DELIVERED = "delivered"  # the mail server or the gateway has it
    FAILED = "failed"  # kept, and replayed by operators
    SUPPRESSED = "suppressed"  # `reason` says why it was right not to send it


class NotificationDelivery(models.Model):
    """One attempt to tell her through one channel that leaves the platform. Claimed before it is sent."""

    uuid = PublicIdField()
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=6, choices=[(channel.value, channel.label) for channel in OUTWARD])
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    reason = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    # Whose claim it is: a worker that was believed dead concludes nothing.
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # How often it may have gone without our knowing: whoever reads more than 0 knows that it may have come twice.
    doubts = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    receipt = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification_delivery"
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_per_channel"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], ended_at=None)
                | Q(state__in=["delivered", "failed", "suppressed"], ended_at__isnull=False),
                name="an_ended_delivery_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at=None), name="letter_open_by_due"),
            models.Index(fields=["state", "id"], name="letter_by_state"),
        ]
