"""A draft as its writer looks at it: what is there, what is missing, what two people wrote differently."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from courses.authoring.languages import languages_of
from courses.authoring.models import Lesson, LessonKind, LessonVariant
from courses.catalogue.models import Course
from courses.publishing.problems import PROBLEMS, Problem, draft_problems
from courses.publishing.rendering import to_html
from courses.publishing.snapshots import read_draft
from courses.publishing.warnings import WARNINGS, draft_warnings
from courses.reviewing.models import OPEN, Review
from lms.files.models import RenditionKind, RenditionState

MESSAGES: Final = {problem.code: problem.message for problem in PROBLEMS} | dict(WARNINGS)
KINDS: Final = tuple(LessonKind.values)
SHOWN: Final = (RenditionKind.AUDIO, RenditionKind.VIDEO_240P, RenditionKind.VIDEO_480P)


@dataclass(frozen=True)
class Line:
    """A line of a difference: `sign` is `+` for hers, `-` for the other's, empty for both."""

    sign: str
    text: str


def problems_of(course: Course) -> list[Problem]:
    """What keeps the draft from being published, in reading order."""
    return list(draft_problems(read_draft(course)))


def warnings_of(course: Course) -> list[Problem]:
    """What makes the draft harder to learn from, in reading order."""
    return list(draft_warnings(read_draft(course)))


def missing_languages(lesson: Lesson, course: Course) -> list[str]:
    """The course's languages in which a lesson says nothing yet; its variants were read before."""
    said = {variant.language for variant in lesson.variants.all() if _says(variant)}
    written = [code for code in languages_of(lesson.kind, course.languages) if code in course.languages]
    return [code for code in written if code not in said]


def _says(variant: LessonVariant) -> bool:
    return bool(variant.body.strip() or variant.questions or variant.upload_id)


MONTH: Final = 1_000_000_000  # bytes: what most learners buy for a month (1 to 2 GB)


@dataclass(frozen=True)
class Weight:
    """What one way to take a lesson costs her. `kind`: `words`, `original`, or that of a rendition."""

    kind: str
    bytes: int

    @property
    def share(self) -> float:
        """Of a month's data, in percent."""
        return 100 * self.bytes / MONTH


def weights_of(variant: LessonVariant) -> list[Weight]:
    """What a lesson weighs in one language, the lightest first; its file and renditions were read before."""
    words = len(to_html(variant.body).encode()) + len(variant.captions.encode())
    file = variant.upload.file if variant.upload_id and variant.upload else None
    made = file.renditions.all() if file else ()
    heavy = {row.kind: row.bytes for row in made if row.state == RenditionState.READY}
    weights = [Weight("words", words)] if words else []
    weights += [Weight(kind, heavy[kind]) for kind in SHOWN if kind in heavy]
    return sorted(weights + ([Weight("original", file.bytes)] if file else []), key=lambda one: one.bytes)


def open_review(course: Course) -> Review | None:
    """What of the course waits for a decision or for its time; else the newest that was returned. One statement."""
    reviews = Review.objects.filter(course=course).select_related("submitted_by", "decided_by")
    newest = reviews.prefetch_related("comments__by").order_by("-id").first()
    return newest if newest and (newest.state in OPEN or newest.state == "returned") else None


def difference(others: str, hers: str) -> Sequence[Line]:
    """Line by line what one wrote and the other did not; empty where they are the same."""
    if others == hers:
        return []
    lines = difflib.ndiff(others.splitlines(), hers.splitlines())
    return [Line(line[0].strip(), line[2:]) for line in lines if line[0] != "?"]
