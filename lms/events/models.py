from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.ids import uuid7


class StoredEvent(models.Model):
    """A published fact, written in the transaction of what it tells."""

    event_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    payload = models.JSONField()
    schema = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    trace_id = models.CharField(max_length=64, blank=True)
    expanded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "event"
        indexes = [
            models.Index(fields=["id"], condition=Q(expanded_at=None), name="event_waiting"),
            models.Index(fields=["created_at"], name="event_by_age"),
        ]


class EventDelivery(models.Model):
    """One handler's duty towards one event. It stays open until the handler's own transaction closes it."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    event = models.ForeignKey(StoredEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=80)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "event_delivery"
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="one_delivery_per_handler"),
        ]
        indexes = [
            models.Index(
                fields=["handler", "due_at"],
                condition=Q(done_at=None, dead_at=None),
                name="delivery_open_by_due",
            ),
            models.Index(fields=["dead_at"], condition=Q(dead_at__isnull=False), name="delivery_dead"),
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="delivery_done"),
        ]
