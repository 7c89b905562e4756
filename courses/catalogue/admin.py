from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, column
from lms.texts import in_words

SLUG: Final = column("slug", _("Address"))
OPEN: Final = column("open", _("Open to all"))


@admin.register(Course)
class CourseAdmin(StaffModelAdmin):
    """The drafts of her organisation and what is published of them; they are written elsewhere."""

    read = "course.author"
    list_display = (SLUG, "titled", "institution", "publication", OPEN)
    list_display_links = (SLUG, "titled")
    search_fields = ("slug__startswith",)
    search_help_text = _("The beginning of an address")
    shown = (SLUG, "titled", "institution", "publication", OPEN, column("hours", _("Hours")))

    def rows(self, staff: HasScope) -> QuerySet[Course]:
        return Course.objects.visible_to(staff).select_related("organisation", "newest")

    @admin.display(description=_("Title"))
    def titled(self, row: Any) -> str:
        return in_language(row.title, row.languages, get_language())

    @admin.display(description=_("Institution"))
    def institution(self, row: Any) -> str:
        return in_words(row.organisation.name)

    @admin.display(description=_("Newest publication"))
    def publication(self, row: Any) -> str:
        return str(row.newest.number) if row.newest else "–"
