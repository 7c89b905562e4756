"""Stored films and sounds that ffmpeg can really read."""

import hashlib
import io
import math
import shutil
import struct
import subprocess
import wave
from pathlib import Path

import pytest

from lms.accounts.models import Person
from lms.files import storage
from lms.files.models import StoredFile, Upload, UploadState
from lms.ids import uuid7

needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="needs ffmpeg: apt-get install -y ffmpeg"
)
TYPES = {
    "video": "video/mp4",
    "audio": "audio/wav",
    "image": "image/jpeg",
    "document": "application/pdf",
}


def tone(seconds: float = 1.0) -> bytes:
    """A WAV file: a tone of 440 Hz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = (int(9000 * math.sin(n * 440 * math.tau / 16_000)) for n in range(int(seconds * 16_000)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return out.getvalue()


def film(folder: Path, *, size: str = "640x480", sound: bool = True, seconds: int = 2) -> bytes:
    """An MP4 as a trainer's upload becomes after its check; needs ffmpeg."""
    heard = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"]
    seen = ["-f", "lavfi", "-i", f"mandelbrot=size={size}:rate=25", *(heard[:4] if sound else [])]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *(heard[4:] if sound else [])]
    path = folder / f"{uuid7()}.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *seen, *coded, "-t", str(seconds), str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path.read_bytes()


def keep(content: bytes, purpose: str) -> StoredFile:
    """A stored file with its object, as if it had been checked."""
    sha256, key = hashlib.sha256(content).hexdigest(), f"files/{uuid7()}"
    storage.put_bytes(content, key, sha256=sha256, content_type=TYPES[purpose])
    return StoredFile.objects.create(
        purpose=purpose, key=key, content_type=TYPES[purpose], bytes=len(content), sha256=sha256
    )


def a_recording() -> StoredFile:
    return keep(tone(), "audio")


def sent_by(owner: Person, file: StoredFile) -> Upload:
    """The upload, checked and ready, by which somebody sent a file."""
    return Upload.objects.create(
        owner=owner,
        purpose=file.purpose,
        name="ملف",
        size=file.bytes,
        part_size=file.bytes,
        key=f"quarantine/{uuid7()}",
        state=UploadState.READY,
        file=file,
    )
