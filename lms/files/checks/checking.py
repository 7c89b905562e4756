"""The parent's side of a check: hand the file to a confined child, believe little of what it answers."""

import errno
import hashlib
import json
import logging
import math
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lms.files.checks.confinement import INPUT, LIMITS, OUTPUT_FOLDER, RESULT, Limits, nobody
from lms.files.checks.verdict import REFUSALS, CheckedFile, FileRefused, Finding, Purpose

logger = logging.getLogger(__name__)

PROJECT: Final = Path(__file__).resolve().parents[3]
ANSWER_BYTES: Final = 16 * 1024
CHUNK_BYTES: Final = 1024 * 1024
LEAST_ROOM: Final = 256 * 1024

# Content type → ending and first bytes (offset, bytes) of what may be kept.
KEPT: Final[dict[str, tuple[str, int, bytes]]] = {
    "image/jpeg": (".jpg", 0, b"\xff\xd8\xff"),
    "image/png": (".png", 0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (".webp", 8, b"WEBP"),
    "application/pdf": (".pdf", 0, b"%PDF-"),
    "application/jsonl": (".jsonl", 0, b"{"),
    "video/mp4": (".mp4", 4, b"ftyp"),
    "video/quicktime": (".mov", 4, b"ftyp"),
    "video/webm": (".webm", 0, b"\x1a\x45\xdf\xa3"),
    "video/x-matroska": (".mkv", 0, b"\x1a\x45\xdf\xa3"),
    "audio/mp4": (".m4a", 4, b"ftyp"),
    "audio/webm": (".weba", 0, b"\x1a\x45\xdf\xa3"),
    "audio/x-matroska": (".mka", 0, b"\x1a\x45\xdf\xa3"),
    "audio/ogg": (".ogg", 0, b"OggS"),
    "audio/wav": (".wav", 0, b"RIFF"),
    "audio/mpeg": (".mp3", 0, b""),
    "audio/aac": (".aac", 0, b""),
}


class CheckerFailed(RuntimeError):
    """The checker itself could not work; nothing is said about the file, which should be checked again later."""


def check_file(
    path: Path, *, purpose: Purpose, workdir: Path, program_path: str | None = None
) -> CheckedFile:
    """Decide by content whether the file at `path` may be kept, and make the clean copy that will be.

    `workdir` is a folder of the caller's; a clean copy is left there, all else is removed. `program_path` are the
    folders where ffmpeg and ffprobe are sought (default: `PATH`). The file at `path` is never changed.
    Raises `FileRefused` (codes: `verdict.REFUSALS`) about the file, `CheckerFailed` about ourselves.
    """
    limits = LIMITS[purpose]
    if program_path is None:
        program_path = os.environ.get("PATH", os.defpath)
    refuse_by_size(path, limits)
    scratch = Path(tempfile.mkdtemp(prefix="check-", dir=workdir)).resolve()
    try:
        hand_over(path.resolve(), scratch)
        answer = ask_child(scratch, purpose, limits, program_path)
        finding = read_finding(answer)
        kept = path if finding.kept_original else take_result(scratch, workdir, finding.content_type)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return describe(kept, finding, answer)


def refuse_by_size(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("file_empty")
    if size > limits.input_bytes:
        raise FileRefused("file_too_large")


def hand_over(path: Path, scratch: Path) -> None:
    """Lay the file before the child: readable, not writable, next to a folder of its own."""
    (scratch / OUTPUT_FOLDER).mkdir(mode=0o700)
    place = scratch / INPUT
    must_be_readable = os.geteuid() == 0
    if must_be_readable and not path.stat().st_mode & stat.S_IROTH:
        copy_for_others(path, place)
    else:
        try:
            place.hardlink_to(path)
        except OSError:  # another file system, or one without links
            copy_for_others(path, place)
    if must_be_readable:
        scratch.chmod(0o711)
        os.chown(scratch / OUTPUT_FOLDER, *nobody())


def copy_for_others(path: Path, place: Path) -> None:
    shutil.copyfile(path, place)
    place.chmod(0o644)


def ask_child(scratch: Path, purpose: Purpose, limits: Limits, program_path: str) -> dict[str, Any]:
    question = {"purpose": purpose, "scratch": str(scratch), "program_path": program_path}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        asked.write(json.dumps(question).encode())
        asked.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-E", "-s", "-m", "lms.files.checks.child"],
            cwd=PROJECT,
            env={"PATH": program_path, "LC_ALL": "C.UTF-8"},
            stdin=asked,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            with suppress(subprocess.TimeoutExpired):
                child.wait(limits.wall_seconds)
        finally:
            end_session(child)
        try:
            return read_answer(child.returncode, beginning(out), beginning(err))
        except CheckerFailed:
            refuse_if_full(scratch)
            raise


def refuse_if_full(folder: Path) -> None:
    """Raises ENOSPC where a child may have failed because it found no room for what it wrote."""
    if shutil.disk_usage(folder).free < LEAST_ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def end_session(child: "subprocess.Popen[bytes]") -> None:
    """Whatever the decoder started ends with it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def beginning(file: Any) -> bytes:
    file.seek(0)
    return bytes(file.read(ANSWER_BYTES))


def read_answer(status: int, out: bytes, err: bytes) -> dict[str, Any]:
    if status < 0:
        raise FileRefused("decoder_limit")
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    if status != 0 or not isinstance(answer, dict):
        raise CheckerFailed(err.decode(errors="replace")[-2000:] or f"the child ended with {status}")
    if not answer.get("network_isolated"):
        logger.warning("network_isolated: false; decoders ran with the network in reach")
    if err:
        logger.info("a decoder stopped on a file: %s", err.decode(errors="replace")[-2000:])
    return answer


def read_finding(answer: dict[str, Any]) -> Finding:
    """The child may have been taken over: what it says is read as input, not as truth."""
    code = answer.get("refused")
    if code is not None:
        raise FileRefused(code if isinstance(code, str) and code in REFUSALS else "file_broken")
    try:
        finding = Finding(**answer["finding"])
    except (KeyError, TypeError) as error:
        raise FileRefused("file_broken") from error
    plausible = (
        isinstance(finding.content_type, str)
        and finding.content_type in KEPT
        and isinstance(finding.kept_original, bool)
        and all(
            value is None or type(value) is int for value in (finding.width, finding.height, finding.pages)
        )
        and (finding.seconds is None or (type(finding.seconds) is float and math.isfinite(finding.seconds)))
        and finding.note in ("", "ffmpeg_absent", "poppler_absent")
    )
    if not plausible:
        raise FileRefused("file_broken")
    return finding


def take_result(scratch: Path, workdir: Path, content_type: str) -> Path:
    """Move the clean copy out of the child's reach; links it may have planted are not followed."""
    made = scratch / RESULT
    try:
        facts = made.lstat()
    except FileNotFoundError as error:
        raise FileRefused("file_broken") from error
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_size == 0:
        raise FileRefused("file_broken")
    kept = workdir / f"{scratch.name}{KEPT[content_type][0]}"
    made.rename(kept)
    if os.geteuid() == 0:
        os.chown(kept, os.geteuid(), os.getegid())
    kept.chmod(0o600)
    return kept


def describe(kept: Path, finding: Finding, answer: dict[str, Any]) -> CheckedFile:
    digest = hashlib.sha256()
    size = 0
    with kept.open("rb") as file:
        start = file.read(CHUNK_BYTES)
        refuse_other_beginnings(start, finding.content_type)
        chunk = start
        while chunk:
            digest.update(chunk)
            size += len(chunk)
            chunk = file.read(CHUNK_BYTES)
    return CheckedFile(
        content_type=finding.content_type,
        bytes=size,
        sha256=digest.hexdigest(),
        path=kept,
        seconds=finding.seconds,
        width=finding.width,
        height=finding.height,
        pages=finding.pages,
        kept_original=finding.kept_original,
        note=finding.note,
        network_isolated=bool(answer.get("network_isolated")),
        unprivileged=bool(answer.get("unprivileged")),
    )


def refuse_other_beginnings(start: bytes, content_type: str) -> None:
    _, offset, mark = KEPT[content_type]
    if not start.startswith(mark, offset):
        raise FileRefused("file_broken")
