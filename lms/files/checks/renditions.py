"""A film or a sound once more, in fewer bytes, for phones with little data. The input was checked before."""

from typing import Final

from lms.files.checks.confinement import INPUT
from lms.files.checks.ffmpeg import probe, write_middle_film, write_small_film, write_sound_alone
from lms.files.checks.media import LONGEST_SECONDS, find_programs, sniff
from lms.files.checks.verdict import FileRefused, Finding

WRITERS: Final = {
    "film_240p": write_small_film,
    "film_480p": write_middle_film,
    "sound_alone": write_sound_alone,
}


def examine(purpose: str, *, program_path: str) -> Finding:
    """Write the rendition of what is at `INPUT`: `film_240p` or `film_480p` (H.264/AAC), `sound_alone` (AAC).

    Without ffmpeg nothing is written, and the finding says so. Refuses as `not_a_video`, `not_a_sound` (a film without
    sound), `file_broken`, `type_mismatch`, `decoder_limit`.
    """
    with INPUT.open("rb") as file:
        container = sniff(file)
    programs = find_programs(program_path)
    if programs is None:
        kept = container.film_type or container.sound_type
        return Finding(content_type=kept, kept_original=True, note="ffmpeg_absent")
    tracks = probe(programs, INPUT, container.demuxer)
    made = WRITERS[purpose](programs, tracks, container.demuxer, LONGEST_SECONDS + 1)
    if made.seconds is None or made.seconds <= 0:
        raise FileRefused("file_broken")
    return Finding(
        content_type="audio/mp4" if purpose == "sound_alone" else "video/mp4",
        kept_original=False,
        seconds=made.seconds,
        width=made.width,
        height=made.height,
    )
