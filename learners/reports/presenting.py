"""A report as people and programs read it: the words beside the figures, and names where she may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from learners.enrolments.models import Enrolment
from learners.reports.queries import Behind, state_of
from learners.reports.tree import Figures, Line, Report
from lms.accounts.models import Person
from lms.accounts.names import Names
from lms.accounts.services import show_names
from lms.texts import in_words


def present_line(line: Line) -> dict[str, Any]:
    figures = line.figures
    return {
        "organisation": line.node.code if line.node else None,
        "name": in_words(line.node.name) if line.node else _("Other centres"),
        "enrolled": figures.enrolled,
        "active": figures.active,
        "silent": figures.silent,
        "completed": figures.completed,
        "certified": figures.certified,
    }


def present_funnel(figures: Figures) -> dict[str, int]:
    return {
        "enrolled": figures.enrolled,
        "started": figures.started,
        "halfway": figures.halfway,
        "completed": figures.completed,
        "certified": figures.certified,
    }


def present_report(report: Report) -> dict[str, Any]:
    return {
        "level": report.level,
        "results": [present_line(line) for line in report.lines],
        "funnel": present_funnel(report.funnel) if report.funnel else None,
    }


def present_learners(
    rows: Sequence[Enrolment], behind: Behind, *, viewer: Person, at: datetime
) -> list[dict[str, Any]]:
    """The rows of one page. Names come with the record that they were seen: one for the page."""
    named = [row.learner for row in rows if row.organisation_id in behind.named]
    names = show_names(viewer=viewer, people=named, surface="report.people", at=at) if named else {}
    return [
        {
            "person": row.learner.uuid,
            "pseudonym": row.learner.pseudonym,
            **(
                {"name": names.get(row.learner_id, Names()).full}
                if row.organisation_id in behind.named
                else {}
            ),
            "organisation": behind.codes.get(row.organisation_id or 0),
            "state": state_of(row, at=at),
            "percent": row.percent,
            "completed_at": row.completed_at,
        }
        for row in rows
    ]
