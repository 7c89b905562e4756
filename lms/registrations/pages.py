from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from lms.accounts.models import Person
from lms.accounts.pins import NotAPin
from lms.accounts.services import OwnPinFirst, PinNeededToShare, PinNotFree, show_names
from lms.errors import InvalidInput, NotFound, Refusal
from lms.organisations.models import Kind, Organisation
from lms.organisations.queries import joinable
from lms.pages.page import Page
from lms.pages.visit import Visit
from lms.registrations.forms import ProvinceForm, RegistrationForm
from lms.registrations.models import Registration, State
from lms.registrations.queries import sent_to
from lms.registrations.services import (
    Application,
    ConsentNeeded,
    GuardianNeeded,
    confirm_registration,
    decline_registration,
    register_herself,
)
from lms.sign_in.cookies import keep_signed_in
from lms.sign_in.models import Session
from lms.sign_in.sessions import proven_number

PAGE = 50
REASON_AT_LEAST = 3
REASON_AT_MOST = 300
FIELD_OF: dict[type[Refusal], str] = {
    ConsentNeeded: "consent",
    GuardianNeeded: "birth_year",
    PinNeededToShare: "pin",
    PinNotFree: "pin",
    NotAPin: "pin",
}

BESIDE_THE_FORM = (ConsentNeeded, GuardianNeeded, PinNeededToShare, PinNotFree, NotAPin, OwnPinFirst)


class Register(Page):
    """Joining in two steps: her province, then her name and centre. The number was proven before."""

    ability = "registration.send"

    def get(self, request: HttpRequest) -> HttpResponse:
        if proven(request) is None:
            query = urlencode({"next": reverse("register")})
            return HttpResponseRedirect(f"{reverse('sign-in')}?{query}")
        province = _province(request.GET.get("province", ""))
        if province is None:
            return self.show("lms/registrations/province.html", form=ProvinceForm())
        return self.show("lms/registrations/register.html", form=RegistrationForm(province=province))

    def post(self, request: HttpRequest) -> HttpResponse:
        session, province = proven(request), _province(request.GET.get("province", ""))
        if session is None or province is None:
            return HttpResponseRedirect(reverse("register"), status=303)
        form = RegistrationForm(request.POST, province=province, with_pin="pin" in request.POST)
        if form.is_valid():
            try:
                return _register(form, session)
            except BESIDE_THE_FORM as refusal:
                form = _with_refusal(request, province, refusal)
        return self.show("lms/registrations/register.html", form=form, status=422)


def proven(request: HttpRequest) -> Session | None:
    """Her session, when it proves a number."""
    session = cast("Visit", request).sign_in
    return session if session and session.phone_index is not None else None


def _province(code: str) -> Organisation | None:
    organisation = joinable(code) if code else None
    return organisation if organisation and organisation.kind == Kind.PROVINCE else None


def _register(form: RegistrationForm, session: Session) -> HttpResponse:
    given = form.cleaned_data
    application = Application(
        first_name=given["first_name"],
        family_name=given["family_name"],
        birth_year=given["birth_year"],
        phone=proven_number(session),
        organisation=joinable(given["organisation"]),
        language=get_language() or "ar",
        consent=given["consent"],
        pin=given.get("pin", ""),
    )
    _registration, opened = register_herself(application=application, session=session, at=timezone.now())
    response = HttpResponseRedirect(reverse("home"), status=303)
    keep_signed_in(response, opened)
    return response


def _with_refusal(request: HttpRequest, province: Organisation, refusal: Refusal) -> RegistrationForm:
    """The form as she sent it, with what was wrong beside its field; a shared number shows the field for a PIN."""
    name = FIELD_OF.get(type(refusal))
    form = RegistrationForm(request.POST, province=province, with_pin="pin" in (name, *request.POST))
    form.is_valid()
    form.errors.pop("pin", None)
    form.add_error(name, refusal.detail)
    return form


class WaitingRegistrations(Page):
    """Who waits at her centre, the oldest first; the look is recorded."""

    ability = "registration.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        viewer = cast("Person", request.user)
        rows = list(sent_to(viewer, state=State.WAITING).order_by("id")[:PAGE])
        people = [row.person for row in rows]
        names = show_names(viewer=viewer, people=people, surface="registrations", at=timezone.now())
        waiting = [(row, names[row.person_id]) for row in rows]
        return self.show("lms/registrations/waiting.html", waiting=waiting)


class AnswerRegistration(Page):
    """Take her in, or say why not."""

    ability = "registration.decide"

    def post(self, request: HttpRequest, registration_id: UUID) -> HttpResponse:
        viewer, at = cast("Person", request.user), timezone.now()
        registration = get_object_or_404(Registration.objects.visible_to(viewer), uuid=registration_id)
        if request.POST.get("answer") == "confirm":
            confirm_registration(registration=registration, by=viewer, at=at)
        elif request.POST.get("answer") == "decline":
            decline_registration(registration=registration, by=viewer, reason=_reason(request), at=at)
        else:
            raise NotFound
        return HttpResponseRedirect(reverse("registrations"), status=303)


def _reason(request: HttpRequest) -> str:
    """What the woman will read: at least three letters, as in the API."""
    reason = request.POST.get("reason", "").strip()[:REASON_AT_MOST]
    if len(reason) < REASON_AT_LEAST:
        raise InvalidInput
    return reason
