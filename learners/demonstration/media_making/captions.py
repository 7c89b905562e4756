"""Captions in WebVTT (https://www.w3.org/TR/webvtt1/) from sentences and the seconds they last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cue:
    """One caption: from and until in seconds from the film's start."""

    start: float
    end: float
    text: str


def webvtt(cues: Iterable[Cue]) -> str:
    """The caption file's whole text."""
    blocks = (
        f"{number}\n{_time(cue.start)} --> {_time(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "WEBVTT\n\n" + "\n".join(blocks)


def _time(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
