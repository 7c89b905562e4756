from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

CODE = {"dir": "ltr", "inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "8"}
PIN = {"dir": "ltr", "inputmode": "numeric", "autocomplete": "current-password", "maxlength": "8"}


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("Your phone number"),
        help_text=_("We send you a code in a short message."),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, shared: bool = False, **kwargs: Any) -> None:
        """On a phone that others use the browser neither keeps nor offers numbers."""
        super().__init__(*args, **kwargs)
        if shared:
            self.fields["phone"].widget.attrs["autocomplete"] = "off"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code of six digits"), max_length=20, widget=forms.TextInput(attrs=CODE)
    )
    pin = forms.CharField(
        label=_("Your own PIN"),
        help_text=_("Several people use this number. Your PIN opens your account."),
        max_length=20,
        widget=forms.PasswordInput(attrs=PIN),
    )
    shared = forms.BooleanField(label=_("Others use this phone too"), required=False)

    def __init__(self, *args: Any, with_pin: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_pin:
            del self.fields["pin"]


class CardForm(forms.Form):
    card = forms.CharField(
        label=_("The twelve digits of your card"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}),
    )
    pin = forms.CharField(
        label=_("Your own PIN"),
        max_length=20,
        widget=forms.PasswordInput(attrs={**PIN, "autocomplete": "off"}),
    )
    shared = forms.BooleanField(label=_("Others use this phone too"), required=False)


class PasswordForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "current-password"}),
    )


class OwnPinForm(forms.Form):
    pin = forms.CharField(label=_("Your own PIN"), max_length=20, widget=forms.PasswordInput(attrs=PIN))


class OwnPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "current-password"}),
    )


class ProofCodeForm(forms.Form):
    request = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("The code of six digits"), max_length=20, widget=forms.TextInput(attrs=CODE)
    )


class NewNumberForm(ProofCodeForm):
    pin = forms.CharField(
        label=_("Your own PIN"),
        help_text=_("Only if others use this number too."),
        required=False,
        max_length=20,
        widget=forms.PasswordInput(attrs=PIN),
    )
