"""Speech and sound: sentences read by espeak-ng, joined with pauses and a soft chime, as plain WAV samples."""

from __future__ import annotations

import math
import shutil
import subprocess
import wave
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory

from learners.demonstration.media_making.narration import as_spoken

SAMPLES_A_SECOND = 22_050
VOICES = {"ar": "ar+f2", "fr": "fr+f2"}
WORDS_A_MINUTE = {"ar": 125, "fr": 135}
CHIME_NOTES = (523.25, 783.99)  # C5 and G5, in hertz


class ProgramMissing(Exception):
    """A program that makes the media is not installed; the message says how to get it."""


def program(name: str, *, package: str) -> str:
    """The full path of a program. Refuses with ProgramMissing and the Debian package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(f"{name} is missing: apt-get install {package}")
    return found


def spoken(text: str, language: str) -> array[int]:
    """The samples of one sentence, mono, 16 bit, SAMPLES_A_SECOND."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "sentence.wav"
        pace = str(WORDS_A_MINUTE[language])
        command = [program("espeak-ng", package="espeak-ng"), "-v", VOICES[language], "-s", pace]
        sentence = as_spoken(text).encode()
        subprocess.run([*command, "-w", str(target), "--stdin"], input=sentence, check=True)  # noqa: S603 our own text
        return _samples_of(target)


def silence(seconds: float) -> array[int]:
    """Samples of nothing."""
    return array("h", bytes(2 * round(seconds * SAMPLES_A_SECOND)))


def chime(seconds: float = 1.1) -> array[int]:
    """Two soft bell notes, the second a little later, fading out."""
    samples = array("h")
    for index in range(round(seconds * SAMPLES_A_SECOND)):
        at = index / SAMPLES_A_SECOND
        samples.append(
            round(3200 * sum(_bell(note, at - 0.18 * turn) for turn, note in enumerate(CHIME_NOTES)))
        )
    return samples


def _bell(note: float, at: float) -> float:
    if at < 0:
        return 0.0
    attack = min(at / 0.02, 1.0)
    return (
        attack
        * math.exp(-5 * at)
        * (math.sin(2 * math.pi * note * at) + 0.3 * math.sin(4 * math.pi * note * at))
    )


def seconds_of(samples: array[int]) -> float:
    """How long the samples last."""
    return len(samples) / SAMPLES_A_SECOND


def write_wav(target: Path, samples: array[int]) -> None:
    """Write samples as a mono 16-bit WAV file."""
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_A_SECOND)
        file.writeframes(samples.tobytes())


def _samples_of(source: Path) -> array[int]:
    with wave.open(str(source), "rb") as file:
        return array("h", file.readframes(file.getnframes()))
