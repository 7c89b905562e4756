"""What a device says of itself with each batch, kept in the very statement that locks what the batch is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

DEVICES_AT_MOST: Final = 50  # of one woman; what names itself anew each time is not kept beyond that


@dataclass(frozen=True)
class Heard:
    """`waiting`: how many things it still owes after this batch, None where it does not say."""

    device: str
    waiting: int | None = None
    release: str = ""

    def values(self, at: datetime) -> dict[str, Any]:
        return {"device": self.device, "waiting": self.waiting, "release": self.release, "heard_at": at}


HEAR: Final = f"""
INSERT INTO device (person_id, name, release, waiting, first_heard_at, last_heard_at)
SELECT %(learner)s::bigint, %(device)s::text, %(release)s::text, %(waiting)s::int, %(heard_at)s::timestamptz,
       %(heard_at)s::timestamptz
 WHERE (SELECT count(*) FROM device WHERE person_id = %(learner)s) < {DEVICES_AT_MOST}
    OR EXISTS (SELECT FROM device WHERE person_id = %(learner)s AND name = %(device)s)
ON CONFLICT (person_id, name) DO UPDATE SET
    release = CASE WHEN excluded.release = '' THEN device.release ELSE excluded.release END,
    waiting = CASE WHEN excluded.last_heard_at >= device.last_heard_at THEN excluded.waiting ELSE device.waiting END,
    last_heard_at = GREATEST(device.last_heard_at, excluded.last_heard_at)
"""  # noqa: S608  # put together from constants
