"""What can be said between packages: small facts, ids only."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self

TOPICS: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that happened. Fields are ids or short codes: an event travels through brokers, logs and backups."""

    topic: ClassVar[str]
    schema: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        cls.topic = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        TOPICS[cls.topic] = cls

    @property
    def key(self) -> str:
        """What the event is about, for people who read the outbox: `enrolment:123`."""
        name, value = next(iter(self.payload().items()))
        about = value[0] if isinstance(value, list | tuple) and value else value
        return f"{name.removesuffix('s').removesuffix('_id')}:{about}"

    def payload(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def read(cls, payload: dict[str, Any]) -> Self:
        """Rebuild the fact; fields of a newer schema are ignored so that an old worker survives them."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in payload.items() if name in known})
