from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.authoring import services
from courses.authoring.inputs import (
    CourseChangeSerializer,
    CourseSerializer,
    LessonChangeSerializer,
    LessonSerializer,
    ModuleSerializer,
    NextStepSerializer,
    NextStepsSerializer,
    OrderSerializer,
    VariantSerializer,
    WordsField,
)
from courses.authoring.models import Lesson, LessonVariant, Module, Opening
from courses.authoring.next_steps import set_next_steps
from courses.authoring.queries import (
    organisation_for,
    state_of_files,
    upload_named,
    with_draft,
    with_numbers,
)
from courses.authoring.refusals import (
    CaptionsBroken,
    ChangedMeanwhile,
    NotForThisKind,
    OrderIncomplete,
    PreconditionRequired,
    PublisherNeeded,
    SlugTaken,
    UploadRefused,
)
from courses.authoring.variants import put_variant, remove_variant
from courses.authoring.versions import etag, expected_version
from courses.catalogue.models import Course
from lms.api.idempotency import KeyReused, StillUnderWay, once
from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput

CREATING = (InvalidInput, KeyReused, StillUnderWay)
CHANGING = (InvalidInput, PreconditionRequired, ChangedMeanwhile)
REMOVING = (PreconditionRequired, ChangedMeanwhile)


class VariantUploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.CharField()
    code = serializers.CharField(allow_null=True)


class DraftVariantSerializer(serializers.Serializer[Any]):
    body = serializers.CharField()
    captions = serializers.CharField()
    questions = serializers.ListField(child=serializers.DictField())
    upload = VariantUploadSerializer(allow_null=True)


class LessonSourceSerializer(serializers.Serializer[Any]):
    lesson = serializers.UUIDField()
    version = serializers.IntegerField(help_text="that was taken from there")
    newer = serializers.BooleanField(help_text="whether it says something newer since")


class DraftLessonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = WordsField(longest=200)
    required = serializers.BooleanField()  # type: ignore[assignment]  # also the name of a Field's attribute
    minutes = serializers.IntegerField()
    pass_percent = serializers.IntegerField()
    version = serializers.IntegerField(help_text="what If-Match compares: the ETag is this number in quotes")
    source = LessonSourceSerializer(  # type: ignore[assignment]  # also the name of a Field's attribute
        allow_null=True, help_text="where a copy comes from"
    )
    variants = serializers.DictField(child=DraftVariantSerializer())


class DraftModuleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = WordsField(longest=200)
    opens = serializers.ChoiceField(choices=Opening.choices)
    opens_after_days = serializers.IntegerField()
    lessons = DraftLessonSerializer(many=True)


class DraftSummarySerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    organisation = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    open = serializers.BooleanField()
    topic = serializers.CharField()
    title = WordsField(longest=200)
    summary = WordsField(longest=2000)
    hours = serializers.IntegerField(allow_null=True)
    prerequisite = serializers.SlugField(allow_null=True, help_text="the course to complete before this one")
    version = serializers.IntegerField()
    publication = serializers.IntegerField(allow_null=True, help_text="the newest number")


class DraftSerializer(DraftSummarySerializer):
    next_steps = NextStepSerializer(many=True, help_text="what she may do after the course, in order")
    modules = DraftModuleSerializer(many=True)


class DraftPageSerializer(serializers.Serializer[Any]):
    results = DraftSummarySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


COURSE_EXAMPLE = OpenApiExample(
    "دورة جديدة",
    request_only=True,
    value={
        "slug": "asasiyat-riyadat-al-aamal",
        "languages": ["ar", "fr"],
        "open": True,
        "title": {"ar": "أساسيات ريادة الأعمال", "fr": "Les bases de l'entrepreneuriat"},
        "summary": {"ar": "من الفكرة إلى المشروع المدر للدخل."},
        "topic": "enterprise",
        "hours": 12,
    },
)
QUIZ_EXAMPLE = OpenApiExample(
    "أسئلة",
    request_only=True,
    value={
        "questions": [
            {
                "kind": "single",
                "text": "ما هو الربح؟",
                "choices": [
                    {"text": "ما يبقى بعد التكلفة", "correct": True},
                    {"text": "كل ما يدخل الصندوق"},
                ],
                "feedback": "الربح هو الثمن ناقص التكلفة.",
            }
        ]
    },
)
TITLE_EXAMPLE = OpenApiExample(
    "عنوان", request_only=True, value={"title": {"ar": "من الفكرة إلى المشروع", "fr": "De l'idée au projet"}}
)


