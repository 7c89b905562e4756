from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.catalogue.texts import in_language
from learners.enrolments.models import Enrolment, EnrolmentState
from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, column
from lms.organisations.queries import not_a_shelter_of_others
from lms.texts import in_words

STATE_WORDS: Final[Mapping[str, Any]] = {
    EnrolmentState.ACTIVE: _("At it"),
    EnrolmentState.COMPLETED: _("Finished"),
    EnrolmentState.WITHDRAWN: _("Left"),
}
STATE: Final = column("state", _("State"), STATE_WORDS)
PERCENT: Final = column("percent", _("Per cent"))
LAST: Final = column("last_active_at", _("Last seen learning"))


@admin.register(Enrolment)
class EnrolmentAdmin(StaffModelAdmin):
    """How far the learners she answers for have come, under the ids that stand for them in reports."""

    read = "report.people"
    list_display = ("known_as", "course_title", "place", STATE, PERCENT, LAST)
    list_display_links = ("known_as",)
    shown = (
        "known_as",
        "course_title",
        "place",
        STATE,
        PERCENT,
        column("created_at", _("Joined")),
        LAST,
        column("completed_at", _("Completed")),
    )

    def rows(self, staff: HasScope) -> QuerySet[Enrolment]:
        hers = Enrolment.objects.visible_to(staff).filter(not_a_shelter_of_others(staff, "organisation__"))
        return hers.select_related("learner", "course", "organisation")

    @admin.display(description=_("Learner"))
    def known_as(self, row: Any) -> str:
        return str(row.learner.pseudonym)

    @admin.display(description=_("Course"))
    def course_title(self, row: Any) -> str:
        return in_language(row.course.title, row.course.languages, get_language())

    @admin.display(description=_("Centre"))
    def place(self, row: Any) -> str:
        return in_words(row.organisation.name) if row.organisation else "–"
