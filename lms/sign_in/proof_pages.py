from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from lms.accounts.models import Person
from lms.accounts.phones import NotAMobile
from lms.accounts.queries import herself
from lms.accounts.services import CurrentPinWrong, OwnPinFirst, PinNeededToShare, PinNotFree
from lms.api.problems import NotSignedIn
from lms.errors import NotFound, Refusal
from lms.pages.page import Page
from lms.pages.visit import Visit
from lms.sign_in.addresses import address_of
from lms.sign_in.codes import CodeSpent, CodeWrong
from lms.sign_in.forms import NewNumberForm, OwnPasswordForm, OwnPinForm, PhoneForm, ProofCodeForm
from lms.sign_in.models import Passkey, Session
from lms.sign_in.pages import onward, welcome
from lms.sign_in.passkeys import (
    PasskeyRefused,
    PasskeyWrong,
    add_passkey,
    remove_passkey,
    sign_in_with_passkey,
)
from lms.sign_in.proofs import (
    ask_new_number,
    ask_proof_code,
    change_number,
    is_fresh,
    prove_by_code,
    prove_by_secret,
)
from lms.sign_in.services import CredentialsWrong, PinWrong
from lms.sign_in.sessions import Device

NAME_OF: dict[type[Refusal], str] = {
    NotAMobile: "phone",
    CodeWrong: "code",
    CodeSpent: "code",
    PinWrong: "pin",
    CredentialsWrong: "password",
    PinNeededToShare: "pin",
    CurrentPinWrong: "pin",
    PinNotFree: "pin",
}
BESIDE: tuple[type[Refusal], ...] = (*NAME_OF, OwnPinFirst)


def beside(form: Any, refusal: Refusal) -> None:
    """What was wrong, beside its field."""
    name = NAME_OF.get(type(refusal))
    form.add_error(name if name in form.fields else None, refusal.detail)


def here(request: HttpRequest) -> Session:
    session = cast("Visit", request).sign_in
    if not session:
        raise NotSignedIn
    return session


def to_prove(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('prove')}?{urlencode({'next': request.path})}", status=303)


class Prove(Page):
    """Show again that it is she: by her PIN, her password, or a code to her number. Good for five minutes."""

    ability = "session.own"
    template = "lms/sign_in/prove.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        person, at = cast("Person", request.user), timezone.now()
        if "ask" in request.POST:
            challenge = ask_proof_code(person=person, address=address_of(request), at=at)
            return self._show(request, code=ProofCodeForm(initial={"request": challenge.uuid}))
        name = next((name for name in ("pin", "password", "code") if name in request.POST), "")
        forms: dict[str, Any] = {"pin": OwnPinForm, "password": OwnPasswordForm, "code": ProofCodeForm}
        if not name:
            return self._show(request)
        form = forms[name](request.POST)
        if form.is_valid():
            try:
                prove = prove_by_code if name == "code" else prove_by_secret
                prove(session=here(request), person=person, at=at, **form.cleaned_data)
                return HttpResponseRedirect(onward(request), status=303)
            except (CodeWrong, CodeSpent, PinWrong, CredentialsWrong) as refusal:
                beside(form, refusal)
        return self._show(request, status=422, **{name: form})

    def _show(self, request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
        she = herself(cast("Person", request.user))
        return self.show(
            self.template,
            status=status,
            code=forms.get("code"),
            pin=forms.get("pin", OwnPinForm()) if she.pin else None,
            password=forms.get("password", OwnPasswordForm()) if she.has_usable_password() else None,
            number=she.identity.phone_index is not None,
        )


class NewNumber(Page):
    """Another number: after a fresh proof, by a code to the new one."""

    ability = "self.change"
    template = "lms/sign_in/number.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_fresh(here(request), at=timezone.now()):
            return to_prove(request)
        return self.show(self.template, phone=PhoneForm(shared=True), code=None)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not is_fresh(here(request), at=timezone.now()):
            return to_prove(request)
        form = NewNumberForm(request.POST) if "code" in request.POST else PhoneForm(request.POST, shared=True)
        if form.is_valid():
            try:
                return self._next(request, form)
            except BESIDE as refusal:
                beside(form, refusal)
        phone = form if isinstance(form, PhoneForm) else None
        return self.show(self.template, status=422, phone=phone, code=None if phone else form)

    def _next(self, request: HttpRequest, form: Any) -> HttpResponse:
        who: dict[str, Any] = {
            "session": here(request),
            "person": cast("Person", request.user),
            "at": timezone.now(),
        }
        if isinstance(form, PhoneForm):
            challenge = ask_new_number(**who, phone=form.cleaned_data["phone"], address=address_of(request))
            code = NewNumberForm(initial={"request": challenge.uuid})
            return self.show(self.template, phone=None, code=code)
        change_number(**who, **form.cleaned_data)
        return HttpResponseRedirect(reverse("account"), status=303)


class MyPasskeys(Page):
    """Her passkeys. Adding needs the browser's script; listing and removing do not."""

    ability = {"GET": "session.own", "POST": "self.change"}
    template = "lms/sign_in/passkeys.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        person, at = cast("Person", request.user), timezone.now()
        if uuid := request.POST.get("remove", ""):
            passkey = get_object_or_404(Passkey, person=person, uuid=_uuid(uuid))
            remove_passkey(passkey=passkey, at=at)
            return HttpResponseRedirect(reverse("passkeys"), status=303)
        add_passkey(
            session=here(request),
            person=person,
            challenge=_uuid(request.POST.get("challenge", "")),
            credential=_answer(request, PasskeyRefused),
            name=request.POST.get("name", "")[:80],
            at=at,
        )
        return HttpResponseRedirect(reverse("passkeys"), status=303)

    def _show(self, request: HttpRequest) -> HttpResponse:
        session = here(request)
        return self.show(
            self.template,
            passkeys=Passkey.objects.filter(person=cast("Person", request.user)).order_by("-id"),
            fresh=is_fresh(session, at=timezone.now()),
            shared=session.shared_device,
        )


class SignInWithPasskey(Page):
    """What the device answered, sent by the script of the sign-in page."""

    ability = "session.open"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        opened = sign_in_with_passkey(
            challenge=_uuid(request.POST.get("challenge", "")),
            credential=_answer(request, PasskeyWrong),
            device=Device(kind="browser"),
            address=address_of(request),
            at=timezone.now(),
        )
        return welcome(request, opened)


def _answer(request: HttpRequest, refusal: type[Refusal]) -> dict[str, Any]:
    try:
        answer = orjson.loads(request.POST.get("credential", ""))
    except ValueError as error:
        raise refusal from error
    if not isinstance(answer, dict):
        raise refusal
    return answer


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
