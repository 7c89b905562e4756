from django.db.models import QuerySet

from learners.notifications.models import Notification, NotificationKind, NotificationPreference
from lms.access.scoping import HasScope
from lms.accounts.models import Person


def messages_of(person: HasScope) -> QuerySet[Notification]:
    """Her notifications with the course that each is about. One statement."""
    return Notification.objects.visible_to(person).select_related(
        "enrolment__course", "enrolment__publication"
    )


def unread_count(person: Person) -> int:
    """How many she has not read yet. One statement over an index of the unread only."""
    return Notification.objects.filter(person=person, read_at=None).count()


def preferences_of(person: Person) -> dict[NotificationKind, bool]:
    """For each kind whether she wants it in the app; what she never chose is on. One statement."""
    chosen = dict(NotificationPreference.objects.filter(person=person).values_list("kind", "in_app"))
    return {kind: chosen.get(kind, True) for kind in NotificationKind}
