from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """The first answer to a creating POST, kept 24 h so that a retry hears the same. The answer is sealed."""

    person = models.ForeignKey("lms.Person", on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=100)
    body_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["person", "route", "key"], name="one_answer_per_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]
