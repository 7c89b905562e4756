from django.db import models


class Finding(models.Model):
    """What a nightly job counted when it last ran. One row a job; never anything about a person."""

    job = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    numbers = models.JSONField()

    class Meta:
        db_table = "finding"
