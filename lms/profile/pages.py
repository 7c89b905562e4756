from typing import Any, cast

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from lms.accounts.models import Person
from lms.accounts.pins import NotAPin
from lms.accounts.presenting import present_me
from lms.accounts.services import CurrentPinNeeded, CurrentPinWrong, NotLatin, PinNotFree
from lms.pages.page import Page
from lms.pages.visit import Visit
from lms.profile.forms import EaseForm, PinForm, ProfileForm
from lms.profile.services import Changes, change_me
from lms.sign_in.sessions import devices_of


def form_sent(request: HttpRequest) -> Form:
    """Which of the forms of her account came."""
    if "pin" in request.POST:
        return PinForm(request.POST)
    return EaseForm(request.POST) if "ease" in request.POST else ProfileForm(request.POST)


class Account(Page):
    """Her name as printed, her language, discreet mode, her PIN and her devices."""

    ability = {"GET": "self.read", "POST": "self.change"}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = form_sent(request)
        if form.is_valid():
            try:
                person = cast("Person", request.user)
                change_me(person=person, changes=Changes(**form.cleaned_data), at=timezone.now())
                return HttpResponseRedirect(reverse("account"), status=303)
            except NotLatin as refusal:
                form.add_error("latin_name", refusal.detail)
            except (NotAPin, PinNotFree) as refusal:
                form.add_error("pin", refusal.detail)
            except (CurrentPinNeeded, CurrentPinWrong) as refusal:
                form.add_error("current_pin", refusal.detail)
        return self._show(request, form)

    def _show(self, request: HttpRequest, sent: Any = None) -> HttpResponse:
        person, at = cast("Person", request.user), timezone.now()
        me = present_me(person, at=at)
        initial = {name: me[name] for name in ("printed_name", "latin_name", "language", "discreet")}
        return self.show(
            "lms/profile/account.html",
            status=422 if sent else 200,
            me=me,
            profile=sent if isinstance(sent, ProfileForm) else ProfileForm(initial=initial),
            pin=sent if isinstance(sent, PinForm) else PinForm(),
            ease=sent
            if isinstance(sent, EaseForm)
            else EaseForm(initial={"accommodations": me["accommodations"]}),
            devices=devices_of(person, at=at).order_by("-last_seen"),
            here=cast("Visit", request).sign_in,
        )
