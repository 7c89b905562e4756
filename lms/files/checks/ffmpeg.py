"""Running ffprobe and ffmpeg on a file nobody trusts: one named demuxer, few decoders, no protocol but this file.

Source: the manuals of ffmpeg 5.1, ffmpeg-formats (format_whitelist, protocol_whitelist) and ffmpeg-codecs.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lms.files.checks.confinement import INPUT, RESULT
from lms.files.checks.verdict import FileRefused

# ffprobe opens one for every track, also for the covers and texts that are then left out.
DECODERS: Final = (
    "h264", "hevc", "vp8", "vp9", "libdav1d", "libaom-av1", "av1", "mpeg4", "h263", "aac", "aac_latm",
    "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "amrnb", "amrwb", "libopencore_amrnb",
    "libopencore_amrwb", "flac", "alac", "speex", "libspeex", "pcm_u8", "pcm_s16le", "pcm_s16be",
    "pcm_s24le", "pcm_s32le", "pcm_f32le",
    "mjpeg", "png", "mov_text", "srt", "subrip", "ass", "ssa", "text", "webvtt",
)  # fmt: skip
FRAME_PIXELS: Final = 4096 * 2304
HEIGHT: Final = 640
COMPLAINT_BYTES: Final = 4_000
OUT_OF_MEMORY: Final = ("Cannot allocate memory", "std::bad_alloc")

ONLY_THE_TRACKS: Final = [
    "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
]  # fmt: skip
LOW_RATE_FILM: Final = [
    "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p",
    "-crf", "28", "-maxrate", "600k", "-bufsize", "1200k", "-vf", f"scale=-2:'min({HEIGHT},trunc(ih/2)*2)'",
]  # fmt: skip
# Baseline and 240 lines on the shorter side: the oldest phones play it, and an hour weighs about 70 MB at most.
SMALL_FILM: Final = [
    "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "baseline", "-level", "3.0", "-pix_fmt", "yuv420p",
    "-crf", "30", "-maxrate", "120k", "-bufsize", "360k", "-fpsmax", "15", "-g", "150",
    "-vf", "scale=w='if(gte(iw,ih),-2,min(240,trunc(iw/2)*2))':h='if(gte(iw,ih),min(240,trunc(ih/2)*2),-2)'",
]  # fmt: skip
# 480 lines for a better screen, on Wi-Fi: about 200 MB an hour at most.
MIDDLE_FILM: Final = [
    "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-level", "3.1", "-pix_fmt", "yuv420p",
    "-crf", "28", "-maxrate", "400k", "-bufsize", "1200k", "-fpsmax", "30", "-g", "250",
    "-vf", "scale=w='if(gte(iw,ih),-2,min(480,trunc(iw/2)*2))':h='if(gte(iw,ih),min(480,trunc(ih/2)*2),-2)'",
]  # fmt: skip
SPOKEN: Final = ["-c:a", "aac", "-b:a", "32k", "-ac", "1", "-ar", "32000"]
LOW_RATE_SOUND: Final = ["-c:a", "aac", "-b:a", "64k", "-ac", "1", "-ar", "44100"]


@dataclass(frozen=True, kw_only=True)
class Programs:
    ffmpeg: str
    ffprobe: str


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """The first film and the first sound of a file. Codec names are ffmpeg's; frames are those decoded on trial."""

    seconds: float | None
    film: str | None
    pixels: str | None
    sound: str | None
    channels: int
    width: int | None
    height: int | None
    frames: int


def guarded_input(path: Path, demuxer: str) -> list[str]:
    return [
        *("-protocol_whitelist", "file"),
        *("-format_whitelist", demuxer),
        *("-codec_whitelist", ",".join(DECODERS)),
        *("-max_pixels", str(FRAME_PIXELS)),
        *("-f", demuxer),
        *("-i", f"file:{path}"),
    ]


