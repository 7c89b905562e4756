"""What does not keep a draft from being published, but makes it harder to learn from."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.authoring.languages import HEARD
from courses.authoring.models import Lesson, LessonVariant
from courses.publishing.problems import Problem
from courses.publishing.snapshots import Draft
from lms.languages import ARABIC, FRENCH

CAPTIONS_MISSING: Final = "captions_missing"
LANGUAGE_MISSING: Final = "language_missing"
LINK_OPEN: Final = "link_not_https"
READING_LONG: Final = "more_words_than_minutes"
WARNINGS: Final[Mapping[str, str | Promise]] = {
    CAPTIONS_MISSING: _("Neither captions nor words: who cannot hear or play it has nothing."),
    LANGUAGE_MISSING: _(
        "One of the course's languages is missing here. Learners fall back to the first one."
    ),
    LINK_OPEN: _("A link begins with http. Others on the network can see what she opens."),
    READING_LONG: _("There are more words than most read in the minutes that are said."),
}
# Words a minute, silently and aloud, of practised readers: Trauzettel-Klosinski and Dietz, IOVS 53 (2012), 5452.
WORDS_A_MINUTE: Final = {ARABIC: 138, FRENCH: 195}
OPEN_LINK: Final = re.compile(r"\]\(\s*<?http://|<http://", re.IGNORECASE)


def draft_warnings(draft: Draft) -> Iterator[Problem]:
    """Every warning of the draft, in reading order: (pointer, code, the lesson)."""
    for index, (_module, inside) in enumerate(draft.modules):
        for place, (lesson, variants) in enumerate(inside):
            pointer = f"/modules/{index}/lessons/{place}"
            for at, code in lesson_warnings(lesson, variants, draft.course.languages):
                yield pointer + at, code, lesson


def lesson_warnings(
    lesson: Lesson, variants: Mapping[str, LessonVariant], languages: list[str]
) -> Iterator[tuple[str, str]]:
    """(pointer below the lesson, code)."""
    said = {code for code, variant in variants.items() if _says(variant)}
    if not said & set(languages) and lesson.kind not in HEARD:
        return  # empty: a problem, not a warning
    for language in languages:
        if language not in said:
            yield f"/variants/{language}", LANGUAGE_MISSING
    for language, variant in variants.items():
        at = f"/variants/{language}"
        if variant.upload_id and lesson.kind in HEARD and not (variant.captions or variant.body.strip()):
            yield f"{at}/captions", CAPTIONS_MISSING
        if OPEN_LINK.search(variant.body):
            yield f"{at}/body", LINK_OPEN
        if len(variant.body.split()) > lesson.minutes * WORDS_A_MINUTE.get(language, WORDS_A_MINUTE[FRENCH]):
            yield f"{at}/body", READING_LONG


def _says(variant: LessonVariant) -> bool:
    return bool(variant.body.strip() or variant.upload_id or variant.questions)
