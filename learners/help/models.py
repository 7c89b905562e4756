from django.db import models
from django.db.models import Q
from django.utils import timezone

from learners.enrolments.models import Enrolment, EnrolmentState
from lms import sealing
from lms.access.policy import TRAINER
from lms.access.scoping import HasScope, ScopedQuerySet, within
from lms.ids import PublicIdField


class ThreadState(models.TextChoices):
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class MessageKind(models.TextChoices):
    STUCK = "stuck"
    CALL = "call"
    NAME = "name"
    ANSWER = "answer"


class HelpThreadQuerySet(ScopedQuerySet["HelpThread"]):
    def visible_to(self, user: HasScope) -> "HelpThreadQuerySet":
        """At the very node where the woman belongs today, and to the trainers of the place that wrote the course.

        Neither those above her centre nor a partner, nor the centre whose group she once sat in. What a woman of a
        confidential centre asks stays there: no trainer reads it either.
        """
        places = [grant.path for grant in user.scope.grants if grant.own_node and grant.role != TRAINER]
        written = [grant.path for grant in user.scope.grants if grant.role == TRAINER]
        hers = Q(enrolment__learner__home_organisation__path__in=places)
        group = Q(enrolment__learner__home_organisation=None, enrolment__organisation__path__in=places)
        confidential = Q(enrolment__learner__home_organisation__centre_type__confidential=True)
        taught = within(written, "enrolment__course__organisation__path") & ~confidential
        return self.filter(hers | group | taught, enrolment__learner__is_active=True)

    def open(self) -> "HelpThreadQuerySet":
        return self.exclude(state=ThreadState.CLOSED).exclude(enrolment__state=EnrolmentState.WITHDRAWN)


class HelpThread(models.Model):
    """One private conversation for each enrolment, between her, her centre and those who wrote the course."""

    uuid = PublicIdField()
    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="help_thread")
    state = models.CharField(max_length=8, choices=ThreadState.choices, default=ThreadState.WAITING)
    waiting_since = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = HelpThreadQuerySet.as_manager()

    class Meta:
        db_table = "help_thread"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", waiting_since__isnull=False)
                | (~Q(state="waiting") & Q(waiting_since=None)),
                name="help_waits_since_a_moment",
            )
        ]
        indexes = [models.Index(fields=["state", "waiting_since", "id"], name="help_queue")]


class HelpMessage(models.Model):
    """What one of them said. `occurred_at` is by her phone's clock, `at` by ours; the order is that of arrival."""

    uuid = PublicIdField()
    thread = models.ForeignKey(HelpThread, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=MessageKind.choices)
    lesson = models.UUIDField(null=True)
    words = models.BinaryField(default=b"")  # sealed
    voice = models.OneToOneField("lms.VoiceNote", on_delete=models.SET_NULL, null=True, related_name="+")
    occurred_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "help_message"
        indexes = [models.Index(fields=["author", "at"], name="help_by_author")]

    def read(self) -> str:
        """What was written, opened."""
        return sealing.unseal(self.words, table="help_message", column="words", row=self.uuid)


class HelpChoice(models.Model):
    """Whether she wants the way to help on her pages; without a row: yes, but not in discreet mode."""

    person = models.OneToOneField("lms.Person", on_delete=models.CASCADE, related_name="+", primary_key=True)
    wanted = models.BooleanField()

    class Meta:
        db_table = "help_choice"
