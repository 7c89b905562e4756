"""Working the outbox off inside a test: the relay's and the workers' own code, without the broker in between."""

from datetime import datetime

from django.utils import timezone

from tasks import relay
from tasks.base import HANDLERS, handle


def work_off(*, at: datetime | None = None) -> list[str]:
    """Expand, claim and handle until nothing is due; returns the handlers that ran, in order."""
    ran = []
    while True:
        now = at or timezone.now()
        relay.expand(at=now)
        due = relay.due_handlers(at=now)
        if not due:
            return ran
        for name in due:
            fresh, again = relay.claim(HANDLERS[name], 500, at=now)
            for message in relay.messages(HANDLERS[name], fresh, again):
                handle(HANDLERS[name], message)
            ran.append(name)
