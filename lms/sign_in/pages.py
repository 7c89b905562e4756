from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from lms.accounts.models import Person
from lms.accounts.phones import NotAMobile
from lms.errors import Refusal
from lms.pages.page import Page
from lms.pages.views import from_elsewhere
from lms.pages.visit import Visit
from lms.sign_in.addresses import address_of
from lms.sign_in.cards import CardWrong, sign_in_with_card
from lms.sign_in.codes import CodeSpent, CodeWrong, request_code
from lms.sign_in.cookies import SHARED, forget, is_shared, keep_signed_in, remember_shared
from lms.sign_in.forms import CardForm, CodeForm, PasswordForm, PhoneForm
from lms.sign_in.models import Session
from lms.sign_in.services import (
    AccountClosed,
    CredentialsWrong,
    PinNeeded,
    PinWrong,
    sign_in_with_code,
    sign_in_with_password,
)
from lms.sign_in.sessions import Device, Opened, devices_of, end_sessions

WITH_PIN = (PinNeeded, PinWrong)


def onward(request: HttpRequest) -> str:
    """The page of ours she was on her way to, else the beginning."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith("/") else reverse("home")


def welcome(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Signed in: on to where she was going, or to registering when the number is nobody's yet."""
    target = onward(request) if opened.session.person_id else reverse("register")
    response = HttpResponseRedirect(target, status=303)
    keep_signed_in(response, opened)
    remember_shared(response, opened.session.shared_device)
    return response


class AskForCode(Page):
    """Her phone number; a code comes in a message. The same page whoever she is."""

    ability = "session.open"
    template = "lms/sign_in/phone.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        shared = is_shared(request)
        page = self.show(self.template, form=PhoneForm(shared=shared), next=request.GET.get("next", ""))
        if shared:
            remember_shared(page, shared)
        return page

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST, shared=is_shared(request))
        if form.is_valid():
            try:
                phone = form.cleaned_data["phone"]
                challenge = request_code(phone=phone, address=address_of(request), at=timezone.now())
                query = urlencode({"next": onward(request)})
                return HttpResponseRedirect(
                    f"{reverse('sign-in-code', args=[challenge.uuid])}?{query}", status=303
                )
            except NotAMobile as refusal:
                form.add_error("phone", refusal.detail)
        return self.show(self.template, form=form, status=422)


class EnterCode(Page):
    """The code of the message, and her PIN where the number is shared."""

    ability = "session.open"
    template = "lms/sign_in/code.html"

    def get(self, request: HttpRequest, challenge: UUID) -> HttpResponse:
        return self.show(self.template, form=CodeForm(initial={"shared": is_shared(request)}))

    def post(self, request: HttpRequest, challenge: UUID) -> HttpResponse:
        form = CodeForm(request.POST, with_pin="pin" in request.POST)
        if not form.is_valid():
            return self.show(self.template, form=form, status=422)
        given = form.cleaned_data
        try:
            opened = sign_in_with_code(
                request=challenge,
                code=given["code"],
                pin=given.get("pin", ""),
                device=Device(kind="browser", shared=given["shared"]),
                address=address_of(request),
                at=timezone.now(),
            )
        except (CodeWrong, CodeSpent, AccountClosed, *WITH_PIN) as refusal:
            return self._again(request, refusal)
        return welcome(request, opened)

    def _again(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The form with what was wrong; a shared number shows the field for the PIN."""
        with_pin = isinstance(refusal, WITH_PIN)
        form = CodeForm(request.POST, with_pin=with_pin)
        asked_first = isinstance(refusal, PinNeeded)
        form.is_valid()
        form.errors.clear()
        if not asked_first:
            form.add_error("pin" if with_pin else "code", refusal.detail)
        return self.show(self.template, form=form, status=refusal.status)


class SignInWithCard(Page):
    """Her card and her PIN. The square opens this address; what it says behind `#` only the page's script reads."""

    ability = "session.open"
    template = "lms/sign_in/card.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.template, form=CardForm(initial={"shared": is_shared(request)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CardForm(request.POST)
        if not form.is_valid():
            return self.show(self.template, form=form, status=422)
        given = form.cleaned_data
        try:
            opened = sign_in_with_card(
                card=given["card"],
                pin=given["pin"],
                device=Device(kind="browser", shared=given["shared"]),
                address=address_of(request),
                at=timezone.now(),
            )
        except CardWrong as refusal:
            form.add_error(None, refusal.detail)
            return self.show(self.template, form=form, status=refusal.status)
        return welcome(request, opened)


class SignInWithPassword(Page):
    """Staff: e-mail and password."""

    ability = "session.open"
    template = "lms/sign_in/password.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.template, form=PasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordForm(request.POST)
        if form.is_valid():
            try:
                return welcome(
                    request,
                    sign_in_with_password(
                        **form.cleaned_data,
                        device=Device(kind="browser"),
                        address=address_of(request),
                        at=timezone.now(),
                    ),
                )
            except CredentialsWrong as refusal:
                form.add_error(None, refusal.detail)
        return self.show(self.template, form=form, status=422)


class SignOut(Page):
    """Sign out here, one other device, or everywhere."""

    ability = "session.own"

    def post(self, request: HttpRequest) -> HttpResponse:
        person, at = cast("Person", request.user), timezone.now()
        here = cast("Visit", request).sign_in
        ended = _named(request.POST.get("device", ""), devices_of(person, at=at), here)
        leaves = here is None or ended.filter(pk=here.pk).exists()
        end_sessions(ended, person=person, at=at)
        if not leaves:
            return HttpResponseRedirect(reverse("account"), status=303)
        return _left(here)


def _left(here: Session | None, *, also_storage: bool = False) -> HttpResponse:
    """Signed out here: to the beginning, or on a shared phone to the door for whoever comes next."""
    shared = here is not None and here.shared_device
    target = f"{reverse('sign-in')}?{SHARED}=1" if shared else reverse("home")
    response = HttpResponseRedirect(target, status=303)
    forget(response, also_storage=also_storage)
    return response


class RemoveFromDevice(Page):
    """Sign out here and take everything of ours off this device, after saying what has not been sent yet.

    What waits is the browser's alone to know: its script writes it into `#waiting-here`.
    """

    ability = "session.own"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("lms/sign_in/remove.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        here = cast("Visit", request).sign_in
        _end(here)
        return _left(here, also_storage=True)


def _named(which: str, sessions: QuerySet[Session], here: Session | None) -> QuerySet[Session]:
    """The sessions that a form names: `all`, one by its id, or nothing for this one."""
    if which == "all":
        return sessions
    if which:
        return sessions.filter(uuid=which) if _is_uuid(which) else sessions.none()
    return sessions.filter(pk=here.pk) if here else sessions.none()


@method_decorator(csrf_exempt, name="dispatch")
class QuickExit(Page):
    """End this session here and now, empty the browser's cache and cookies, and show the neutral page.

    Needs no CSRF token: leaving must work from a page that was open for hours. Safe to repeat.
    """

    ability = "language.choose"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponseRedirect(reverse("neutral"), status=303)
        if not from_elsewhere(request):
            _end(cast("Visit", request).sign_in)
            forget(response)
        response["Cache-Control"] = "no-store"
        return response


def _end(session: Session | None) -> None:
    if session and session.person:
        here = Session.objects.filter(pk=session.pk)
        end_sessions(here, person=session.person, at=timezone.now())
    elif session:  # a proven number that has not registered yet: nobody's sign-out to record
        session.delete()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
