"""Messages as operators see them: never to whom, never what they said."""

from django.db.models import QuerySet

from learners.notifications.models import DeliveryState, NotificationDelivery


def messages_in(state: DeliveryState) -> QuerySet[NotificationDelivery]:
    """The messages in a state, each with its kind. One statement."""
    return NotificationDelivery.objects.filter(state=state).select_related("notification")
