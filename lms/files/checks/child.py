"""The process that decodes: `python -m lms.files.checks.child`. One question on stdin, one answer on stdout, JSON.

Question: `{"purpose", "scratch", "program_path"}`. Answer: `{"network_isolated", "unprivileged"}` with either
`"finding"` or `"refused"`. It ends with another status than 0 only when it could not begin.
"""

import codecs
import importlib
import json
import logging
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol, cast

from lms.files.checks.confinement import LIMITS, confine
from lms.files.checks.verdict import FileRefused, Finding

DECODERS: Final = {
    "image": "lms.files.checks.pictures",
    "document": "lms.files.checks.documents",
    "audio": "lms.files.checks.media",
    "video": "lms.files.checks.media",
    "voice": "lms.files.checks.media",
    "sheet": "lms.files.checks.spreadsheets",
    "film_240p": "lms.files.checks.renditions",
    "film_480p": "lms.files.checks.renditions",
    "still": "lms.files.checks.stills",
    "first_page": "lms.files.checks.stills",
    "picture_320": "lms.files.checks.stills",
    "picture_800": "lms.files.checks.stills",
    "sound_alone": "lms.files.checks.renditions",
}

# Python loads these on first use; shut in, it could no longer read its own library.
LATE_CODECS: Final = (
    "ascii",
    "latin-1",
    "utf-8",
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "cp1252",
    "charmap",
    "idna",
)


class Decoder(Protocol):
    def examine(self, purpose: str, *, program_path: str) -> Finding: ...


def load_decoder(purpose: str) -> Decoder:
    """Only the one that is needed: what is not loaded cannot be attacked."""
    for name in LATE_CODECS:
        codecs.lookup(name)
    return cast("Decoder", importlib.import_module(DECODERS[purpose]))


def verdict(decoder: Decoder, purpose: str, program_path: str) -> dict[str, Any]:
    try:
        return {"finding": asdict(decoder.examine(purpose, program_path=program_path))}
    except FileRefused as refusal:
        return {"refused": refusal.code}
    except MemoryError:
        return {"refused": "decoder_limit"}
    except Exception:  # noqa: BLE001 - a hostile file may break a decoder in any way; it is refused in every one
        traceback.print_exc(limit=-6)
        return {"refused": "file_broken"}


def main() -> None:
    question = json.load(sys.stdin)
    purpose = question["purpose"]
    decoder = load_decoder(purpose)
    logging.getLogger().addHandler(logging.NullHandler())
    confined = confine(Path(question["scratch"]), LIMITS[purpose])
    answer = asdict(confined) | verdict(decoder, purpose, question["program_path"])
    json.dump(answer, sys.stdout)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
