"""The queues of the workers: their names, and how many messages wait in each."""

from typing import Final, Literal

import redis
from django.conf import settings

Queue = Literal["default", "messages", "certificates", "tallies", "imports", "media", "renditions"]
QUEUES: Final[tuple[Queue, ...]] = (
    "default",
    "messages",
    "certificates",
    "tallies",
    "imports",
    "media",
    "renditions",
)
SECONDS: Final = 1.0


def waiting_messages() -> dict[Queue, int] | None:
    """Messages that wait for a worker, by queue; None while the broker does not answer within a second."""
    client = redis.Redis.from_url(
        settings.QUEUES_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=None
    )
    try:
        with client.pipeline(transaction=False) as lengths:
            for queue in QUEUES:
                lengths.llen(queue)
            return dict(zip(QUEUES, lengths.execute(), strict=True))
    except redis.RedisError:
        return None
    finally:
        client.close()
