"""The gradebooks of a centre's groups."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from learners.cohorts.models import Cohort
from learners.gradebook.api import file_answer
from learners.gradebook.queries import cohorts_graded_by, columns_of, graded, members_of
from lms.accounts.models import Person
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.texts import in_words


class Gradebooks(Page):
    """The groups of the centres where she works, the newest first."""

    ability = "gradebook.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, more = page_of(cohorts_graded_by(cast("Person", request.user)), request)
        return self.show("learners/gradebook/groups.html", groups=[_named(row) for row in rows], more=more)


def _named(cohort: Cohort) -> dict[str, Any]:
    course = cohort.course.newest or cohort.course
    return {"id": cohort.uuid, "group": in_words(cohort.title), "course": in_words(course.title)}


class GradebookPage(Page):
    """One group's table; `?kind=csv` or `xlsx` takes it out as a file."""

    ability = "gradebook.read"

    def get(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        staff = cast("Person", request.user)
        cohort: Cohort = get_object_or_404(cohorts_graded_by(staff), uuid=cohort_id)
        if kind := request.GET.get("kind"):
            return file_answer(cohort, staff=staff, kind=kind, delimiter=";")
        columns = columns_of(cohort)
        members, more = page_of(members_of(cohort), request, ordering="id")
        rows = list(graded(members, columns, staff=staff, named=True, at=timezone.now()))
        titles = [column.title_in(get_language()) for column in columns]
        return self.show(
            "learners/gradebook/group.html", titles=titles, rows=rows, more=more, **_named(cohort)
        )
