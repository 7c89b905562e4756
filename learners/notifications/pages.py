"""Her messages: read where they stand, so that opening the page is reading them; and by which ways they come."""

from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from learners.help.queries import wants_help
from learners.help.services import choose_help
from learners.notifications.forms import ChoicesForm
from learners.notifications.models import Notification
from learners.notifications.places import place_of
from learners.notifications.preferences import choose, preferences_of
from learners.notifications.queries import messages_of
from learners.notifications.quiet import be_quiet, quiet_of
from learners.notifications.services import mark_all_read
from learners.notifications.texts import words_for
from lms.accounts.models import Person
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.pages.visit import Visit


def present_message(notification: Notification, *, discreet: bool) -> dict[str, Any]:
    title, body = words_for(notification, discreet=discreet)
    return {
        "title": title,
        "body": body,
        "at": notification.created_at,
        "new": notification.read_at is None,
        "url": place_of(notification),
    }


class Messages(Page):
    ability = "notification.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = cast("Person", request.user)
        rows, older = page_of(messages_of(person), request)
        messages = [present_message(row, discreet=person.discreet) for row in rows]
        if request.method == "GET":
            mark_all_read(person=person, notifications=rows, at=timezone.now())
        return self.show("learners/notifications/messages.html", messages=messages, next=older)


class MessageChoices(Page):
    ability = {"GET": "notification.read", "POST": "self.change"}

    def get(self, request: HttpRequest) -> HttpResponse:
        person = cast("Person", request.user)
        shown = ChoicesForm.shown(preferences_of(person), quiet_of(person), wants_help=wants_help(person))
        return self._show(ChoicesForm(initial=shown, staff=self._staff(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        person = cast("Person", request.user)
        form = ChoicesForm(request.POST, staff=self._staff(request))
        if not form.is_valid():
            return self._show(form, status=422)
        with transaction.atomic():
            choose(person=person, wishes=form.changed_from(preferences_of(person)))
            be_quiet(person=person, quiet=form.quiet)
            wished = form.cleaned_data.get("help")
            if wished is not None and wished != wants_help(person):
                choose_help(person=person, wanted=wished)
        return HttpResponseRedirect(reverse("messages"), status=303)

    def _staff(self, request: HttpRequest) -> bool:
        return bool(cast("Visit", request).roles)

    def _show(self, form: ChoicesForm, *, status: int = 200) -> HttpResponse:
        return self.show("learners/notifications/choices.html", form=form, status=status)
