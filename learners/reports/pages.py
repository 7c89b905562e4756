from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.catalogue.models import Course
from learners.devices.queries import last_heard
from learners.reports.presenting import present_funnel, present_learners, present_line
from learners.reports.queries import ReportState, completion_report, learners_behind
from learners.reports.tree import Figures, Level
from lms.accounts.models import Person
from lms.organisations.models import Organisation
from lms.organisations.queries import ancestors_of
from lms.pages.page import Page
from lms.texts import in_words

PAGE = 50
REPORT_WORDS = {
    ReportState.ACTIVE: gettext_lazy("Active"),
    ReportState.SILENT: gettext_lazy("Silent"),
    ReportState.COMPLETED: gettext_lazy("Completed"),
    ReportState.CERTIFIED: gettext_lazy("Certified"),
}


def asked(request: HttpRequest) -> dict[str, Any]:
    """The course and the organisation that the address names."""
    slug = request.GET.get("course", "")
    return {
        "course": get_object_or_404(Course.objects.published(), slug=slug) if slug else None,
        "organisation": request.GET.get("organisation") or None,
    }


def way_down(request: HttpRequest, code: str | None) -> list[dict[str, str]]:
    """The nodes above the one shown, from her highest down: the way back up."""
    node = Organisation.objects.visible_to(cast("Person", request.user)).filter(code=code).first()
    if node is None:
        return []
    above = [
        ancestor
        for ancestor in ancestors_of(node)
        if cast("Person", request.user).scope.reaches(ancestor.path)
    ]
    return [{"code": each.code, "name": in_words(each.name)} for each in [*above, node]]


class Completion(Page):
    """The funnel first, then a line for each region, province or centre below."""

    ability = "report.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        question = asked(request)
        scope = cast("Person", request.user).scope
        report = completion_report(scope=scope, at=timezone.now(), **question)
        courses = Course.objects.published().select_related("newest").order_by("position", "id")
        return self.show(
            "learners/reports/completion.html",
            funnel=_funnel(report.funnel) if report.funnel else None,
            lines=[present_line(line) for line in report.lines],
            lowest=report.level == Level.CENTRE,
            crumbs=way_down(request, question["organisation"]),
            course=question["course"],
            courses=[(each.slug, in_words(each.newest.title)) for each in courses if each.newest],
        )


def _funnel(figures: Figures) -> list[tuple[str, int]]:
    words = [_("Enrolled"), _("Started"), _("Halfway"), _("Completed"), _("Certified")]
    return list(zip(words, present_funnel(figures).values(), strict=True))


class CompletionPeople(Page):
    """The learners behind a number; names only in her own centre, and the look is recorded."""

    ability = "report.people"

    def get(self, request: HttpRequest) -> HttpResponse:
        viewer, at = cast("Person", request.user), timezone.now()
        question, state = asked(request), request.GET.get("state", "")
        known = ReportState(state) if state in ReportState.values else None
        behind = learners_behind(viewer=viewer, at=at, state=known, **question)
        rows = behind.enrolments.select_related("publication").order_by("-uuid")
        after = _uuid(request.GET.get("after", ""))
        page = list((rows.filter(uuid__lt=after) if after else rows)[: PAGE + 1])
        shown = page[:PAGE]
        people = present_learners(shown, behind, viewer=viewer, at=at)
        heard = last_heard(row.learner_id for row in shown if row.organisation_id in behind.named)
        return self.show(
            "learners/reports/people.html",
            people=[
                {
                    **person,
                    "word": REPORT_WORDS[person["state"]],
                    "course": in_words(row.publication.title),
                    "heard": heard.get(row.learner_id),
                }
                for person, row in zip(people, shown, strict=True)
            ],
            named=any("name" in person for person in people),
            states=list(REPORT_WORDS.items()),
            state=known,
            crumbs=way_down(request, question["organisation"]),
            organisation=question["organisation"] or "",
            course=question["course"],
            after=shown[-1].uuid if len(page) > PAGE else None,
        )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
