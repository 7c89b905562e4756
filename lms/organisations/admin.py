from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, column
from lms.organisations.models import Kind, Organisation
from lms.texts import in_words

KIND_WORDS: Final[Mapping[str, Any]] = {
    Kind.MINISTRY: _("Ministry"),
    Kind.AGENCY: _("Agency"),
    Kind.INSTITUTE: _("Institute"),
    Kind.UNIVERSITY: _("University"),
    Kind.REGION: _("Region"),
    Kind.PROVINCE: _("Province"),
    Kind.CENTRE: _("Centre"),
    Kind.ASSOCIATION: _("Association"),
    Kind.PARTNER: _("Partner"),
}
CODE: Final = column("code", _("Code"))
KIND: Final = column("kind", _("Kind"), KIND_WORDS)
AT_WORK: Final = column("is_active", _("At work"))


@admin.register(Organisation)
class OrganisationAdmin(StaffModelAdmin):
    """Her part of the tree; never an address."""

    read = "organisation.read"
    list_display = (CODE, "named", KIND, "above", AT_WORK)
    list_display_links = (CODE, "named")
    search_fields = ("code__startswith",)
    search_help_text = _("The beginning of a code")
    shown = (CODE, "named", KIND, "above", AT_WORK)

    def rows(self, staff: HasScope) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(staff).select_related("parent").defer("address")

    @admin.display(description=_("Name"))
    def named(self, row: Any) -> str:
        return in_words(row.name)

    @admin.display(description=_("Belongs to"))
    def above(self, row: Any) -> str:
        return in_words(row.parent.name) if row.parent else "–"
