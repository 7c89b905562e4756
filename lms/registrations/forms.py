from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.organisations.models import Kind, Organisation
from lms.organisations.queries import public_list
from lms.texts import in_words


class ProvinceForm(forms.Form):
    """Where she lives, so that the list of centres fits on her screen."""

    province = forms.ChoiceField(label=_("Your province"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provinces = sorted((in_words(row.name), row.code) for row in public_list(kind=Kind.PROVINCE))
        self.fields["province"].choices = [("", "—"), *((code, name) for name, code in provinces)]  # type: ignore[attr-defined]  # a ChoiceField


class RegistrationForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Family name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "bday-year"}),
    )
    organisation = forms.ChoiceField(label=_("Your centre"), widget=forms.RadioSelect)
    pin = forms.CharField(
        label=_("A PIN of your own"),
        help_text=_("This number is already used by someone. 4 to 8 digits that only you know."),
        max_length=20,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "inputmode": "numeric"}),
    )
    consent = forms.BooleanField(
        label=_("I agree that my name and number are kept for the training, and may be erased when I ask."),
        required=False,
    )

    def __init__(self, *args: Any, province: Organisation, with_pin: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        centres = public_list(parent=province.code, kind=Kind.CENTRE).order_by("sort_name", "id")
        known = [(centre.code, in_words(centre.name)) for centre in centres]
        self.fields["organisation"].choices = [*known, (province.code, _("I do not know"))]  # type: ignore[attr-defined]  # a ChoiceField
        if not with_pin:
            del self.fields["pin"]
