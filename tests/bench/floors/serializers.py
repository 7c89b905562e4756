"""What the ordinary way sends and takes."""

from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers


class Words(serializers.Field):
    """Texts by language, in the language at hand."""

    def to_representation(self, words: dict[str, str]) -> str | None:
        return words.get((get_language() or "fr")[:2]) or words.get("fr")


class CourseSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = Words()
    summary = Words()
    modules = serializers.IntegerField(source="module_count")
    lessons = serializers.IntegerField(source="lesson_count")
    status = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()

    def get_status(self, course: Any) -> int | None:
        enrolment = self.context["enrolments"].get(course.id)
        return enrolment and enrolment.status

    def get_done(self, course: Any) -> int | None:
        enrolment = self.context["enrolments"].get(course.id)
        return enrolment and enrolment.done_lessons


class LessonSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = Words()
    kind = serializers.CharField()
    minutes = serializers.IntegerField()
    percent = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()

    def get_percent(self, lesson: Any) -> int:
        progress = self.context["progress"].get(lesson.id)
        return progress.percent if progress else 0

    def get_done(self, lesson: Any) -> bool:
        progress = self.context["progress"].get(lesson.id)
        return bool(progress and progress.done)


class ModuleSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = Words()
    lessons = LessonSerializer(many=True)


class StepSerializer(serializers.Serializer):
    lesson = serializers.IntegerField(min_value=1)
    percent = serializers.IntegerField(min_value=0, max_value=100)


class EventSerializer(StepSerializer):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()


class BatchSerializer(serializers.Serializer):
    events = EventSerializer(many=True)


class AnswerSerializer(serializers.Serializer):
    question = serializers.IntegerField()
    choice = serializers.IntegerField()


class QuizSerializer(serializers.Serializer):
    quiz = serializers.IntegerField()
    answers = AnswerSerializer(many=True)


class PersonSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="learner_id")
    name = serializers.CharField(source="learner.full_name")
    status = serializers.IntegerField()
    done = serializers.IntegerField(source="done_lessons")
    completed_at = serializers.DateTimeField()


class RowSerializer(serializers.Serializer):
    username = serializers.RegexField(r"^[a-z0-9_]{3,40}$")
    full_name = serializers.CharField(max_length=200)
    lang = serializers.ChoiceField(["ar", "fr", "ber"])
    centre_id = serializers.IntegerField()
    course = serializers.CharField()
