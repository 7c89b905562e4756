from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from courses.catalogue.texts import in_language
from learners.certificates.models import LIVE, Certificate, CertificateState
from learners.certificates.services import revoke_certificate
from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, column, person_at
from lms.administration.forms import ServiceForm
from lms.organisations.queries import not_a_shelter_of_others
from lms.texts import in_words

STATE_WORDS: Final[Mapping[str, Any]] = {
    CertificateState.PENDING: _("Being drawn"),
    CertificateState.READY: _("Ready"),
    CertificateState.SUPERSEDED: _("Replaced"),
    CertificateState.REVOKED: _("Taken back"),
    CertificateState.EXPIRED: _("Expired"),
}
SERIAL: Final = column("serial", _("Serial number"))
STATE: Final = column("state", _("State"), STATE_WORDS)
ISSUED: Final = column("issued_at", _("Issued"))


class RevocationForm(ServiceForm):
    """Taking a certificate back: why is kept, and its link says from then on that it is not valid."""

    reason = forms.CharField(
        label=_("Why it is taken back"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = ()

    def write(self, answers: dict[str, Any]) -> Certificate:
        return revoke_certificate(
            certificate=self.instance,
            by=person_at(self.request),
            reason=answers["reason"],
            at=timezone.now(),
        )


@admin.register(Certificate)
class CertificateAdmin(StaffModelAdmin):
    """The certificates of her part of the tree, by serial; the documents carry names and stay at the centre."""

    read = "report.people"
    write = "certificate.revoke"
    form = RevocationForm
    list_display = (SERIAL, "course_title", "place", STATE, ISSUED)
    list_display_links = (SERIAL,)
    search_fields = ("serial__exact",)
    search_help_text = _("A whole serial number")
    shown = (
        SERIAL,
        "course_title",
        "place",
        STATE,
        ISSUED,
        column("ready_at", _("Drawn")),
        column("revoked_at", _("Taken back on")),
        column("revoked_reason", _("Why it was taken back")),
    )
    asked = (*shown, "reason")

    def rows(self, staff: HasScope) -> QuerySet[Certificate]:
        at = "enrolment__organisation__"
        hers = Certificate.objects.visible_to(staff).filter(not_a_shelter_of_others(staff, at))
        return hers.select_related("enrolment__course", "enrolment__organisation")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.state in LIVE) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown

    @admin.display(description=_("Course"))
    def course_title(self, row: Any) -> str:
        return in_language(row.enrolment.course.title, row.enrolment.course.languages, get_language())

    @admin.display(description=_("Centre"))
    def place(self, row: Any) -> str:
        return in_words(row.enrolment.organisation.name) if row.enrolment.organisation else "–"
