"""How a module felt, without who felt it.

Three tables that no column joins to her. `FaceGiven` says that she has answered: no face, no time, and a random key
instead of a counter. `ModuleFaces` counts: one row for a module of a publication, so there is no answer whose place in
an order could be laid beside hers. Its three counters stand in one row, which each answer writes anew as a whole:
what the database itself remembers of a row's last change tells that somebody answered, never which face.

What is shown moves on by five answers at once. Who watches the counts while women finish a module therefore never sees
one woman's answer arrive. The counters under them do move one by one: whoever reads the database itself, while only
one woman has answered or before and after an answer, can tell what it was. No page and no address of ours shows them.

A voice note beside a face loses its owner as it is given, and whoever writes the course hears it once five have
answered. A voice is known to whoever knows her: women of confidential centres and in discreet mode are not asked.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from learners.enrolments.models import Enrolment

SHOWN_BY = 5


class Face(models.TextChoices):
    GOOD = "good"
    SO_SO = "so_so"
    HARD = "hard"


class FaceGiven(models.Model):
    """She has answered for this module (counted from 1) of this publication; nothing says what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    publication = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, related_name="+")
    module = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "face_given"
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "publication", "module"], name="one_face_per_enrolment_and_module"
            )
        ]


class ModuleVoice(models.Model):
    """What somebody said of a module of a publication. No face stands beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, related_name="+")
    module = models.PositiveSmallIntegerField()
    note = models.OneToOneField("lms.VoiceNote", on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "module_voice"
        indexes = [models.Index(fields=["publication", "module"], name="voices_of_a_module")]


class ModuleFaces(models.Model):
    """How many gave which face; `shown_…` are the counts as of the last full five answers."""

    publication = models.ForeignKey("courses.Publication", on_delete=models.PROTECT, related_name="+")
    module = models.PositiveSmallIntegerField()
    good = models.PositiveIntegerField(default=0)
    so_so = models.PositiveIntegerField(default=0)
    hard = models.PositiveIntegerField(default=0)
    shown_good = models.PositiveIntegerField(default=0)
    shown_so_so = models.PositiveIntegerField(default=0)
    shown_hard = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "module_faces"
        constraints = [
            models.UniqueConstraint(fields=["publication", "module"], name="faces_counted_once_a_module"),
            models.CheckConstraint(
                condition=Q(
                    good__gte=F("shown_good"), so_so__gte=F("shown_so_so"), hard__gte=F("shown_hard")
                ),
                name="no_more_faces_shown_than_given",
            ),
        ]
