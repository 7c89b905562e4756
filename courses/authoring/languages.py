"""In which languages a course may speak: written ones, and voices that are heard more than they are read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from courses.authoring.models import LessonKind
from lms.errors import InvalidInput
from lms.languages import CODES, VOICES

TEXTS: Final = CODES
VOICE_CODES: Final = tuple(code for code, _name in VOICES)
HEARD: Final = (LessonKind.VIDEO, LessonKind.AUDIO)


def languages_of(kind: str, course_languages: Sequence[str]) -> tuple[str, ...]:
    """The languages a lesson of this kind may have variants in: what is heard also has its voices."""
    return (*course_languages, *(VOICE_CODES if kind in HEARD else ()))


def check_words(words: Mapping[str, str], languages: Iterable[str], *, pointer: str) -> dict[str, str]:
    """Words by language as they are kept: trimmed, without empty ones, only in the course's languages."""
    strange = sorted(set(words) - set(languages))
    if strange:
        raise InvalidInput(
            errors=[
                {
                    "pointer": f"{pointer}/{language}",
                    "code": "language_not_in_course",
                    "detail": str(InvalidInput.message),
                }
                for language in strange
            ]
        )
    return {language: text.strip() for language, text in words.items() if text.strip()}