NEXT_STEPS_EXAMPLE = OpenApiExample(
    "خطوتك التالية",
    request_only=True,
    value={
        "steps": [
            {
                "kind": "centre",
                "title": {"ar": "زوري مركزكِ", "fr": "Passez à votre centre"},
                "body": {"ar": "اطلبي موعدا، وخذي معكِ شهادتكِ."},
                "link": "",
            }
        ]
    },
)


def present_summary(course: Course) -> dict[str, Any]:
    return {
        "slug": course.slug,
        "organisation": course.organisation.code,
        "languages": course.languages,
        "open": course.open,
        "topic": course.topic,
        "title": course.title,
        "summary": course.summary,
        "hours": course.hours,
        "prerequisite": course.prerequisite and course.prerequisite.slug,
        "version": course.version,
        "publication": course.newest_number,  # type: ignore[attr-defined]  # annotated by with_numbers
    }


def present_draft(course: Course) -> dict[str, Any]:
    """The whole draft, as `with_draft` read it."""
    return present_summary(course) | {
        "next_steps": course.next_steps,
        "modules": [present_module(module) for module in course.modules.all()],
    }


def present_module(module: Module) -> dict[str, Any]:
    lessons = [present_lesson(lesson) for lesson in module.lessons.all()]
    return {
        "id": module.uuid,
        "title": module.title,
        "opens": module.opens,
        "opens_after_days": module.opens_after_days,
        "lessons": lessons,
    }


def present_lesson(lesson: Lesson) -> dict[str, Any]:
    return {
        "id": lesson.uuid,
        "kind": lesson.kind,
        "title": lesson.title,
        "required": lesson.required,
        "minutes": lesson.minutes,
        "pass_percent": lesson.pass_percent,
        "version": lesson.version,
        "source": lesson.source
        and {
            "lesson": lesson.source.uuid,
            "version": lesson.source_version,
            "newer": lesson.has_newer_source,
        },
        "variants": {variant.language: present_variant(variant) for variant in lesson.variants.all()},
    }


def present_variant(variant: LessonVariant) -> dict[str, Any]:
    upload = variant.upload
    return {
        "body": variant.body,
        "captions": variant.captions,
        "questions": variant.questions,
        "upload": upload
        and {"id": upload.uuid, "name": upload.name, "state": upload.state, "code": upload.code or None},
    }


def course_in_sight(request: Request, slug: str) -> Course:
    return get_object_or_404(Course.objects.visible_to(request.user), slug=slug)


def module_in_sight(request: Request, module_id: UUID) -> Module:
    return get_object_or_404(Module.objects.visible_to(request.user).select_related("course"), uuid=module_id)


def lesson_in_sight(request: Request, lesson_id: UUID) -> Lesson:
    rows = Lesson.objects.visible_to(request.user).select_related("module__course")
    return get_object_or_404(rows, uuid=lesson_id)


def draft_response(course: Course, *, status: int = 200) -> Response:
    draft = with_draft(Course.objects.filter(pk=course.pk)).get()
    variants = [
        variant
        for module in draft.modules.all()
        for lesson in module.lessons.all()
        for variant in lesson.variants.all()
    ]
    tag = etag(draft.version, reading=state_of_files(variants))
    return Response(present_draft(draft), status=status, headers={"ETag": tag})


def module_response(module: Module, *, status: int = 200) -> Response:
    tag = etag(module.course.version)
    return Response(present_module(module), status=status, headers={"ETag": tag})


def lesson_response(lesson: Lesson, *, status: int = 200) -> Response:
    rows = Lesson.objects.select_related("source").prefetch_related("variants__upload")
    return Response(
        present_lesson(rows.get(pk=lesson.pk)), status=status, headers={"ETag": etag(lesson.version)}
    )