def run(command: list[str]) -> bytes:
    """Run one of the two programs; the limits of this process are its limits too."""
    ended = subprocess.run(  # noqa: S603 - a program found by us, arguments made by us
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    complaint = ended.stderr[-COMPLAINT_BYTES:].decode(errors="replace")
    if ended.returncode < 0 or any(sign in complaint for sign in OUT_OF_MEMORY):
        raise FileRefused("decoder_limit")
    if ended.returncode != 0:
        raise FileRefused("file_broken")
    return ended.stdout


def probe(programs: Programs, path: Path, demuxer: str) -> Tracks:
    """What is really in the file: the first two seconds of each track are decoded."""
    entries = (
        "format=duration:stream=codec_type,codec_name,width,height,pix_fmt,channels,nb_read_frames:"
        "stream_disposition=attached_pic:stream_side_data=rotation"
    )
    answer = run(
        [
            *(programs.ffprobe, "-v", "error", "-threads", "2"),
            *("-count_frames", "-read_intervals", "%+2", "-show_entries", entries, "-of", "json"),
            *guarded_input(path, demuxer),
        ]
    )
    return read_tracks(json.loads(answer))


def read_tracks(answer: dict[str, Any]) -> Tracks:
    streams = answer.get("streams", [])
    film = first(streams, "video")
    sound = first(streams, "audio")
    seconds = answer.get("format", {}).get("duration")
    width, height = film.get("width"), film.get("height")
    if on_its_side(film):
        width, height = height, width
    return Tracks(
        seconds=float(seconds) if seconds is not None else None,
        film=film.get("codec_name"),
        pixels=film.get("pix_fmt"),
        sound=sound.get("codec_name"),
        channels=int(sound.get("channels", 0)),
        width=width,
        height=height,
        frames=int((film or sound).get("nb_read_frames", 0)),
    )


def on_its_side(film: dict[str, Any]) -> bool:
    """A phone held upright films lying down and says by how much to turn it; players do."""
    return any(abs(int(data.get("rotation", 0))) % 180 == 90 for data in film.get("side_data_list", []))


def first(streams: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The first stream of a kind; a cover picture is not a film."""
    for stream in streams:
        if stream.get("codec_type") == kind and not stream.get("disposition", {}).get("attached_pic"):
            return stream
    return {}


def write_film(programs: Programs, tracks: Tracks, demuxer: str, most_seconds: int) -> Tracks:
    """Copy the film where old phones can play it as it is, else draw it anew at a low rate."""
    if tracks.film is None or not tracks.frames:
        raise FileRefused("file_broken")
    playable = tracks.film == "h264" and tracks.pixels in {"yuv420p", "yuvj420p"}
    film = ["-c:v", "copy"] if playable else LOW_RATE_FILM
    choice = ["-map", "0:V:0", "-map", "0:a:0?", *film, *sound_codec(tracks)]
    return write(programs, demuxer, choice, "mp4", most_seconds)


def write_sound(programs: Programs, tracks: Tracks, demuxer: str, most_seconds: int) -> Tracks:
    if tracks.sound is None:
        raise FileRefused("not_a_sound")
    return write(programs, demuxer, ["-map", "0:a:0", "-vn", *sound_codec(tracks)], "ipod", most_seconds)


def write_small_film(programs: Programs, tracks: Tracks, demuxer: str, most_seconds: int) -> Tracks:
    """The film drawn anew at 240 lines, its sound as speech."""
    if tracks.film is None or not tracks.frames:
        raise FileRefused("not_a_video")
    choice = ["-map", "0:V:0", "-map", "0:a:0?", *SMALL_FILM, *SPOKEN]
    return write(programs, demuxer, choice, "mp4", most_seconds)


def write_middle_film(programs: Programs, tracks: Tracks, demuxer: str, most_seconds: int) -> Tracks:
    """The film drawn anew at 480 lines."""
    if tracks.film is None or not tracks.frames:
        raise FileRefused("not_a_video")
    choice = ["-map", "0:V:0", "-map", "0:a:0?", *MIDDLE_FILM, *sound_codec(tracks)]
    return write(programs, demuxer, choice, "mp4", most_seconds)


def write_sound_alone(programs: Programs, tracks: Tracks, demuxer: str, most_seconds: int) -> Tracks:
    """The sound of a film or a recording, as speech."""
    if tracks.sound is None:
        raise FileRefused("not_a_sound")
    return write(programs, demuxer, ["-map", "0:a:0", "-vn", *SPOKEN], "ipod", most_seconds)


def sound_codec(tracks: Tracks) -> list[str]:
    return ["-c:a", "copy"] if tracks.sound == "aac" and tracks.channels <= 2 else LOW_RATE_SOUND


def write(programs: Programs, demuxer: str, choice: list[str], muxer: str, most_seconds: int) -> Tracks:
    run(
        [
            *(programs.ffmpeg, "-v", "error", "-nostdin", "-y", "-threads", "2"),
            *guarded_input(INPUT, demuxer),
            *choice,
            *ONLY_THE_TRACKS,
            *("-t", str(most_seconds), "-threads", "2", "-movflags", "+faststart"),
            *("-f", muxer, f"file:{RESULT}"),
        ]
    )
    made = probe(programs, RESULT, "mov")
    if not made.frames:
        raise FileRefused("file_broken")
    return made
