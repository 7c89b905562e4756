from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accommodations import CHOICES
from lms.languages import LANGUAGES


class ProfileForm(forms.Form):
    printed_name = forms.CharField(
        label=_("Your name as printed on a certificate"),
        help_text=_("Leave it empty to print your first and family name."),
        required=False,
        max_length=120,
    )
    latin_name = forms.CharField(
        label=_("The same name in Latin letters"),
        help_text=_("It stands beside it on the certificate."),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"dir": "ltr", "lang": "fr"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    discreet = forms.BooleanField(
        label=_("Discreet mode: the name of the platform and its messages give nothing away"), required=False
    )


class EaseForm(forms.Form):
    accommodations = forms.MultipleChoiceField(
        label=_("What makes learning easier for me"),
        help_text=_("Only you see this."),
        choices=CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class PinForm(forms.Form):
    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("4 to 8 digits that only you know."),
        max_length=20,
        widget=forms.PasswordInput(
            attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "new-password"}
        ),
    )
    current_pin = forms.CharField(
        label=_("The PIN you have now"),
        required=False,
        max_length=20,
        widget=forms.PasswordInput(
            attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "current-password"}
        ),
    )
