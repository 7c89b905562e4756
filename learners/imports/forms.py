from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from learners.cohorts.models import Cohort
from learners.imports.columns import FIELDS, FULL_NAME, Columns
from lms.texts import in_words


class ListForm(forms.Form):
    """A list, and the group it goes into. The centre stands in the address of the page."""

    cohort = forms.ChoiceField(
        label=_("Group"), required=False, help_text=_("They are enrolled in its course at once.")
    )
    file = forms.FileField(
        label=_("The list: CSV or Excel (.xlsx)"),
        help_text=_("The first row holds the titles. At most 100,000 rows and 50 MB."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    consent = forms.BooleanField(
        label=_("Each of these women agreed that her name and number are kept for the training.")
    )

    def __init__(self, *args: Any, cohorts: Sequence[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("No group")),
            *((str(cohort.uuid), name_of(cohort)) for cohort in cohorts),
        ]


def name_of(cohort: Cohort) -> str:
    """The group, its course and its centre."""
    course = cohort.course.newest or cohort.course
    names = (cohort.title, course.title, cohort.organisation.name)
    return " · ".join(filter(None, map(in_words, names)))


class ColumnField(forms.ChoiceField):
    """A column of the list, or none of them: an answer too."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ColumnsForm(forms.Form):
    """One choice of column for each field that a row may say. A column is chosen by its place, as titles repeat."""

    def __init__(self, *args: Any, header: Sequence[str], columns: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [("", _("not in this list")), *((str(place), title) for place, title in enumerate(header))]
        for field, label in FIELDS.items():
            self.fields[field] = ColumnField(
                label=str(label),
                choices=places,
                initial=str(columns.get(field, "")),
                help_text=_("Instead of the two above.") if field == FULL_NAME else "",
            )

    def chosen(self) -> Columns:
        return {field: int(place) for field, place in self.cleaned_data.items() if place}
