"""The page on which a publisher brings the learners of a course to its newest edition."""

from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from courses.publishing.rules import lesson_rules
from learners.moving.queries import Left, latest_move, preview_of
from learners.moving.services import begin_move
from lms.access.policy import PUBLISHER
from lms.accounts.models import Person
from lms.errors import Refusal
from lms.languages import ARABIC
from lms.pages.page import Page

FIELD: Final = "instead-"


class StudioLearners(Page):
    """GET: whom a move would touch, and how far one is. POST `instead-<old lesson>`: begin it."""

    ability = {"GET": "course.author", "POST": "course.publish"}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        return self._shown(self._find(slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        course = self._find(slug)
        try:
            begin_move(
                course=course,
                by=cast("Person", request.user),
                equivalents=equivalents_in(request.POST),
                at=timezone.now(),
            )
        except Refusal as refusal:
            return self._shown(course, refusal)
        return HttpResponseRedirect(reverse("studio-learners", args=[slug]), status=303)

    def _find(self, slug: str) -> Course:
        hers = Course.objects.visible_to(cast("Person", self.request.user))
        course: Course = get_object_or_404(hers.select_related("organisation", "newest"), slug=slug)
        return course

    def _shown(self, course: Course, refusal: Refusal | None = None) -> HttpResponse:
        preview = preview_of(course, {})
        return self.show(
            "learners/moving/learners.html",
            status=refusal.status if refusal else 200,
            slug=course.slug,
            title=in_language(course.title, course.languages, get_language()),
            preview=preview,
            left=[_left(one, course) for one in preview.left] if preview else [],
            move=latest_move(course),
            publishes=PUBLISHER in cast("Person", self.request.user).scope.roles,
            refusal=refusal and refusal.detail,
        )


def equivalents_in(sent: QueryDict) -> dict[UUID, UUID]:
    """What the form says of lessons that are gone; what is no lesson's id is left out."""
    found = {}
    for name, other in sent.items():
        try:
            if name.startswith(FIELD) and other:
                found[UUID(name.removeprefix(FIELD))] = UUID(str(other))
        except ValueError:
            continue
    return found


def _left(left: Left, course: Course) -> dict[str, Any]:
    """A lesson that is gone, and the lessons of the newest edition that could stand for it."""
    newest = lesson_rules(course.newest_id) if course.newest_id else {}
    language = get_language()
    return {
        "id": left.lesson,
        "title": in_language(left.title, [ARABIC], language),
        "choices": [
            (uuid, in_language(rule.title, [ARABIC], language))
            for uuid, rule in newest.items()
            if (rule.kind == "quiz") == (left.kind == "quiz")
        ],
    }
