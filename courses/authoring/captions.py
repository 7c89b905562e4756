"""Captions and transcripts with times: is this WebVTT (W3C, WebVTT: The Web Video Text Tracks Format, section 4.1)?"""

import re
from typing import Final

HEADER: Final = re.compile(r"\ufeff?WEBVTT(?:[ \t].*)?$")
MOMENT: Final = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING: Final = re.compile(rf"{MOMENT}[ \t]+-->[ \t]+{MOMENT}(?:[ \t].*)?$")
NO_CUES: Final = ("NOTE", "STYLE", "REGION")


def broken_line(captions: str) -> int | None:
    """The first line, from 1, that WebVTT does not allow: no header, no times, an end before its start, no words."""
    lines = captions.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not HEADER.match(lines[0]) or (len(lines) > 1 and lines[1].strip()):
        return 1
    start: int | None = None
    for number, line in enumerate([*lines[1:], ""], start=2):
        if line.strip():
            start = start or number
        elif start:
            if wrong := _wrong(lines[start - 1 : number - 1]):
                return start + wrong - 1
            start = None
    return None


def _wrong(block: list[str]) -> int:
    """Which line of a block is wrong, from 1; 0 where none is."""
    if block[0].startswith(NO_CUES):
        return 0
    at = 0 if "-->" in block[0] else 1
    times = TIMING.match(block[at]) if at < len(block) else None
    if times is None or _seconds(times.groups()[4:]) <= _seconds(times.groups()[:4]):
        return at + 1 if at < len(block) else 1
    return 0 if len(block) > at + 1 else at + 1


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000
