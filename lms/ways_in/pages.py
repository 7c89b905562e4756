from typing import Any, Final, cast
from uuid import UUID

import segno
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from lms.accounts.models import Person
from lms.accounts.phones import NotAMobile
from lms.accounts.pins import NotAPin
from lms.accounts.services import (
    CurrentPinWrong,
    OwnPinFirst,
    PinNeededToShare,
    PinNotFree,
    reveal,
    set_accommodations,
    show_names,
)
from lms.errors import Refusal
from lms.pages.page import Page
from lms.sign_in.addresses import address_of
from lms.sign_in.cards import Printed, free_card, issue_card, revoke_card
from lms.sign_in.codes import CodeSpent, CodeWrong
from lms.sign_in.models import Recovery
from lms.ways_in.forms import EaseForm, NewPinForm, NumberCodeForm, NumberForm, PinForm, ReasonForm
from lms.ways_in.queries import recoveries_for, ways_of, women_of
from lms.ways_in.services import (
    HasOwnWay,
    RecoveryOpen,
    ask_number,
    give_number,
    give_pin,
    open_recovery,
    set_first_pin,
    sign_recovery,
)

PAGE: Final = 50
ON_ONE_SHEET: Final = 50
BESIDE: Final[dict[type[Refusal], str]] = {
    NotAPin: "pin",
    PinNotFree: "pin",
    PinNeededToShare: "pin",
    CurrentPinWrong: "pin",
    CodeWrong: "code",
    CodeSpent: "code",
    NotAMobile: "phone",
}
BESIDE_HER_PIN: Final[tuple[type[Refusal], ...]] = (*BESIDE, OwnPinFirst)


class Women(Page):
    """The women of her centre and how each gets in; who looked is recorded. Chosen ones get a card printed."""

    ability = "way_in.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        staff = cast("Person", request.user)
        rows = women_of(staff).order_by("-uuid")
        after = _uuid(request.GET.get("after", ""))
        page = list((rows.filter(uuid__lt=after) if after else rows)[: PAGE + 1])
        shown = page[:PAGE]
        names = show_names(viewer=staff, people=shown, surface="ways_in", at=timezone.now())
        return self.show(
            "lms/ways_in/women.html",
            women=[(woman, names[woman.pk], ways_of(woman)) for woman in shown],
            after=shown[-1].uuid if len(page) > PAGE else None,
        )


class CardSheet(Page):
    """Print cards for the women chosen. Each card shows no name: beside it, to be cut off, stands whose it is."""

    ability = "card.issue"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        staff, at = cast("Person", request.user), timezone.now()
        chosen = [uuid for text in request.POST.getlist("person") if (uuid := _uuid(text))]
        women = list(women_of(staff).filter(uuid__in=chosen[:ON_ONE_SHEET]).order_by("-uuid"))
        if not women:
            return HttpResponseRedirect(reverse("ways-in"), status=303)
        names = show_names(viewer=staff, people=women, surface="cards", at=at)
        cards = [(names[woman.pk], issue_card(person=woman, by=staff, at=at)) for woman in women]
        return self.show(
            "lms/ways_in/sheet.html", cards=[(whose, card, square(card)) for whose, card in cards]
        )


def square(card: Printed) -> SafeString:
    svg = segno.make_qr(card.address, error="m").svg_inline(border=2, dark="#000", omitsize=True)
    return mark_safe(svg)  # noqa: S308  # drawn by segno from our own address: no text of anybody's stands in it


class Woman(Page):
    """One woman's ways in: her card freed or revoked, her first PIN, and what two people may open for her."""

    ability = {"GET": "way_in.read", "POST": "card.issue"}

    def get(self, request: HttpRequest, person_id: UUID) -> HttpResponse:
        return self._show(request, _woman(request, person_id))

    def post(self, request: HttpRequest, person_id: UUID) -> HttpResponse:
        woman, staff, at = _woman(request, person_id), cast("Person", request.user), timezone.now()
        action = request.POST.get("action")
        if action == "free":
            free_card(person=woman, by=staff, at=at)
        elif action == "revoke":
            revoke_card(person=woman, by=staff, at=at)
        elif action == "ease":
            form = EaseForm(request.POST)
            if form.is_valid():
                set_accommodations(person=woman, chosen=form.cleaned_data["accommodations"])
        elif action == "pin":
            return self._first_pin(request, woman)
        elif action == "lost":
            return self._lost(request, woman)
        return _to("way-in", woman.uuid)

    def _first_pin(self, request: HttpRequest, woman: Person) -> HttpResponse:
        form, staff = PinForm(request.POST), cast("Person", request.user)
        if form.is_valid():
            try:
                set_first_pin(person=woman, pin=form.cleaned_data["pin"], by=staff, at=timezone.now())
                return _to("way-in", woman.uuid)
            except (NotAPin, PinNotFree, HasOwnWay) as refusal:
                _beside(form, refusal)
        return self._show(request, woman, pin=form, status=422)

    def _lost(self, request: HttpRequest, woman: Person) -> HttpResponse:
        form, staff = ReasonForm(request.POST), cast("Person", request.user)
        if form.is_valid():
            try:
                reason = form.cleaned_data["reason"]
                recovery = open_recovery(person=woman, reason=reason, by=staff, at=timezone.now())
                return _to("recovery", recovery.uuid)
            except RecoveryOpen as refusal:
                _beside(form, refusal)
        return self._show(request, woman, lost=form, status=422)

    def _show(self, request: HttpRequest, woman: Person, *, status: int = 200, **forms: Any) -> HttpResponse:
        at = timezone.now()
        staff = cast("Person", request.user)
        names = show_names(viewer=staff, people=[woman], surface="ways_in", at=at)
        return self.show(
            "lms/ways_in/woman.html",
            status=status,
            woman=woman,
            names=names[woman.pk],
            ways=ways_of(woman),
            recovery=woman.recoveries.filter(closed_at=None, expires_at__gt=at).first(),
            ease=EaseForm(),
            pin=forms.get("pin", PinForm()),
            lost=forms.get("lost", ReasonForm()),
        )


