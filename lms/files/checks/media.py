"""Films and sounds: the container is read by us, then ffmpeg writes a new one of which nothing but the tracks is old.

Without ffmpeg the original is kept when its structure held, and the finding says so (`ffmpeg_absent`).
"""

import shutil
from typing import BinaryIO, Final

from lms.files.checks import isobmff, matroska, sounds
from lms.files.checks.confinement import INPUT
from lms.files.checks.containers import Container, Contents, refuse_archives
from lms.files.checks.ffmpeg import Programs, probe, write_film, write_sound, write_sound_alone
from lms.files.checks.verdict import FileRefused, Finding

LONGEST_SECONDS: Final = 4 * 3600
LONGEST_VOICE: Final = 61  # a minute, and what a phone needs to stop
FRAME_PIXELS: Final = 4096 * 2304

MP4: Final = Container(demuxer="mov", film_type="video/mp4", sound_type="audio/mp4", read=isobmff.read)
QUICKTIME: Final = Container(
    demuxer="mov", film_type="video/quicktime", sound_type="audio/mp4", read=isobmff.read
)
WEBM: Final = Container(
    demuxer="matroska", film_type="video/webm", sound_type="audio/webm", read=matroska.read
)
MATROSKA: Final = Container(
    demuxer="matroska", film_type="video/x-matroska", sound_type="audio/x-matroska", read=matroska.read
)
OGG: Final = Container(demuxer="ogg", film_type=None, sound_type="audio/ogg", read=sounds.read_ogg)
WAV: Final = Container(demuxer="wav", film_type=None, sound_type="audio/wav", read=sounds.read_wav)
MP3: Final = Container(demuxer="mp3", film_type=None, sound_type="audio/mpeg", read=sounds.read_mp3)
ADTS: Final = Container(demuxer="aac", film_type=None, sound_type="audio/aac", read=sounds.read_adts)

WRITERS: Final = {"video": write_film, "audio": write_sound, "voice": write_sound_alone}


def examine(purpose: str, *, program_path: str) -> Finding:
    """Check the film or sound at `INPUT`, and write its clean copy where ffmpeg is found on `program_path`.

    A film becomes H.264/AAC in MP4, a sound AAC in M4A, a voice note speech of at most a minute. Refuses as
    `type_mismatch`, `file_broken`, `not_a_video`, `not_a_sound`, `media_unsafe`, `media_too_long`, `voice_too_long`,
    `picture_too_large`, `decoder_limit`.
    """
    with INPUT.open("rb") as file:
        container = sniff(file)
        refuse_archives(file)
        file.seek(0)
        contents = container.read(file, INPUT.stat().st_size)
    refuse_contents(contents, purpose)
    programs = find_programs(program_path)
    if programs is None:
        return original(container, contents, purpose)
    return rewritten(programs, container, purpose)


def sniff(file: BinaryIO) -> Container:
    """Which container this is, by its first bytes. The loosest sign, a bare MPEG frame, is asked for last."""
    head = file.read(16)
    if isobmff.is_isobmff(head):
        return QUICKTIME if isobmff.is_quicktime(head) else MP4
    if matroska.is_matroska(head):
        return WEBM if matroska.document_type(file) == "webm" else MATROSKA
    signs = ((sounds.is_ogg, OGG), (sounds.is_wav, WAV), (sounds.is_adts, ADTS), (sounds.is_mp3, MP3))
    for sign, container in signs:
        if sign(head):
            return container
    raise FileRefused("type_mismatch")


def refuse_contents(contents: Contents, purpose: str) -> None:
    if purpose == "video" and not contents.films:
        raise FileRefused("not_a_video")
    if purpose != "video" and not contents.sounds:
        raise FileRefused("not_a_sound")
    refuse_length(contents.seconds, purpose)
    if (contents.width or 0) * (contents.height or 0) > FRAME_PIXELS:
        raise FileRefused("picture_too_large")


def longest(purpose: str) -> int:
    return LONGEST_VOICE if purpose == "voice" else LONGEST_SECONDS


def refuse_length(seconds: float | None, purpose: str) -> None:
    if seconds is not None and not 0 <= seconds <= longest(purpose):
        raise FileRefused("voice_too_long" if purpose == "voice" else "media_too_long")


def find_programs(program_path: str) -> Programs | None:
    ffmpeg, ffprobe = (shutil.which(name, path=program_path) for name in ("ffmpeg", "ffprobe"))
    return Programs(ffmpeg=ffmpeg, ffprobe=ffprobe) if ffmpeg and ffprobe else None


def original(container: Container, contents: Contents, purpose: str) -> Finding:
    if purpose != "video" and contents.films:
        raise FileRefused("not_a_sound")  # only ffmpeg could take the sound out
    content_type = container.film_type if purpose == "video" else container.sound_type
    if content_type is None:
        raise FileRefused("not_a_video")
    return Finding(
        content_type=content_type,
        kept_original=True,
        seconds=contents.seconds,
        width=contents.width if purpose == "video" else None,
        height=contents.height if purpose == "video" else None,
        note="ffmpeg_absent",
    )


def rewritten(programs: Programs, container: Container, purpose: str) -> Finding:
    tracks = probe(programs, INPUT, container.demuxer)
    refuse_length(tracks.seconds, purpose)
    if (tracks.width or 0) * (tracks.height or 0) > FRAME_PIXELS:
        raise FileRefused("picture_too_large")
    made = WRITERS[purpose](programs, tracks, container.demuxer, longest(purpose) + 1)
    if made.seconds is None or made.seconds <= 0:
        raise FileRefused("file_broken")
    refuse_length(made.seconds, purpose)
    return Finding(
        content_type="video/mp4" if purpose == "video" else "audio/mp4",
        kept_original=False,
        seconds=made.seconds,
        width=made.width,
        height=made.height,
    )
