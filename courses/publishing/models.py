from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.utils import timezone

from courses.authoring.models import LessonKind, Opening
from courses.catalogue.models import Course
from lms.ids import PublicIdField


class Publication(models.Model):
    """An immutable, numbered snapshot of a course. Nothing that hangs on it is ever updated."""

    uuid = PublicIdField()
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    languages = ArrayField(models.CharField(max_length=5))
    title = models.JSONField()
    summary = models.JSONField(default=dict)
    topic = models.SlugField(max_length=40, blank=True)
    search_text = models.TextField(blank=True)  # title and summary in every language, normalised
    hours = models.PositiveSmallIntegerField(null=True)
    prerequisite = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, related_name="+")
    next_steps = models.JSONField(default=list, db_default=Value([], models.JSONField()))  # as in the draft
    notes = models.TextField(blank=True)
    module_count = models.PositiveIntegerField()
    lesson_count = models.PositiveIntegerField()
    required_count = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    bytes = models.JSONField()  # in the first language: {"full": with every file, "text": words alone}
    published_by = models.ForeignKey("lms.Person", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "publication"
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="publication_numbered_once")]


class PublishedLesson(models.Model):
    """One lesson of a publication. `uuid` is the draft lesson's: the same lesson in every publication."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="lessons")
    uuid = models.UUIDField()
    module_position = models.PositiveIntegerField()
    module_title = models.JSONField()
    module_opens = models.CharField(
        max_length=14, choices=Opening.choices, default=Opening.AT_ONCE, db_default=Opening.AT_ONCE
    )
    module_opens_after_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=LessonKind.choices)
    title = models.JSONField()
    required = models.BooleanField()
    minutes = models.PositiveSmallIntegerField()
    pass_percent = models.PositiveSmallIntegerField()
    # A quiz with its right answers; never leaves the server. Words by language:
    # [{"id", "kind": single|multiple|true_false|short, "text": {}, "feedback": {},
    #   "choices": [{"id", "text": {}, "correct"}], "accepted": {language: [spelling, …]}}]
    questions = models.JSONField(default=list)

    class Meta:
        db_table = "published_lesson"
        ordering = ["module_position", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["publication", "uuid"], name="lesson_published_once")]


class PublishedVariant(models.Model):
    """A published lesson in one language: clean HTML, and the file that goes with it."""

    lesson = models.ForeignKey(PublishedLesson, on_delete=models.PROTECT, related_name="variants")
    language = models.CharField(max_length=5)
    html = models.TextField(blank=True)
    file = models.ForeignKey("lms.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    captions = models.TextField(blank=True)

    class Meta:
        db_table = "published_variant"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "language"], name="one_published_variant_per_language")
        ]


class PublishedOutline(models.Model):
    """The outline of a publication in one language, compiled once and stored ready to be sent."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="outlines")
    language = models.CharField(max_length=5)
    identity = models.BinaryField()
    gzip = models.BinaryField()
    brotli = models.BinaryField()
    etag = models.CharField(max_length=64)  # of the identity bytes; each encoding adds its own suffix

    class Meta:
        db_table = "published_outline"
        constraints = [
            models.UniqueConstraint(fields=["publication", "language"], name="one_outline_per_language")
        ]
