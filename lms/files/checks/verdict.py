"""What a check can say: a file that may be kept, or a refusal with its code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Purpose = Literal[
    "video", "audio", "image", "document", "sheet", "voice",
    "film_240p", "film_480p", "sound_alone", "still", "first_page", "picture_320", "picture_800",
]  # fmt: skip

REFUSALS: Final = frozenset(
    {
        "decoder_limit",  # checking it took more memory, time or space than any honest file needs
        "file_broken",  # cut short, or not readable to the end
        "file_empty",
        "file_too_large",
        "media_too_long",
        "media_unsafe",  # refers to other files, or carries some inside
        "not_a_sound",  # a good file, without a sound track (or with pictures where only sound is kept)
        "not_a_video",  # a good file, without a film track
        "pdf_active_content",  # scripts, launches, forms that send, links to local files
        "pdf_embedded_file",
        "pdf_encrypted",
        "picture_animated",
        "picture_too_large",  # more than 40 million pixels, or a film frame above 4K
        "too_many_columns",
        "too_many_rows",  # of a list: 100,000 without its header
        "voice_too_long",  # a voice note of more than a minute
        "type_mismatch",  # it is something else than its purpose allows
    }
)


class FileRefused(Exception):
    """The file cannot be kept. `code` is one of `REFUSALS`; the people's words stand with the upload's service."""

    def __init__(self, code: str) -> None:
        if code not in REFUSALS:
            raise ValueError(f"{code} is not a refusal of ours")
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that may be kept and served. `bytes`, `sha256` and `content_type` describe what stands at `path`."""

    content_type: str
    bytes: int
    sha256: str
    path: Path
    seconds: float | None
    width: int | None
    height: int | None
    pages: int | None
    kept_original: bool
    note: str
    network_isolated: bool
    unprivileged: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a decoder found. `kept_original` false means that a clean file was written to `confinement.RESULT`."""

    content_type: str
    kept_original: bool
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    note: str = ""
