"""What must stand in no log line, whoever wrote it: numbers of phones, addresses, keys that open doors.

A net under the rule, not the rule itself: our own lines name ids and routes only (docs/security.md).
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

HIDDEN: Final = "[hidden]"
TOLD_AT_MOST: Final = 4_000
_PATTERNS: Final = (
    re.compile(r"(?:\+|00)\d[\d .-]{7,16}\d|(?<!\d)0[5-7](?:[ .-]?\d{2}){4}(?!\d)"),  # E.164 and national
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}"),  # RFC 5321, 4.5.3.1
    re.compile(r"(?i)\bbearer\s+\S+"),
    re.compile(r"(?i)\bauthorization\s*[:=]\s*\S+"),
    re.compile(r"(?i)\b(?:password|pin|code|token|session)[\"']?\s*[=:]\s*[\"']?[^\s\"'&,}]+"),
    re.compile(r"(?<=/v/)\w+|(?<=/verify/)\w+"),
    re.compile(r"[\u0621-\u064a\u2d30-\u2d7f][\u0621-\u0652\u2d30-\u2d7f ]*"),  # our own lines are English
)


def hide(text: str) -> str:
    """The text without what looks like a person: phones, e-mail addresses, keys, words in her scripts.

    Of a long text only the whole words of the first 4,000 characters are told: what it costs to look through it is not
    for whoever sent it to decide.
    """
    if len(text) > TOLD_AT_MOST:
        text = text[:TOLD_AT_MOST].rpartition(" ")[0] + "…"
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def hide_people(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: every text of a line, at any depth."""
    return {name: _hidden(value) for name, value in line.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {name: _hidden(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else hide(str(value))
