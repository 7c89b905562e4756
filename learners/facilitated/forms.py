from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.facilitated.links import HTTPS_ONLY, is_https
from learners.facilitated.models import GroupSession

DAY: Final = {"type": "date", "dir": "ltr"}
HOUR: Final = {"type": "time", "dir": "ltr"}


class SessionForm(forms.Form):
    """When and where. The hours are Morocco's; a session ends on the day it begins."""

    title = forms.CharField(label=_("What is it about?"), max_length=120, required=False)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    begins = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput(attrs=HOUR, format="%H:%M"))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput(attrs=HOUR, format="%H:%M"))
    place = forms.CharField(
        label=_("Where at the centre"),
        help_text=_("Leave it empty if it is held by link."),
        max_length=120,
        required=False,
    )
    link = forms.CharField(
        label=_("Link of the video call"),
        max_length=500,
        required=False,
        validators=[URLValidator(schemes=["https"], message=HTTPS_ONLY)],
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not is_https(link):
            raise forms.ValidationError(HTTPS_ONLY)
        return link

    def said(self) -> dict[str, Any]:
        """As the services take it."""
        given = self.cleaned_data
        times = {
            name: timezone.make_aware(datetime.combine(given["day"], given[field]))
            for name, field in (("starts_at", "begins"), ("ends_at", "ends"))
        }
        return {name: given[name] for name in ("title", "place", "link")} | times


def initial_of(session: GroupSession) -> dict[str, Any]:
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    times = {"day": starts.date(), "begins": starts.time(), "ends": ends.time()}
    return times | {"title": session.title, "place": session.place, "link": session.link}


class NewSessionForm(SessionForm):
    field_order = ("whom",)
    whom = forms.ChoiceField(label=_("For whom?"))

    def __init__(self, *args: Any, whom: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = whom  # type: ignore[attr-defined]  # a ChoiceField


class RecordForm(forms.Form):
    """One woman in the form of a room: done together, or the result on her paper."""

    done = forms.BooleanField(required=False)
    score = forms.IntegerField(required=False, min_value=0, max_value=100)