class Drafts(Endpoint):
    ability = "course.author"
    refusals = {"POST": (SlugTaken, *CREATING)}

    @extend_schema(summary="The courses she may write", responses=DraftPageSerializer)
    def get(self, request: Request) -> Response:
        pages = KeysetPages("-id")
        rows = pages.of(with_numbers(Course.objects.visible_to(request.user)), request)
        return Response(pages.answer([present_summary(row) for row in rows]))

    @extend_schema(
        summary="Start the draft of a course",
        request=CourseSerializer,
        responses={201: DraftSerializer},
        examples=[COURSE_EXAMPLE],
    )
    @once
    def post(self, request: Request) -> Response:
        asked = CourseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        words = dict(asked.validated_data)
        course = services.create_course(
            organisation=organisation_for(request.user, words.pop("organisation", None)),
            by=request.user,
            is_open=words.pop("open"),
            at=timezone.now(),
            **words,
        )
        return draft_response(course, status=201)


class DraftDetail(Endpoint):
    ability = "course.author"
    refusals = {"PATCH": (PublisherNeeded, *CHANGING)}

    @extend_schema(summary="The whole draft of a course", responses=DraftSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return draft_response(course_in_sight(request, slug))

    @extend_schema(
        summary="Change what the draft says of the course itself",
        description="`If-Match`: the draft's ETag. Once published, only a publisher changes `open`.",
        request=CourseChangeSerializer(partial=True),
        responses=DraftSerializer,
        examples=[TITLE_EXAMPLE],
    )
    def patch(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = CourseChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        course = services.change_course(
            course=course,
            by=request.user,
            changes=asked.validated_data,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return draft_response(course)


class DraftNextSteps(Endpoint):
    ability = "course.author"
    refusals = (PublisherNeeded, *CHANGING)

    @extend_schema(
        summary="Say what she may do after the course; only a publisher writes it",
        description="`If-Match`: the ETag of the course's draft. The list replaces the one before; learners meet it "
        "with the next publication.",
        request=NextStepsSerializer,
        responses=DraftSerializer,
        examples=[NEXT_STEPS_EXAMPLE],
    )
    def put(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = NextStepsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        course = set_next_steps(
            course=course,
            by=request.user,
            steps=asked.validated_data["steps"],
            expected=expected_version(request),
            at=timezone.now(),
        )
        return draft_response(course)


class DraftOrder(Endpoint):
    ability = "course.author"
    refusals = (OrderIncomplete, ChangedMeanwhile, *CREATING)

    @extend_schema(
        summary="Put all modules and lessons in order; a lesson may move to another module",
        request=OrderSerializer,
        responses=DraftSerializer,
        examples=[
            OpenApiExample(
                "ترتيب",
                request_only=True,
                value={
                    "modules": [
                        {
                            "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11",
                            "lessons": ["01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a12"],
                        }
                    ]
                },
            )
        ],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = OrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = [(module["id"], module["lessons"]) for module in asked.validated_data["modules"]]
        expected = expected_version(request) if "If-Match" in request.headers else None
        services.reorder(course=course, by=request.user, order=order, expected=expected, at=timezone.now())
        return draft_response(course)


class DraftModules(Endpoint):
    ability = "course.author"
    refusals = CREATING

    @extend_schema(
        summary="Add a module",
        request=ModuleSerializer,
        responses={201: DraftModuleSerializer},
        examples=[TITLE_EXAMPLE],
    )
    @once
    def post(self, request: Request, slug: str) -> Response:
        course = course_in_sight(request, slug)
        asked = ModuleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        module = services.add_module(
            course=course, by=request.user, at=timezone.now(), **asked.validated_data
        )
        return module_response(module, status=201)


class DraftModuleDetail(Endpoint):
    ability = "course.author"
    refusals = {"PATCH": CHANGING, "DELETE": REMOVING}

    @extend_schema(
        summary="Rename a module, or change when it opens",
        description="`If-Match`: the ETag of the course's draft. `opens` is `at_once`, `after_previous` (the required "
        "lessons of the module before it are finished) or `on_cohort_date` (`opens_after_days` after the cohort "
        "begins). Learners meet it with the next publication.",
        request=ModuleSerializer(partial=True),
        responses=DraftModuleSerializer,
        examples=[TITLE_EXAMPLE],
    )
    def patch(self, request: Request, module_id: UUID) -> Response:
        module = module_in_sight(request, module_id)
        asked = ModuleSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        module = services.change_module(
            module=module,
            by=request.user,
            changes=asked.validated_data,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return module_response(module)

    @extend_schema(
        summary="Take a module and its lessons out of the draft",
        description="`If-Match`: the ETag of the course's draft.",
        responses={204: None},
    )
    def delete(self, request: Request, module_id: UUID) -> Response:
        module = module_in_sight(request, module_id)
        services.remove_module(
            module=module, by=request.user, expected=expected_version(request), at=timezone.now()
        )
        return Response(status=204)


class DraftLessons(Endpoint):
    ability = "course.author"
    refusals = CREATING

    @extend_schema(
        summary="Add a lesson to a module",
        request=LessonSerializer,
        responses={201: DraftLessonSerializer},
        examples=[
            OpenApiExample(
                "درس",
                request_only=True,
                value={"kind": "text", "required": True, "minutes": 10, "title": {"ar": "اختاري فكرتك"}},
            )
        ],
    )
    @once
    def post(self, request: Request, module_id: UUID) -> Response:
        module = module_in_sight(request, module_id)
        asked = LessonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lesson = services.add_lesson(
            module=module, by=request.user, at=timezone.now(), **asked.validated_data
        )
        return lesson_response(lesson, status=201)


class DraftLessonDetail(Endpoint):
    ability = "course.author"
    refusals = {"PATCH": CHANGING, "DELETE": REMOVING}

    @extend_schema(summary="One lesson of the draft", responses=DraftLessonSerializer)
    def get(self, request: Request, lesson_id: UUID) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        response = lesson_response(lesson)
        tag = etag(lesson.version, reading=state_of_files(list(lesson.variants.select_related("upload"))))
        response["ETag"] = tag
        return response

    @extend_schema(
        summary="Change a lesson's title, minutes, required or pass_percent",
        description="`If-Match`: the lesson's ETag.",
        request=LessonChangeSerializer(partial=True),
        responses=DraftLessonSerializer,
        examples=[TITLE_EXAMPLE],
    )
    def patch(self, request: Request, lesson_id: UUID) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        asked = LessonChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        lesson = services.change_lesson(
            lesson=lesson,
            by=request.user,
            changes=asked.validated_data,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return lesson_response(lesson)

    @extend_schema(
        summary="Take a lesson out of the draft",
        description="`If-Match`: the lesson's ETag.",
        responses={204: None},
    )
    def delete(self, request: Request, lesson_id: UUID) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        services.remove_lesson(
            lesson=lesson, by=request.user, expected=expected_version(request), at=timezone.now()
        )
        return Response(status=204)


class DraftVariant(Endpoint):
    ability = "course.author"
    refusals = {"PUT": (CaptionsBroken, NotForThisKind, UploadRefused, *CHANGING), "DELETE": REMOVING}

    @extend_schema(
        summary="Write what a lesson says in one language",
        description="`If-Match`: the lesson's ETag. What is not named stays as it was.",
        request=VariantSerializer,
        responses=DraftLessonSerializer,
        examples=[QUIZ_EXAMPLE],
    )
    def put(self, request: Request, lesson_id: UUID, language: str) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        asked = VariantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        content = dict(asked.validated_data)
        if content.get("upload"):
            content["upload"] = upload_named(request.user, lesson, content["upload"])
        lesson = put_variant(
            lesson=lesson,
            by=request.user,
            language=language,
            content=content,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return lesson_response(lesson)

    @extend_schema(
        summary="Take one language of a lesson out of the draft",
        description="`If-Match`: the lesson's ETag.",
        responses={200: DraftLessonSerializer},
    )
    def delete(self, request: Request, lesson_id: UUID, language: str) -> Response:
        lesson = lesson_in_sight(request, lesson_id)
        lesson = remove_variant(
            lesson=lesson,
            by=request.user,
            language=language,
            expected=expected_version(request),
            at=timezone.now(),
        )
        return lesson_response(lesson)
