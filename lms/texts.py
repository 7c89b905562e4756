"""Texts kept in several languages, `{"ar": …, "fr": …}`, in the one that is asked for."""

from collections.abc import Mapping

from django.utils.translation import get_language

from lms.languages import ARABIC


def in_words(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in `language` (default: the request's), else in Arabic, else in any language that it has."""
    wanted = language or get_language() or ARABIC
    return texts.get(wanted) or texts.get(ARABIC) or next(iter(texts.values()), "")
