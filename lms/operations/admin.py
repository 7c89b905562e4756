from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin, column, person_at
from lms.events.models import EventDelivery
from lms.operations.services import replay

HANDLER: Final = column("handler", _("Handler"))
ATTEMPTS: Final = column("attempts", _("Attempts"))
DUE: Final = column("due_at", _("Due"))
DONE: Final = column("done_at", _("Done"))
DEAD: Final = column("dead_at", _("Given up"))


@admin.register(EventDelivery)
class EventDeliveryAdmin(StaffModelAdmin):
    """What is told to whom among the handlers; a dead delivery is given a new life."""

    read = "operations.read"
    list_display = ("topic", HANDLER, ATTEMPTS, DUE, DONE, DEAD)
    list_display_links = ("topic",)
    shown = ("topic", "key", HANDLER, ATTEMPTS, DUE, column("last_error", _("Last error")), DONE, DEAD)
    actions = ("replay_chosen",)

    def rows(self, staff: HasScope) -> QuerySet[EventDelivery]:
        seen = EventDelivery.objects.select_related("event")
        return seen if staff.scope.grants else seen.none()

    @admin.display(description=_("What happened"))
    def topic(self, row: Any) -> str:
        return str(row.event.topic)

    @admin.display(description=_("To whom"))
    def key(self, row: Any) -> str:
        return str(row.event.key)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return person_at(request).scope.may("operations.replay")

    @admin.action(description=_("Give a new life"), permissions=["replay"])
    def replay_chosen(self, request: HttpRequest, chosen: QuerySet[EventDelivery]) -> None:
        for delivery in chosen:
            replay(delivery=delivery, by=person_at(request), at=timezone.now())
        self.message_user(request, _("They are on their way again."))
