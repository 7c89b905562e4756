from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from learners.cohorts.models import Cohort
from learners.imports.api import as_download
from learners.imports.columns import ColumnsMissing
from learners.imports.forms import ColumnsForm, ListForm, name_of
from learners.imports.lists import REFUSALS, unseal_sample
from learners.imports.models import Import, ImportState
from learners.imports.presenting import present_with_preview
from learners.imports.queries import cohorts_below, imports_of, places_around, places_of, sharing_rows
from learners.imports.refused import refused_file
from learners.imports.services import NewList, send_list, start_import
from lms.accounts.models import Person
from lms.api.problems import TooLarge
from lms.errors import NotFound
from lms.files.receiving import is_too_large
from lms.organisations.models import Organisation
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.templatetags.jisr import number
from lms.texts import in_words


class ImportsPage(Page):
    """The lists she sent."""

    ability = "learner.import"

    def get(self, request: HttpRequest) -> HttpResponse:
        jobs, more = page_of(imports_of(_viewer(request)), request)
        return self.show("learners/imports/imports.html", jobs=jobs, more=more)


class NewImport(Page):
    """Where to, then which list: the place stands in the address."""

    ability = "learner.import"

    def get(self, request: HttpRequest) -> HttpResponse:
        place = _place(request)
        return self._show(place, ListForm(cohorts=_cohorts(request, place)))

    def post(self, request: HttpRequest) -> HttpResponse:
        place = _place(request)
        cohorts = _cohorts(request, place)
        form = ListForm(request.POST, request.FILES, cohorts=cohorts)
        if is_too_large(request):
            form.errors.pop("file", None)
            form.add_error("file", TooLarge().detail)
        if form.is_valid():
            given = form.cleaned_data
            cohort = next((each for each in cohorts if str(each.uuid) == given["cohort"]), None)
            sent = NewList(
                name=given["file"].name,
                file=given["file"],
                organisation=place,
                cohort=cohort,
                hold=True,
                consent=given["consent"],
            )
            try:
                job = send_list(sent=sent, by=_viewer(request), at=timezone.now())
            except REFUSALS as refusal:
                form.add_error("file", refusal.detail)
            else:
                return HttpResponseRedirect(reverse("import", args=[job.uuid]), status=303)
        return self._show(place, form, status=422)

    def _show(self, place: Organisation, form: ListForm, status: int = 200) -> HttpResponse:
        return self.show(
            "learners/imports/new.html",
            status=status,
            form=form,
            place={"code": place.code, "name": in_words(place.name)},
            places=[(each.code, in_words(each.name)) for each in places_around(_viewer(self.request), place)],
        )


def _viewer(request: HttpRequest) -> Person:
    return cast("Person", request.user)


def _place(request: HttpRequest) -> Organisation:
    """The node that the address names, else her highest."""
    code = request.GET.get("organisation", "")
    places = places_of(_viewer(request))
    if code:
        return get_object_or_404(places, code=code)
    highest = places.order_by("path").first()
    if highest is None:
        raise NotFound
    return highest


def _cohorts(request: HttpRequest, place: Organisation) -> list[Cohort]:
    return cohorts_below(_viewer(request), place)


class ImportPage(Page):
    """One list: its columns while it waits, then how far it is, then what became of it."""

    ability = "learner.import"

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        job = _own(request, import_id)
        return self._show(job, _columns_form(job))

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        job = _own(request, import_id)
        form = _columns_form(job, request.POST)
        if not form.is_valid():
            return self._show(job, form, status=422)
        dry_run = request.POST.get("answer") != "import"
        try:
            start_import(job=job, columns=form.chosen(), dry_run=dry_run, at=timezone.now())
        except ColumnsMissing as refusal:
            for error in refusal.errors:
                form.add_error(error["pointer"].rpartition("/")[2], gettext("Choose its column."))
            return self._show(job, form, status=422)
        return HttpResponseRedirect(reverse("import", args=[job.uuid]), status=303)

    def _show(self, job: Import, form: ColumnsForm, status: int = 200) -> HttpResponse:
        waits = job.state == ImportState.WAITING
        tried = job.state == ImportState.DONE and job.dry_run
        return self.show(
            "learners/imports/import.html",
            status=status,
            job=job,
            shown=present_with_preview(job),
            progress=_progress(job),
            group=name_of(job.cohort) if job.cohort else "",
            waits=waits,
            tried=tried,
            form=form if (waits or tried) and job.key else None,
            sharing=sharing_rows(job) if job.sharing else [],
        )


def _own(request: HttpRequest, import_id: UUID) -> Import:
    return get_object_or_404(imports_of(_viewer(request)), uuid=import_id)


def _columns_form(job: Import, data: QueryDict | None = None) -> ColumnsForm:
    return ColumnsForm(data, header=unseal_sample(job.sample, job.uuid)["header"], columns=job.columns)


def _progress(job: Import) -> dict[str, str | int]:
    words = ngettext("%(done)s of %(total)s row", "%(done)s of %(total)s rows", job.rows)
    return {
        "words": words % {"done": number(job.cursor), "total": number(job.rows)},
        "width": 100 * job.cursor // job.rows,
    }


class RefusedRows(Page):
    """The refused rows, with `;` between the cells as Excel in Arabic and French expects."""

    ability = "learner.import"

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        return as_download(refused_file(_own(request, import_id), delimiter=";"))
