"""Films of slides and spoken summaries, encoded by ffmpeg so that an old phone plays them."""

from __future__ import annotations

import subprocess
from array import array
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from learners.demonstration.media_making.captions import Cue, webvtt
from learners.demonstration.media_making.drawing import draw_slide
from learners.demonstration.media_making.narration import LANGUAGES, ModuleTexts, plain
from learners.demonstration.media_making.speech import chime, program, seconds_of, silence, spoken, write_wav

BREATH_BEFORE = 0.4  # seconds of stillness before a sentence
BREATH_AFTER = 0.8
SAME_BYTES = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
SPEECH_FILTER = "highpass=f=90,lowpass=f=7000,loudnorm=I=-19:TP=-2:LRA=9"
SOUND_OUT = ["-ac", "1", "-ar", "22050", "-c:a", "aac", "-b:a", "32k"]


@dataclass(frozen=True, kw_only=True)
class TimedSlide:
    """A slide's place in the film (seconds) and the samples of its sentence per language."""

    start: float
    seconds: float
    speech: dict[str, array[int]]


def make_films(module: ModuleTexts, folder: Path) -> None:
    """Write the module's film, one per language, and the captions in each language.

    Both films share one timeline: a slide lasts as long as the slower language needs, so that either
    language's captions fit either film.
    """
    timeline = _timeline(module)
    for language in LANGUAGES:
        name = f"m{module.number}-film.{language}"
        _encode_film(module, timeline, language, folder / f"{name}.mp4")
        (folder / f"{name}.vtt").write_text(webvtt(_cues(module, timeline, language)), encoding="utf-8")


def make_sounds(module: ModuleTexts, folder: Path) -> None:
    """Write the module's spoken summary in each language."""
    for language in LANGUAGES:
        samples = chime()
        for sentence in module.summary[language]:
            samples += spoken(sentence, language) + silence(BREATH_AFTER)
        _encode_sound(samples, folder / f"m{module.number}-sound.{language}.m4a")


def _timeline(module: ModuleTexts) -> list[TimedSlide]:
    slides: list[TimedSlide] = []
    start = 0.0
    for slide in module.slides:
        speech = {language: spoken(slide.say[language], language) for language in LANGUAGES}
        opening = chime() if not slides else silence(BREATH_BEFORE)
        speech = {language: opening + samples for language, samples in speech.items()}
        seconds = round(max(seconds_of(samples) for samples in speech.values()) + BREATH_AFTER, 1)
        slides.append(TimedSlide(start=start, seconds=seconds, speech=speech))
        start = round(start + seconds, 1)
    return slides


def _cues(module: ModuleTexts, timeline: list[TimedSlide], language: str) -> list[Cue]:
    return [
        Cue(start=timed.start, end=timed.start + timed.seconds - 0.1, text=plain(slide.say[language]))
        for slide, timed in zip(module.slides, timeline, strict=True)
    ]


def _encode_film(module: ModuleTexts, timeline: list[TimedSlide], language: str, target: Path) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_wav(folder / "speech.wav", _track(timeline, language))
        (folder / "slides.txt").write_text(_slides(module, timeline, language, folder), encoding="utf-8")
        video_in = ["-f", "concat", "-safe", "0", "-i", str(folder / "slides.txt")]
        video_out = ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "slow", "-tune", "stillimage"]
        picture = ["-vf", "fps=10,format=yuv420p", "-crf", "26", "-g", "50", "-threads", "1"]
        sound_in = ["-i", str(folder / "speech.wav"), "-af", SPEECH_FILTER]
        _ffmpeg(
            *video_in, *sound_in, *video_out, *picture, *SOUND_OUT, "-movflags", "+faststart", str(target)
        )


def _slides(module: ModuleTexts, timeline: list[TimedSlide], language: str, folder: Path) -> str:
    """Draw the slides and answer the list that ffmpeg's concat reads."""
    lines = []
    for step, (slide, timed) in enumerate(zip(module.slides, timeline, strict=True), start=1):
        picture = folder / f"{step}.png"
        draw_slide(
            picture,
            picture=slide.picture,
            title=slide.show[language],
            language=language,
            step=step,
            steps=len(module.slides),
        )
        lines.append(f"file '{picture}'\nduration {timed.seconds}\n")
    # concat gives the last picture no time of its own unless it is named twice
    return "".join([*lines, f"file '{picture}'\n"])


def _track(timeline: list[TimedSlide], language: str) -> array[int]:
    track = array("h")
    for timed in timeline:
        samples = timed.speech[language]
        track += samples + silence(timed.seconds - seconds_of(samples))
    return track


def _encode_sound(samples: array[int], target: Path) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "speech.wav"
        write_wav(source, samples)
        _ffmpeg("-i", str(source), "-af", SPEECH_FILTER, *SOUND_OUT, "-movflags", "+faststart", str(target))


def _ffmpeg(*arguments: str) -> None:
    *before, target = arguments
    command = [program("ffmpeg", package="ffmpeg"), "-v", "error", "-y", *before, *SAME_BYTES, target]
    subprocess.run(command, check=True)  # noqa: S603 our own arguments
