"""The ordinary way: ORM, serializers, a transaction for each write. Answers what the other floors answer."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F, Prefetch, Sum
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from tests.bench.floors.models import (
    Answer,
    Attempt,
    Course,
    Enrolment,
    Event,
    Learner,
    Lesson,
    Module,
    Progress,
    Question,
    Rollup,
)
from tests.bench.floors.serializers import (
    BatchSerializer,
    CourseSerializer,
    ModuleSerializer,
    PersonSerializer,
    QuizSerializer,
    StepSerializer,
)

DONE = 100
LESSONS = 50
TERRITORY = (
    "centre__province__region_id",
    "centre__province__region__name",
    "centre__province_id",
    "centre__province__name",
)


class Writing(APIView):
    """A POST whose body one serializer reads."""

    reads: ClassVar[type[Serializer]]

    def post(self, request: Request) -> Response:
        sent = self.reads(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(self.write(request.user.id, sent.validated_data))

    def write(self, learner: int, sent: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class CatalogueView(APIView):
    def get(self, request: Request) -> Response:
        after = int(request.query_params["after"])
        courses = list(Course.objects.filter(published=True, position__gt=after).order_by("position")[:20])
        mine = Enrolment.objects.filter(
            learner_id=request.user.id, course_id__in=[course.id for course in courses]
        )
        context = {"enrolments": {enrolment.course_id: enrolment for enrolment in mine}}
        return Response(CourseSerializer(courses, many=True, context=context).data)


class OutlineView(APIView):
    def get(self, request: Request) -> Response:
        in_order = Prefetch("lessons", Lesson.objects.order_by("position"))
        asked = Module.objects.filter(course_id=int(request.query_params["course"]))
        modules = list(asked.order_by("position").prefetch_related(in_order))
        lessons = [lesson.id for module in modules for lesson in module.lessons.all()]
        mine = Progress.objects.filter(learner_id=request.user.id, lesson_id__in=lessons)
        context = {"progress": {progress.lesson_id: progress for progress in mine}}
        return Response({"modules": ModuleSerializer(modules, many=True, context=context).data})


class EventView(Writing):
    reads = StepSerializer

    def write(self, learner: int, sent: dict[str, Any]) -> dict[str, Any]:
        lesson = Lesson.objects.only("id", "course_id").get(pk=sent["lesson"])
        with transaction.atomic():
            finished = _step(learner, lesson, sent["percent"])
            enrolment = _count(learner, lesson.course_id, 1) if finished else None
        return {"done": enrolment and enrolment.done_lessons, "status": enrolment and enrolment.status}


def _step(learner: int, lesson: Lesson, percent: int) -> bool:
    """Whether the lesson is done now and was not before."""
    mine = Progress.objects.filter(learner_id=learner, lesson_id=lesson.id)
    known = mine.select_for_update().first()
    state = {"percent": percent, "done": percent >= DONE, "updated_at": timezone.now()}
    if known is None:
        Progress.objects.create(learner_id=learner, lesson_id=lesson.id, course_id=lesson.course_id, **state)
    elif percent > known.percent:
        mine.update(**state)
    else:
        return False
    return percent >= DONE and not (known and known.done)


def _count(learner: int, course: int, finished: int) -> Enrolment:
    """Bring the enrolment and her centre's roll-up up to date."""
    enrolment = Enrolment.objects.select_for_update().get(learner_id=learner, course_id=course)
    before = enrolment.done_lessons
    enrolment.done_lessons = now = before + finished
    enrolment.status = 2 if now >= LESSONS else 1
    enrolment.updated_at = timezone.now()
    if enrolment.status == 2:
        enrolment.completed_at = enrolment.updated_at
    enrolment.save(update_fields=["done_lessons", "status", "updated_at", "completed_at"])
    centre = Learner.objects.values_list("centre_id", flat=True).get(pk=learner)
    Rollup.objects.filter(course_id=course, centre_id=centre).update(
        lessons_done=F("lessons_done") + finished,
        started=F("started") + int(before == 0),
        completed=F("completed") + int(before < LESSONS <= now),
    )
    return enrolment


