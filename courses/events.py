"""What this package tells others."""

from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class CoursePublished(Event):
    publication_id: int
