from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget as Number
from unfold.widgets import UnfoldAdminSelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as Text

from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from learners.cohorts.models import Cohort
from learners.cohorts.queries import cohorts_of, places_for
from learners.cohorts.services import change_cohort, create_cohort
from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, as_staff, column, person_at
from lms.administration.forms import ServiceForm
from lms.errors import InvalidInput
from lms.organisations.models import Organisation, OrganisationQuerySet
from lms.texts import in_words

SAID: Final = ("ar", "fr")
CHANGED: Final = ("seats", "starts_on", "ends_on")
CHOSEN_ONCE: Final = frozenset({"course_slug", "place"})
MANAGE: Final = "cohort.manage"


class Day(Text):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value


class CourseField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none at run time
    def label_from_instance(self, course: Course) -> str:
        return in_language(course.title, course.languages, get_language())


class CohortForm(ServiceForm):
    """What the API asks of a group, for a browser. Its course and its centre are chosen once."""

    course_slug = CourseField(
        label=_("Course"),
        queryset=Course.objects.published().order_by("position", "id"),
        to_field_name="slug",
        widget=UnfoldAdminSelectWidget,
    )
    place = forms.SlugField(label=_("Centre"), max_length=40, widget=Text, help_text=_("Its code"))
    title_ar = forms.CharField(label=_("Title in Arabic"), max_length=200, widget=Text)
    title_fr = forms.CharField(label=_("Title in French"), max_length=200, widget=Text, required=False)
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=10_000, widget=Number, required=False)
    starts_on = forms.DateField(label=_("First day"), widget=Day, required=False)
    ends_on = forms.DateField(label=_("Last day"), widget=Day, required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Cohort
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cohort: Cohort | None = kwargs.get("instance")
        if cohort:
            kwargs["initial"] = _as_asked(cohort)
        super().__init__(*args, **kwargs)
        if not cohort and len(hers := self._places()[:2]) == 1:
            self.initial["place"] = hers[0].code
        for name in CHOSEN_ONCE & self.fields.keys() if cohort else ():
            self.fields[name].disabled = True

    def write(self, answers: dict[str, Any]) -> Cohort:
        changes = {name: answers[name] for name in CHANGED} | {"title": self._title(answers)}
        by, at = person_at(self.request), timezone.now()
        if self.instance.pk:
            return change_cohort(
                cohort=self.instance, by=by, changes=changes, expected=answers["seen"], at=at
            )
        place = self._place(answers["place"])
        return create_cohort(course=answers["course_slug"], organisation=place, by=by, at=at, **changes)

    def _title(self, answers: dict[str, Any]) -> dict[str, str]:
        """With what it says in languages that are not asked for here."""
        kept = {
            language: text for language, text in (self.instance.title or {}).items() if language not in SAID
        }
        return kept | {language: text for language in SAID if (text := answers[f"title_{language}"])}

    def _places(self) -> OrganisationQuerySet:
        return places_for(as_staff(self.request, MANAGE))

    def _place(self, code: str) -> Organisation:
        place = self._places().filter(code=code).first()
        if place is None:
            raise InvalidInput.at("/place", "place_unknown", _("No centre of yours has this code."))
        return place


def _as_asked(cohort: Cohort) -> dict[str, Any]:
    return {
        "course_slug": cohort.course.slug,
        "place": cohort.organisation.code,
        **{f"title_{language}": cohort.title.get(language, "") for language in SAID},
        **{name: getattr(cohort, name) for name in CHANGED},
        "seen": cohort.version,
    }


FACTS: Final = (
    "titled",
    "course_title",
    "place",
    column("starts_on", _("First day")),
    column("ends_on", _("Last day")),
    column("seats", _("Seats")),
    "taken",
)


@admin.register(Cohort)
class CohortAdmin(StaffModelAdmin):
    """The groups of her part of the tree; a confidential centre's are its own staff's alone."""

    read = "cohort.read"
    write = MANAGE
    creates = True
    form = CohortForm
    list_display = FACTS
    list_display_links = ("titled",)
    shown = FACTS
    asked = ("course_slug", "place", "title_ar", "title_fr", "seats", "starts_on", "ends_on", "seen")

    def rows(self, staff: HasScope) -> QuerySet[Cohort]:
        works_there = models.Q(organisation__path__in=staff.scope.home_paths)
        told = models.ExpressionWrapper(works_there, output_field=models.BooleanField())
        return cohorts_of(staff).select_related("course").annotate(works_there=told)

    @admin.display(description=_("Group"))
    def titled(self, row: Any) -> str:
        return in_words(row.title)

    @admin.display(description=_("Course"))
    def course_title(self, row: Any) -> str:
        return in_language(row.course.title, row.course.languages, get_language())

    @admin.display(description=_("Centre"))
    def place(self, row: Any) -> str:
        return in_words(row.organisation.name)

    @admin.display(description=_("Seats taken"))
    def taken(self, row: Any) -> str:
        """Above the centre a count of few would point at the women behind it (`present_cohort`)."""
        return str(row.taken) if row.works_there else "–"