class Recoveries(Page):
    """What was asked for women of her centre or below it, and waits for a signature or for her."""

    ability = "recovery.sign"

    def get(self, request: HttpRequest) -> HttpResponse:
        staff, at = cast("Person", request.user), timezone.now()
        rows = list(recoveries_for(staff, at=at).order_by("-id")[:PAGE])
        names = reveal(viewer=staff, people=[row.person_id for row in rows], surface="recoveries", at=at)
        return self.show(
            "lms/ways_in/recoveries.html", recoveries=[(row, names.get(row.person_id, "")) for row in rows]
        )


class OneRecovery(Page):
    """Signed by the second person here; then, at her centre, her number or her PIN is set anew."""

    ability = "recovery.sign"

    def get(self, request: HttpRequest, recovery_id: UUID) -> HttpResponse:
        return self._show(request, _recovery(request, recovery_id))

    def post(self, request: HttpRequest, recovery_id: UUID) -> HttpResponse:
        recovery, staff = _recovery(request, recovery_id), cast("Person", request.user)
        action = request.POST.get("action")
        if action == "sign":
            sign_recovery(recovery=recovery, by=staff, at=timezone.now())
            return _to("recovery", recovery.uuid)
        if not _at_her_centre(staff, recovery):
            return self._show(request, recovery, status=403)
        if action == "phone":
            return self._ask_number(request, recovery)
        form: Form = NumberCodeForm(request.POST) if action == "code" else NewPinForm(request.POST)
        if form.is_valid():
            try:
                _give(recovery, form, staff)
                return _to("way-in", recovery.person.uuid)
            except BESIDE_HER_PIN as refusal:
                _beside(form, refusal)
        return self._show(request, recovery, status=422, **{"code" if action == "code" else "pin": form})

    def _ask_number(self, request: HttpRequest, recovery: Recovery) -> HttpResponse:
        form = NumberForm(request.POST)
        if not form.is_valid():
            return self._show(request, recovery, phone=form, status=422)
        try:
            phone, at = form.cleaned_data["phone"], timezone.now()
            challenge = ask_number(recovery=recovery, phone=phone, address=address_of(request), at=at)
        except NotAMobile as refusal:
            _beside(form, refusal)
            return self._show(request, recovery, phone=form, status=422)
        return self._show(request, recovery, code=NumberCodeForm(initial={"request": challenge.uuid}))

    def _show(
        self, request: HttpRequest, recovery: Recovery, *, status: int = 200, **forms: Any
    ) -> HttpResponse:
        staff = cast("Person", request.user)
        person = recovery.person
        names = reveal(viewer=staff, people=[person.pk], surface="recoveries", at=timezone.now())
        return self.show(
            "lms/ways_in/recovery.html",
            status=status,
            recovery=recovery,
            name=names.get(person.pk, ""),
            may_sign=recovery.signed_at is None and recovery.opened_by_id != staff.pk,
            may_finish=recovery.signed_at is not None and _at_her_centre(staff, recovery),
            phone=forms.get("phone", NumberForm()),
            code=forms.get("code"),
            pin=forms.get("pin", NewPinForm()),
        )


def _give(recovery: Recovery, form: Form, staff: Person) -> None:
    given, at = form.cleaned_data, timezone.now()
    if "code" in given:
        give_number(
            recovery=recovery,
            request=given["request"],
            code=given["code"],
            pin=given["pin"],
            by=staff,
            at=at,
        )
    else:
        give_pin(recovery=recovery, pin=given["pin"], keeps_number=given["keeps_number"], by=staff, at=at)


def _woman(request: HttpRequest, person_id: UUID) -> Person:
    return get_object_or_404(women_of(cast("Person", request.user)), uuid=person_id)


def _recovery(request: HttpRequest, recovery_id: UUID) -> Recovery:
    rows = recoveries_for(cast("Person", request.user), at=timezone.now())
    return get_object_or_404(rows, uuid=recovery_id)


def _at_her_centre(staff: Person, recovery: Recovery) -> bool:
    home = recovery.person.home_organisation
    return home is not None and home.path in staff.scope.home_paths


def _beside(form: Form, refusal: Refusal) -> None:
    name = BESIDE.get(type(refusal))
    form.add_error(name if name in form.fields else None, refusal.detail)


def _to(name: str, uuid: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=[uuid]), status=303)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
