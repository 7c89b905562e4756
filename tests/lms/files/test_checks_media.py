"""Films and sounds as ffmpeg wrote them: nothing of the original but its tracks, in a shape that old phones play."""

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from lms.files.checks import CheckedFile, FileRefused, Purpose, check_file
from tests.lms.files import hostile

CANARY = "SECRET-CANARY"

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(
        not (shutil.which("ffmpeg") and shutil.which("ffprobe")),
        reason="needs ffmpeg: apt-get install -y ffmpeg",
    ),
]

FILM = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=2"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"]
TAGS = [
    "-metadata",
    f"title={CANARY}",
    "-metadata",
    "location=+35.1932-006.1557/",
    "-metadata",
    f"comment={CANARY}",
]


def ffmpeg(folder: Path, name: str, *arguments: str) -> Path:
    path = folder / name
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *arguments, str(path)], check=True, stdin=subprocess.DEVNULL
    )
    return path


def streams(path: Path) -> list[str]:
    run = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "json", str(path)],
        check=True,
        capture_output=True,
    )
    return [stream["codec_name"] for stream in json.loads(run.stdout)["streams"]]


def check(path: Path, purpose: Purpose) -> CheckedFile:
    workdir = path.parent / "work"
    workdir.mkdir(exist_ok=True)
    return check_file(path, purpose=purpose, workdir=workdir)


def test_a_phones_film_loses_its_place_and_can_start_before_it_has_all_arrived(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path, "a", *FILM, *SOUND, *H264, "-c:a", "aac", *TAGS, "-f", "mp4")

    checked = check(path, "video")

    made = checked.path.read_bytes()
    assert (checked.content_type, checked.width, checked.height) == ("video/mp4", 320, 240)
    assert checked.seconds == pytest.approx(2, abs=0.1)
    assert streams(checked.path) == ["h264", "aac"]
    assert made.index(b"moov") < made.index(b"mdat")
    assert CANARY.encode() in path.read_bytes()
    assert CANARY.encode() not in made
    assert b"+35.1932" not in made
    assert (checked.kept_original, checked.note) == (False, "")


def test_a_film_taken_upright_stays_upright(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path, "a", *FILM, *H264, "-f", "mp4")
    content = path.read_bytes()
    header = content.index(b"tkhd")
    as_it_is = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 240 << 16, 0, 1 << 30)
    path.write_bytes(content[:header] + content[header:].replace(as_it_is, turned, 1))

    checked = check(path, "video")

    assert (checked.width, checked.height) == (240, 320)
    assert turned[:20] in checked.path.read_bytes()


def test_a_film_old_phones_cannot_play_is_drawn_anew_at_640_lines(tmp_path: Path) -> None:
    large = ["-f", "lavfi", "-i", "testsrc=size=720x1280:rate=5:duration=1"]
    path = ffmpeg(tmp_path, "a", *large, *SOUND, *VP8, *TAGS, "-shortest", "-f", "webm")

    checked = check(path, "video")

    assert (checked.content_type, checked.width, checked.height) == ("video/mp4", 360, 640)
    assert streams(checked.path) == ["h264", "aac"]
    assert CANARY.encode() not in checked.path.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        [*H264, "-pix_fmt", "yuv444p", "-c:a", "aac", "-f", "mp4"],
        [*H264, "-c:a", "aac", "-f", "mov"],
        [*H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
        [*H264, "-c:a", "libmp3lame", "-f", "matroska"],
        [*VP8, "-live", "1", "-f", "webm"],
        ["-an", *H264, "-f", "mp4"],
    ],
    ids=["colours phones lack", "QuickTime", "fragments", "Matroska", "recorded as it went", "silent"],
)
def test_ordinary_films_are_accepted_and_become_mp4(tmp_path: Path, arguments: list[str]) -> None:
    checked = check(ffmpeg(tmp_path, "a", *FILM, *SOUND, *arguments), "video")

    assert checked.content_type == "video/mp4"
    assert streams(checked.path) == (["h264"] if "-an" in arguments else ["h264", "aac"])
    assert checked.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c:a", "libmp3lame", "-f", "mp3"],
        ["-c:a", "libopus", "-f", "ogg"],
        ["-c:a", "libvorbis", "-f", "ogg"],
        ["-c:a", "libopus", "-f", "webm"],
        ["-c:a", "pcm_s16le", "-f", "wav"],
        ["-c:a", "aac", "-f", "adts"],
        ["-c:a", "aac", "-f", "ipod"],
    ],
    ids=["MP3", "Opus", "Vorbis", "WebM", "WAV", "ADTS", "M4A"],
)
def test_ordinary_sounds_are_accepted_and_become_m4a(tmp_path: Path, arguments: list[str]) -> None:
    checked = check(ffmpeg(tmp_path, "a", *SOUND, *TAGS, *arguments), "audio")

    assert checked.content_type == "audio/mp4"
    assert streams(checked.path) == ["aac"]
    assert checked.seconds == pytest.approx(2, abs=0.2)
    assert CANARY.encode() not in checked.path.read_bytes()
    assert (checked.width, checked.height) == (None, None)


def test_a_sound_with_a_cover_loses_the_cover(tmp_path: Path) -> None:
    cover = ffmpeg(tmp_path, "cover.jpg", *FILM, "-frames:v", "1")
    arguments = ["-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]
    path = ffmpeg(tmp_path, "a", *SOUND, *arguments, "-f", "mp3")

    assert streams(check(path, "audio").path) == ["aac"]


def test_only_the_sound_is_kept_of_a_film_sent_as_a_sound(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path, "a", *FILM, *SOUND, *H264, "-c:a", "aac", "-f", "mp4")

    assert streams(check(path, "audio").path) == ["aac"]


def test_a_film_whose_samples_are_a_program_is_refused(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path, "a", *FILM, *H264, "-f", "mp4")
    content = path.read_bytes()
    start = content.index(b"mdat") + 4
    length = int.from_bytes(content[start - 8 : start - 4]) - 8
    path.write_bytes(content[:start] + (hostile.ELF * 10_000)[:length] + content[start + length :])

    with pytest.raises(FileRefused, match="file_broken"):
        check(path, "video")


def test_a_film_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = ffmpeg(tmp_path, "a", *FILM, *H264, "-f", "mp4").read_bytes()
    path = tmp_path / "cut"
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])

        with pytest.raises(FileRefused, match="file_broken"):
            check(path, "video")
