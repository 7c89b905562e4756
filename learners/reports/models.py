from datetime import date

from django.db import models

from learners.enrolments.models import Enrolment

# The day that stands for "long ago": silent for over 14 days, or no longer counted by day.
FOLDED_DAY = date(1970, 1, 1)


class Stage(models.TextChoices):
    """How far an enrolment is. Each enrolment stands in exactly one stage; a withdrawn one in none."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    HALFWAY = "halfway"
    COMPLETED = "completed"
    CERTIFIED = "certified"


class Tally(models.Model):
    """Enrolments per course, organisation, stage and last active day: reports sum these, never learners."""

    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="tallies")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    day = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "tally"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "course", "stage", "day"], name="one_tally_per_place_stage_and_day"
            ),
        ]


class CountedEnrolment(models.Model):
    """Under which tally an enrolment is counted now: the difference to its present state is what a handler adds."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, primary_key=True, related_name="counted"
    )
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    day = models.DateField()

    class Meta:
        db_table = "counted_enrolment"
        indexes = [models.Index(fields=["day", "stage"], name="counted_by_day")]


class ReportVersion(models.Model):
    """One row, another version with every change of what reports are made of: tallies, places, kinds of centre.

    Triggers write it (migration 0005), in the transaction of the change: whoever sees the one sees the other. Versions
    are random, so that a database put back to an earlier state never has that of a later one.
    """

    version = models.UUIDField()

    class Meta:
        db_table = "report_version"
