"""What progress should come to, said a second time and simply: the fold of the events that the server keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

BELIEVED_PAST = timedelta(days=400)
BELIEVED_FUTURE = timedelta(minutes=5)


@dataclass
class Lesson:
    state: str = "opened"
    percent: int = 0
    score: int | None = None
    seconds: int = 0
    position: int | None = None


def happened_at(said: datetime, received: datetime) -> datetime:
    """Her clock while it can be believed, else ours."""
    return said if received - BELIEVED_PAST <= said <= received + BELIEVED_FUTURE else received


def fold(
    events: Iterable[tuple[Mapping[str, Any], datetime]], grades: Iterable[tuple[str, int, bool]]
) -> dict[str, Lesson]:
    """Progress by lesson: events as they were recorded, each with the moment it was received; grades of quizzes."""
    lessons: dict[str, Lesson] = {}
    latest: dict[str, tuple[datetime, int]] = {}
    for event, received in events:
        lesson = lessons.setdefault(event["lesson"], Lesson())
        lesson.seconds += event.get("seconds", 0)
        lesson.percent = max(lesson.percent, event.get("percent", 0))
        if event["verb"] == "finished":
            lesson.state, lesson.percent = "finished", 100
        if "position" in event:
            moment = happened_at(datetime.fromisoformat(event["occurred_at"]), received)
            place = (moment, event["position"])
            if place >= latest.get(event["lesson"], place):
                latest[event["lesson"]] = place
                lesson.position = event["position"]
    for quiz, score, passed in grades:
        lesson = lessons.setdefault(quiz, Lesson())
        lesson.score = max(lesson.score or 0, score)
        if passed:
            lesson.state, lesson.percent = "finished", 100
    return lessons
