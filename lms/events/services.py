"""Publishing a fact: the platform's one way to start work that happens later."""

from typing import Final

import orjson
from django.db import connection, transaction
from django.utils import timezone

from lms.events.facts import Event
from lms.events.tracing import current_trace
from lms.ids import uuid7
from lms.statements import rows

PUBLISH: Final = """
INSERT INTO event (event_id, topic, key, payload, schema, created_at, trace_id)
SELECT fact.id, fact.topic, fact.key, fact.payload::jsonb, fact.schema, %(at)s, %(trace)s
  FROM unnest(%(ids)s::uuid[], %(topics)s::text[], %(keys)s::text[], %(payloads)s::text[], %(schemas)s::int[])
       WITH ORDINALITY AS fact (id, topic, key, payload, schema, place)
 ORDER BY fact.place
"""


def publish(*facts: Event) -> None:
    """Write the facts in the caller's transaction, so that they exist exactly when what they tell exists.

    Raises `TransactionManagementError` outside a transaction: a fact without its row, or a row without its
    fact, is how certificates get lost.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() belongs inside the transaction of what it tells"
        )
    if not facts:
        return
    fresh = {
        "ids": [uuid7() for _ in facts],
        "topics": [fact.topic for fact in facts],
        "keys": [fact.key for fact in facts],
        "payloads": [orjson.dumps(fact.payload()).decode() for fact in facts],
        "schemas": [fact.schema for fact in facts],
    }
    rows(PUBLISH, fresh | {"at": timezone.now(), "trace": current_trace()})
