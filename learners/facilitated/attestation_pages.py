"""What was recorded for women: to be looked through, and the sample that somebody else answers."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.publishing.rules import lesson_rules
from learners.facilitated.auditing import AlreadyJudged, OwnRecord, attestations_of, filtered, judge, names_in
from learners.facilitated.models import Attestation, Verdict
from learners.facilitated.pages import SEE_OTHER, staff_of
from learners.facilitated.wording import KINDS, VERDICTS
from lms.access.policy import roles_with
from lms.accounts.models import Person
from lms.errors import InvalidInput
from lms.pages.context import roles_of
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.texts import in_words

DAY: Final = {"type": "date", "dir": "ltr"}
WAITING: Final = "waiting"


class FilterForm(forms.Form):
    """In the address of the page; what is no filter is left out."""

    sample = forms.BooleanField(label=_("Only the sample"), required=False)
    verdict = forms.ChoiceField(
        label=_("Answer"),
        required=False,
        choices=[("", _("All")), (WAITING, VERDICTS[""]), *((v, VERDICTS[v]) for v in Verdict.values)],
    )
    since = forms.DateField(label=_("Done since"), required=False, widget=forms.DateInput(attrs=DAY))
    until = forms.DateField(label=_("Done until"), required=False, widget=forms.DateInput(attrs=DAY))
    by = forms.UUIDField(required=False, widget=forms.HiddenInput)
    session = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """As `filtered` takes it."""
        self.full_clean()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        return said | ({"verdict": ""} if said.get("verdict") == WAITING else {})


class AttestationsPage(Page):
    """GET: the list. POST: the answer to one of the sample, or of the others."""

    ability = {"GET": "attestation.read", "POST": "attestation.audit"}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        staff = staff_of(request)
        attestation = get_object_or_404(attestations_of(staff), uuid=_uuid(request))
        try:
            judge(
                attestation=attestation,
                verdict=_verdict(request),
                by=staff,
                at=timezone.now(),
                reason=request.POST.get("reason", "")[:300],
            )
        except (OwnRecord, AlreadyJudged, InvalidInput) as refusal:
            said = refusal.errors[0]["detail"] if refusal.errors else refusal.detail
            return self._show(request, status=refusal.status, refusal=said)
        kept = urlencode(request.GET)
        address = reverse("attestations")
        return HttpResponseRedirect(f"{address}?{kept}" if kept else address, status=SEE_OTHER)

    def _show(self, request: HttpRequest, *, status: int = 200, refusal: str = "") -> HttpResponse:
        staff, at = staff_of(request), timezone.now()
        form = FilterForm(request.GET)
        rows, more = page_of(filtered(attestations_of(staff), staff=staff, **form.wanted(), at=at), request)
        audits = bool(roles_of(request) & set(roles_with("attestation.audit")))
        return self.show(
            "learners/facilitated/attestations.html",
            status=status,
            form=form,
            rows=_present(rows, staff),
            more=more,
            audits=audits,
            refusal=refusal,
        )


def _uuid(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("attestation", ""))
    except ValueError:
        return None


def _verdict(request: HttpRequest) -> Verdict:
    return Verdict.CONFIRMED if request.POST.get("answer") == Verdict.CONFIRMED else Verdict.DISPUTED


def _present(rows: list[Attestation], staff: Person) -> list[dict[str, Any]]:
    """The women's names in the reader's own centre, and those of colleagues there."""
    names, colleagues = names_in(rows, staff=staff, at=timezone.now())
    return [
        {
            "row": row,
            "name": names.get(row.enrolment.learner_id, ""),
            "lesson": _title(row),
            "kind": KINDS[row.kind],
            "verdict": VERDICTS[row.verdict],
            "by": colleagues.get(row.by_id, ""),
            "mine": row.by_id == staff.pk,
        }
        for row in rows
    ]


def _title(row: Attestation) -> str:
    rule = lesson_rules(row.enrolment.publication_id).get(row.event.lesson)
    return in_words(rule.title, get_language()) if rule else ""
