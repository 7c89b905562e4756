"""Small pictures of what was checked before: a film's still, a document's first page, a picture in two sizes.

Sources: the manuals of ffmpeg 5.1 and of poppler's pdftoppm 22.12.
"""

import shutil
from typing import Final

from PIL import Image

from lms.files.checks.confinement import INPUT, OUTPUT_FOLDER, RESULT
from lms.files.checks.ffmpeg import guarded_input, probe, run
from lms.files.checks.media import find_programs, sniff
from lms.files.checks.pictures import LATE_MODULES, MALFORMED, PLUGINS
from lms.files.checks.verdict import FileRefused, Finding

STILL_WIDTH: Final = 320  # some 8 kB: learners see it before they play
PAGE_WIDTH: Final = 480
SIZES: Final = {"picture_320": 320, "picture_800": 800}
ALREADY_LOADED: Final = (PLUGINS, LATE_MODULES)  # shut in, Pillow could no longer read them


def examine(purpose: str, *, program_path: str) -> Finding:
    """Draw the picture of the file at `INPUT`: a JPEG, or a WebP of a picture; never larger than what it shows.

    Without the program that draws it nothing is written, and the finding says so (`ffmpeg_absent`, `poppler_absent`).
    Refuses as `file_broken`, `not_a_video`, `decoder_limit`.
    """
    if purpose in SIZES:
        return smaller(SIZES[purpose])
    return still(program_path) if purpose == "still" else first_page(program_path)


def still(program_path: str) -> Finding:
    """The frame that says most of the first hundred after a tenth of the film (ffmpeg's filter `thumbnail`)."""
    programs = find_programs(program_path)
    if programs is None:
        return Finding(content_type="video/mp4", kept_original=True, note="ffmpeg_absent")
    with INPUT.open("rb") as file:
        demuxer = sniff(file).demuxer
    tracks = probe(programs, INPUT, demuxer)
    if tracks.film is None:
        raise FileRefused("not_a_video")
    picture = ["-vf", f"thumbnail=100,scale=w='min({STILL_WIDTH},iw)':h=-2", "-frames:v", "1", "-q:v", "7"]
    begin = ["-ss", f"{(tracks.seconds or 0) / 10:.2f}"]
    written = [
        "-map_metadata",
        "-1",
        "-fflags",
        "+bitexact",
        "-c:v",
        "mjpeg",
        "-f",
        "image2",
        f"file:{RESULT}",
    ]
    run(
        [
            *(programs.ffmpeg, "-v", "error", "-nostdin", "-y", "-threads", "2", *begin),
            *(*guarded_input(INPUT, demuxer), "-map", "0:V:0", *picture, *written),
        ]
    )
    return drawn()


def first_page(program_path: str) -> Finding:
    program = shutil.which("pdftoppm", path=program_path)
    if program is None:
        return Finding(content_type="application/pdf", kept_original=True, note="poppler_absent")
    size = ["-scale-to-x", str(PAGE_WIDTH), "-scale-to-y", "-1", "-jpegopt", "quality=70"]
    run([program, "-q", "-jpeg", "-f", "1", "-l", "1", "-singlefile", *size, str(INPUT), str(RESULT)])
    (OUTPUT_FOLDER / f"{RESULT.name}.jpg").rename(RESULT)
    return drawn()


def drawn() -> Finding:
    """What a program drew, believed only as far as its header."""
    try:
        with Image.open(RESULT, formats=["JPEG"]) as picture:
            width, height = picture.size
    except MALFORMED as error:
        raise FileRefused("file_broken") from error
    return Finding(content_type="image/jpeg", kept_original=False, width=width, height=height)


def smaller(side: int) -> Finding:
    """A picture that was drawn by us before, at most `side` pixels wide and high."""
    try:
        with Image.open(INPUT, formats=["JPEG", "PNG", "WEBP"]) as picture:
            picture.draft("RGB", (side, side))
            picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
            picture.info = {}
            picture.save(RESULT, format="WEBP", quality=72, method=4)
            width, height = picture.size
    except MALFORMED as error:
        raise FileRefused("file_broken") from error
    return Finding(content_type="image/webp", kept_original=False, width=width, height=height)