class BatchView(Writing):
    reads = BatchSerializer

    @transaction.atomic
    def write(self, learner: int, sent: dict[str, Any]) -> dict[str, Any]:
        Learner.objects.select_for_update().only("id").get(pk=learner)
        events = sent["events"]
        known = set(
            Event.objects.filter(id__in=[event["id"] for event in events]).values_list("id", flat=True)
        )
        fresh = [event for event in events if event["id"] not in known]
        Event.objects.bulk_create(
            [
                Event(
                    id=event["id"],
                    learner_id=learner,
                    lesson_id=event["lesson"],
                    percent=event["percent"],
                    at=event["at"],
                )
                for event in fresh
            ],
            ignore_conflicts=True,
        )
        rows = _further(learner, fresh)
        Progress.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["learner_id", "lesson_id"],
            update_fields=["percent", "done", "updated_at"],
        )
        for course, finished in sorted(Counter(row.course_id for row in rows if row.done).items()):
            _count(learner, course, finished)
        return {"accepted": len(fresh), "changed": len(rows)}


def _further(learner: int, events: Sequence[dict[str, Any]]) -> list[Progress]:
    """The furthest that she came in each lesson, where it is further than before."""
    best: dict[int, dict[str, Any]] = {}
    for event in events:
        if event["lesson"] not in best or event["percent"] > best[event["lesson"]]["percent"]:
            best[event["lesson"]] = event
    courses = dict(Lesson.objects.filter(id__in=best).values_list("id", "course_id"))
    known = {row.lesson_id: row for row in Progress.objects.filter(learner_id=learner, lesson_id__in=best)}
    return [
        Progress(
            learner_id=learner,
            lesson_id=lesson,
            course_id=courses[lesson],
            percent=event["percent"],
            done=event["percent"] >= DONE,
            updated_at=event["at"],
        )
        for lesson, event in sorted(best.items())
        if lesson not in known or known[lesson].percent < event["percent"]
    ]


class QuizView(Writing):
    reads = QuizSerializer

    def write(self, learner: int, sent: dict[str, Any]) -> dict[str, Any]:
        given = {answer["question"]: answer["choice"] for answer in sent["answers"]}
        questions = list(Question.objects.filter(quiz_id=sent["quiz"]))
        right = {question.id: given.get(question.id) == question.correct_choice for question in questions}
        with transaction.atomic():
            attempt = Attempt.objects.create(
                learner_id=learner, quiz_id=sent["quiz"], score=sum(right.values())
            )
            Answer.objects.bulk_create(
                [
                    Answer(
                        attempt_id=attempt.id,
                        question_id=question,
                        choice=given.get(question, 0),
                        correct=correct,
                    )
                    for question, correct in right.items()
                ]
            )
        return {"attempt": attempt.id, "score": attempt.score}


class ReportView(APIView):
    def get(self, request: Request) -> Response:
        rows = (
            Rollup.objects.filter(course_id=int(request.query_params["course"]))
            .values(*TERRITORY)
            .annotate(
                enrolled=Sum("enrolled"),
                started=Sum("started"),
                completed=Sum("completed"),
                done=Sum("lessons_done"),
            )
            .order_by("centre__province__region_id", "centre__province_id")
        )
        return Response([list(row.values()) for row in rows])


class PersonView(APIView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        rows = Enrolment.objects.filter(
            course_id=int(asked["course"]), learner__centre_id=int(asked["centre"])
        )
        page = rows.select_related("learner").order_by("learner_id")[:50]
        return Response(PersonSerializer(page, many=True).data)


urlpatterns = [
    path("catalogue", CatalogueView.as_view()),
    path("outline", OutlineView.as_view()),
    path("event", EventView.as_view()),
    path("batch", BatchView.as_view()),
    path("quiz", QuizView.as_view()),
    path("report", ReportView.as_view()),
    path("person", PersonView.as_view()),
]
