"""Texts of a course in the language that is asked for."""

from collections.abc import Mapping, Sequence


def language_of(text: Mapping[str, str], languages: Sequence[str], wanted: str | None) -> str:
    """The wanted language where the text has it, else the course's first language, else one that it has."""
    if wanted and text.get(wanted):
        return wanted
    return next((language for language in (*languages, *text) if text.get(language)), "")


def in_language(text: Mapping[str, str], languages: Sequence[str], wanted: str | None) -> str:
    return text.get(language_of(text, languages, wanted), "")
