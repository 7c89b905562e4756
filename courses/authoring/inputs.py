"""What authors send: shapes and sizes. What it means is decided by the services."""

from typing import Any

from rest_framework import serializers

from courses.assessment.numbers import NUMBER_AT_MOST, number_of
from courses.assessment.questions import KINDS
from courses.authoring.languages import TEXTS
from courses.authoring.models import LessonKind, NextStepKind, Opening

TITLE_AT_MOST = 200
SUMMARY_AT_MOST = 2_000
BODY_AT_MOST = 100_000
CAPTIONS_AT_MOST = 300_000
QUESTIONS_AT_MOST = 100
DAYS_AT_MOST = 730
NEXT_STEPS_AT_MOST = 12
LINK_AT_MOST = 300


class WordsField(serializers.DictField):
    """Words by language: `{"ar": "…", "fr": "…"}`."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=longest, allow_blank=True), **options)


class CourseSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField(max_length=80)
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=TEXTS),
        min_length=1,
        max_length=len(TEXTS),
        help_text="the first one is what readers of the others fall back to",
    )
    open = serializers.BooleanField(default=True, help_text="anyone may read it; else only who is enrolled")
    title = WordsField(longest=TITLE_AT_MOST, allow_empty=False)
    summary = WordsField(longest=SUMMARY_AT_MOST, default=dict)
    topic = serializers.SlugField(max_length=40, allow_blank=True, default="")
    hours = serializers.IntegerField(min_value=1, max_value=1_000, allow_null=True, default=None)
    prerequisite = serializers.SlugField(
        max_length=80, allow_null=True, default=None, help_text="the course to complete before this one"
    )
    organisation = serializers.SlugField(
        max_length=40, required=False, help_text="whose course it is; needed by who works at several"
    )

    def validate_languages(self, languages: list[str]) -> list[str]:
        return list(dict.fromkeys(languages))


class CourseChangeSerializer(CourseSerializer):
    """Any of them, but for the slug and the organisation, which stay."""

    slug = None  # type: ignore[assignment]  # DRF's way to leave a field out
    organisation = None  # type: ignore[assignment]


class ModuleSerializer(serializers.Serializer[Any]):
    title = WordsField(longest=TITLE_AT_MOST, allow_empty=False)
    opens = serializers.ChoiceField(choices=Opening.choices, default=Opening.AT_ONCE)
    opens_after_days = serializers.IntegerField(
        min_value=0,
        max_value=DAYS_AT_MOST,
        default=0,
        help_text="for `on_cohort_date`: days after the cohort begins",
    )


class LessonChangeSerializer(serializers.Serializer[Any]):
    title = WordsField(longest=TITLE_AT_MOST, allow_empty=False)
    required = serializers.BooleanField(default=True)  # type: ignore[assignment]  # also a Field's attribute
    minutes = serializers.IntegerField(min_value=1, max_value=600, default=5)
    pass_percent = serializers.IntegerField(
        min_value=1, max_value=100, default=60, help_text="the score that passes a quiz"
    )


class LessonSerializer(LessonChangeSerializer):
    kind = serializers.ChoiceField(choices=LessonKind.choices)


class NumberField(serializers.CharField):
    """A number as it is written: `12`, `3,5`, `٣٫٥`."""

    def to_internal_value(self, data: Any) -> str:
        written: str = super().to_internal_value(data)
        if number_of(written) is None:
            raise serializers.ValidationError("a number", code="not_a_number")
        return written


class ChoiceSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=40, required=False)
    text = serializers.CharField(max_length=500, allow_blank=True)
    correct = serializers.BooleanField(default=False)


class QuestionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=40, required=False)
    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField(max_length=1_000, allow_blank=True)
    choices = ChoiceSerializer(many=True, max_length=12, default=list)  # type: ignore[call-arg]  # many takes it
    accepted = serializers.ListField(
        child=serializers.CharField(max_length=200, allow_blank=True), max_length=30, default=list
    )
    value = NumberField(
        max_length=NUMBER_AT_MOST, allow_blank=True, required=False, help_text="the right number"
    )
    tolerance = NumberField(
        max_length=NUMBER_AT_MOST, required=False, help_text="how far from it is still right; default 0"
    )
    feedback = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class VariantSerializer(serializers.Serializer[Any]):
    body = serializers.CharField(
        max_length=BODY_AT_MOST,
        allow_blank=True,
        required=False,
        trim_whitespace=False,
        help_text="Markdown",
    )
    upload = serializers.UUIDField(allow_null=True, required=False, help_text="null takes the file away")
    captions = serializers.CharField(
        max_length=CAPTIONS_AT_MOST, allow_blank=True, required=False, help_text="WebVTT"
    )
    questions = QuestionSerializer(many=True, max_length=QUESTIONS_AT_MOST, required=False)  # type: ignore[call-arg]  # many takes it

    def validate(self, content: dict[str, Any]) -> dict[str, Any]:
        if not content:
            raise serializers.ValidationError("body, upload, captions or questions", code="nothing_sent")
        return content


class OrderedModuleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    lessons = serializers.ListField(child=serializers.UUIDField(), max_length=1_000)


class OrderSerializer(serializers.Serializer[Any]):
    modules = OrderedModuleSerializer(many=True, max_length=200)  # type: ignore[call-arg]  # many takes it


class NextStepSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=NextStepKind.choices)
    title = WordsField(longest=TITLE_AT_MOST, allow_empty=False)
    body = WordsField(longest=SUMMARY_AT_MOST, default=dict)
    link = serializers.RegexField(
        r"^https://[^\s/]+\S*$",
        max_length=LINK_AT_MOST,
        allow_blank=True,
        default="",
        help_text="https; shown to her, never fetched by the platform",
    )


class NextStepsSerializer(serializers.Serializer[Any]):
    steps = NextStepSerializer(many=True, max_length=NEXT_STEPS_AT_MOST)  # type: ignore[call-arg]  # many takes it
