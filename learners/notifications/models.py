from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.access.scoping import ScopedQuerySet
from lms.ids import PublicIdField


class NotificationKind(models.TextChoices):
    REGISTRATION_CONFIRMED = "registration_confirmed"
    COURSE_COMPLETED = "course_completed"
    CERTIFICATE_READY = "certificate_ready"
    CERTIFICATE_REVOKED = "certificate_revoked"
    NUDGE = "nudge"


class NotificationQuerySet(ScopedQuerySet["Notification"]):
    owner = "person_id"


class Notification(models.Model):
    """One thing a person should know. `about` names the thing, so that one event tells her once."""

    uuid = PublicIdField()
    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=30, choices=NotificationKind.choices)
    about = models.CharField(max_length=80)
    enrolment = models.ForeignKey("learners.Enrolment", on_delete=models.CASCADE, null=True, related_name="+")
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
        ]


class NotificationPreference(models.Model):
    """The channels she chose for one kind. No row means the default: in the app."""

    person = models.ForeignKey(
        "lms.Person", on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=30, choices=NotificationKind.choices)
    in_app = models.BooleanField(default=True)

    class Meta:
        db_table = "notification_preference"
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_preference_per_kind")]
