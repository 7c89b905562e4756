from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accommodations import CHOICES

DIGITS = {"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}


class PinForm(forms.Form):
    pin = forms.CharField(
        label=_("Her PIN"),
        help_text=_("She writes it herself. Please look away."),
        max_length=20,
        widget=forms.PasswordInput(attrs={**DIGITS, "autocomplete": "new-password"}),
    )


class NewPinForm(PinForm):
    keeps_number = forms.BooleanField(label=_("She still has her number"), required=False)


class EaseForm(forms.Form):
    accommodations = forms.MultipleChoiceField(
        label=_("What she asks for"),
        help_text=_("It replaces what she had. Nobody sees it but she."),
        choices=CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("What happened?"),
        help_text=_("How you know that it is she, and what she lost."),
        min_length=3,
        max_length=300,
    )


class NumberForm(forms.Form):
    phone = forms.CharField(
        label=_("The number she has now"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "off"}),
    )


class NumberCodeForm(forms.Form):
    request = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("The code that came to her phone"), max_length=20, widget=forms.TextInput(attrs=DIGITS)
    )
    pin = forms.CharField(
        label=_("Her PIN"),
        help_text=_("A new one, if others use this number too."),
        required=False,
        max_length=20,
        widget=forms.PasswordInput(attrs={**DIGITS, "autocomplete": "new-password"}),
    )
