"""What every container parser shares: reading exactly, and the facts that are looked for."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from lms.files.checks.verdict import FileRefused

TRACKS: Final = 32


@dataclass(kw_only=True)
class Contents:
    """What a container says of itself. `seconds` None where it does not say (a recording made as it went)."""

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    films: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)

    def refuse_many_tracks(self) -> None:
        if len(self.films) + len(self.sounds) > TRACKS:
            raise FileRefused("decoder_limit")


@dataclass(frozen=True, kw_only=True)
class Container:
    """One kind of file: how it is served, what ffmpeg calls it, and who reads its structure."""

    demuxer: str
    film_type: str | None
    sound_type: str
    read: Callable[[BinaryIO, int], Contents]


def read_exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise FileRefused("file_broken")
    return data


def refuse_archives(file: BinaryIO) -> None:
    """A zip (and with it a Java program or an office file) is read from its end, so it can hide behind any film."""
    if zipfile.is_zipfile(file):
        raise FileRefused("type_mismatch")
