from django.db.models import QuerySet

from learners.notifications.models import Notification, NotificationQuerySet
from lms.access.scoping import HasScope
from lms.accounts.models import Person


def messages_of(person: HasScope) -> QuerySet[Notification]:
    """Her notifications in the app with the course that each is about. One statement."""
    hers: NotificationQuerySet = Notification.objects.visible_to(person)
    return hers.shown().select_related("enrolment__course", "enrolment__publication")


def unread_count(person: Person) -> int:
    """How many she has not read yet. One statement over an index of the unread only."""
    return Notification.objects.shown().filter(person=person, read_at=None).count()
