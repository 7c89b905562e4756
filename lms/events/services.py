"""Publishing a fact: the platform's one way to start work that happens later."""

from django.db import connection, transaction

from lms.events.facts import Event
from lms.events.models import StoredEvent
from lms.events.tracing import current_trace


def publish(*facts: Event) -> None:
    """Write the facts in the caller's transaction, so that they exist exactly when what they tell exists.

    Raises `TransactionManagementError` outside a transaction: a fact without its row, or a row without its
    fact, is how certificates get lost.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() belongs inside the transaction of what it tells"
        )
    trace = current_trace()
    StoredEvent.objects.bulk_create(
        StoredEvent(topic=f.topic, key=f.key, payload=f.payload(), schema=f.schema, trace_id=trace)
        for f in facts
    )
