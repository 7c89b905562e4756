"""The tables of schema.sql as Django's ORM sees them."""

from django.db import models
from django.utils import timezone


class Region(models.Model):
    name = models.TextField()

    class Meta:
        app_label, managed, db_table = "floors", False, "region"


class Province(models.Model):
    region = models.ForeignKey(Region, models.CASCADE)
    name = models.TextField()

    class Meta:
        app_label, managed, db_table = "floors", False, "province"


class Centre(models.Model):
    province = models.ForeignKey(Province, models.CASCADE)
    name = models.TextField()

    class Meta:
        app_label, managed, db_table = "floors", False, "centre"


class Learner(models.Model):
    id = models.BigAutoField(primary_key=True)
    centre = models.ForeignKey(Centre, models.CASCADE)
    username = models.TextField(unique=True)
    full_name = models.TextField()
    lang = models.TextField(default="ar")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label, managed, db_table = "floors", False, "learner"


class Course(models.Model):
    slug = models.TextField()
    title = models.JSONField()
    summary = models.JSONField()
    published = models.BooleanField()
    position = models.IntegerField()
    module_count = models.IntegerField()
    lesson_count = models.IntegerField()

    class Meta:
        app_label, managed, db_table = "floors", False, "course"


class Module(models.Model):
    course = models.ForeignKey(Course, models.CASCADE)
    position = models.IntegerField()
    title = models.JSONField()

    class Meta:
        app_label, managed, db_table = "floors", False, "module"


class Lesson(models.Model):
    module = models.ForeignKey(Module, models.CASCADE, related_name="lessons")
    course = models.ForeignKey(Course, models.CASCADE)
    position = models.IntegerField()
    title = models.JSONField()
    kind = models.TextField()
    minutes = models.IntegerField()

    class Meta:
        app_label, managed, db_table = "floors", False, "lesson"


class Enrolment(models.Model):
    id = models.BigAutoField(primary_key=True)
    learner = models.ForeignKey(Learner, models.CASCADE)
    course = models.ForeignKey(Course, models.CASCADE)
    status = models.IntegerField(default=0)
    done_lessons = models.IntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        app_label, managed, db_table = "floors", False, "enrolment"


class Progress(models.Model):
    pk = models.CompositePrimaryKey("learner_id", "lesson_id")
    learner_id = models.BigIntegerField()
    lesson_id = models.IntegerField()
    course_id = models.IntegerField()
    percent = models.IntegerField()
    done = models.BooleanField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "floors", False, "progress"


class Event(models.Model):
    id = models.UUIDField(primary_key=True)
    learner_id = models.BigIntegerField()
    lesson_id = models.IntegerField()
    percent = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "floors", False, "event"


class Rollup(models.Model):
    pk = models.CompositePrimaryKey("course_id", "centre_id")
    course_id = models.IntegerField()
    centre = models.ForeignKey(Centre, models.CASCADE)
    enrolled = models.IntegerField()
    started = models.IntegerField()
    completed = models.IntegerField()
    lessons_done = models.BigIntegerField()

    class Meta:
        app_label, managed, db_table = "floors", False, "centre_rollup"


class Question(models.Model):
    quiz_id = models.IntegerField()
    position = models.IntegerField()
    body = models.JSONField()
    correct_choice = models.IntegerField()

    class Meta:
        app_label, managed, db_table = "floors", False, "question"


class Attempt(models.Model):
    id = models.BigAutoField(primary_key=True)
    learner_id = models.BigIntegerField()
    quiz_id = models.IntegerField()
    score = models.IntegerField()
    submitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label, managed, db_table = "floors", False, "attempt"


class Answer(models.Model):
    pk = models.CompositePrimaryKey("attempt_id", "question_id")
    attempt_id = models.BigIntegerField()
    question_id = models.IntegerField()
    choice = models.IntegerField()
    correct = models.BooleanField()

    class Meta:
        app_label, managed, db_table = "floors", False, "answer"
