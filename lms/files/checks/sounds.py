"""The structure of plain sound files: Ogg, MP3, AAC in ADTS, WAV.

Sources: RFC 3533 (Ogg pages), RFC 7845 (Opus), ISO/IEC 11172-3 and 13818-3 (MPEG audio frames), ISO/IEC 14496-3
(ADTS), ID3v2.4, the RIFF description of Microsoft and IBM.
"""

import mmap
from typing import BinaryIO, Final

from lms.files.checks.containers import Contents, read_exactly
from lms.files.checks.verdict import FileRefused

# kbit/s of layer III by index, for MPEG 1 and for MPEG 2 and 2.5.
RATES_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
HERTZ_1: Final = (44100, 48000, 32000)
ADTS_HERTZ: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
FRAMES_AT_LEAST: Final = 3
TAG_BYTES: Final = 128
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
OGG_CODECS: Final = {
    b"OpusHead": ("opus", 48000, 0),
    b"\x01vorbis": ("vorbis", None, 12),
    b"Speex   ": ("speex", None, 36),
}


def is_ogg(head: bytes) -> bool:
    return head.startswith(b"OggS\x00")


def is_wav(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WAVE"


def is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) >= 4 and mp3_frame(head[:4]) is not None)


def is_adts(head: bytes) -> bool:
    return len(head) >= 7 and adts_frame(head[:7]) is not None


def read_ogg(file: BinaryIO, size: int) -> Contents:
    """Every page in its place, one stream of sound. Refuses as `file_broken`, `not_a_sound`, `media_unsafe`."""
    position, granule, codec, hertz = 0, 0, "", 1
    streams: set[bytes] = set()
    while position < size:
        file.seek(position)
        header = read_exactly(file, 27)
        if header[:5] != b"OggS\x00":
            raise FileRefused("file_broken")
        lengths = read_exactly(file, header[26])
        if not streams:
            codec, hertz = ogg_codec(read_exactly(file, sum(lengths)))
        streams.add(header[14:18])
        if int.from_bytes(header[6:14], "little") != (1 << 64) - 1:
            granule = int.from_bytes(header[6:14], "little")
        position += 27 + len(lengths) + sum(lengths)
    if position != size or len(streams) != 1:
        raise FileRefused("file_broken" if position != size else "media_unsafe")
    return Contents(seconds=granule / hertz, sounds=[codec])


def ogg_codec(packet: bytes) -> tuple[str, int]:
    """Name and granules a second, from the first packet of the stream."""
    for mark, (name, hertz, place) in OGG_CODECS.items():
        if packet.startswith(mark):
            return name, hertz or int.from_bytes(packet[place : place + 4], "little") or 1
    raise FileRefused("not_a_sound")


def read_wav(file: BinaryIO, size: int) -> Contents:
    """A format chunk of plain samples, then the samples, to the end of the file."""
    file.seek(4)
    if int.from_bytes(read_exactly(file, 4), "little") + 8 > size:
        raise FileRefused("file_broken")
    position, per_second, samples = 12, 0, 0
    while position + 8 <= size:
        file.seek(position)
        kind, length = read_exactly(file, 4), int.from_bytes(read_exactly(file, 4), "little")
        if position + 8 + length > size:
            raise FileRefused("file_broken")
        if kind == b"fmt ":
            per_second = wav_bytes_a_second(read_exactly(file, min(length, 16)))
        samples += length if kind == b"data" else 0
        position += 8 + length + length % 2
    if not per_second or not samples:
        raise FileRefused("file_broken")
    return Contents(seconds=samples / per_second, sounds=["pcm"])


def wav_bytes_a_second(chunk: bytes) -> int:
    if int.from_bytes(chunk[:2], "little") not in {PCM, FLOAT, EXTENSIBLE}:
        raise FileRefused("not_a_sound")
    return int.from_bytes(chunk[8:12], "little")


def read_mp3(file: BinaryIO, size: int) -> Contents:
    """Frame after frame from the tag to the end; what only begins like a sound is refused."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        position, end = after_id3(raw), before_tags(raw, size)
        frames, seconds = 0, 0.0
        while position < end:
            frame = mp3_frame(raw[position : position + 4])
            if frame is None:
                break
            position, frames, seconds = position + frame[0], frames + 1, seconds + frame[1]
    refuse_rest(position, end, frames)
    return Contents(seconds=seconds, sounds=["mp3"])


def after_id3(raw: mmap.mmap) -> int:
    """Where the sound begins: after the ID3v2 tags, whose length is written in 7 bits a byte, and zero padding."""
    position = 0
    while raw[position : position + 3] == b"ID3":
        length = 0
        for byte in raw[position + 6 : position + 10]:
            length = length << 7 | byte & 0x7F
        position += 10 + length
    while raw[position : position + 1] == b"\x00":
        position += 1
    return position


def before_tags(raw: mmap.mmap, size: int) -> int:
    """Where the sound ends: before an ID3v1 tag and an APEv2 tag, where there are any."""
    end = size - TAG_BYTES if raw[max(0, size - TAG_BYTES) :][:3] == b"TAG" else size
    footer = raw[max(0, end - 32) : end]
    if footer.startswith(b"APETAGEX"):
        has_header = footer[23] & 0x80
        end -= int.from_bytes(footer[12:16], "little") + (32 if has_header else 0)
    return end


def mp3_frame(header: bytes) -> tuple[int, float] | None:
    """Bytes and seconds of a layer III frame, or None if these four bytes do not begin one."""
    bits = int.from_bytes(header)
    version, rate, hertz = bits >> 19 & 3, bits >> 12 & 15, bits >> 10 & 3
    if (
        len(header) < 4
        or bits >> 21 != 0x7FF
        or bits >> 17 & 3 != 1
        or version == 1
        or hertz == 3
        or rate in {0, 15}
    ):
        return None
    first = version == 3
    kilobits = (RATES_1 if first else RATES_2)[rate]
    frequency = HERTZ_1[hertz] // {3: 1, 2: 2, 0: 4}[version]
    length = (144_000 if first else 72_000) * kilobits // frequency + (bits >> 9 & 1)
    return length, (1152 if first else 576) / frequency


def read_adts(file: BinaryIO, size: int) -> Contents:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        position, frames, seconds = 0, 0, 0.0
        while position < size:
            frame = adts_frame(raw[position : position + 7])
            if frame is None:
                break
            position, frames, seconds = position + frame[0], frames + 1, seconds + frame[1]
    refuse_rest(position, size, frames)
    return Contents(seconds=seconds, sounds=["aac"])


def adts_frame(header: bytes) -> tuple[int, float] | None:
    """Bytes and seconds of an ADTS frame, or None if these seven bytes do not begin one."""
    bits = int.from_bytes(header)
    hertz, length, blocks = bits >> 34 & 15, bits >> 13 & 0x1FFF, bits & 3
    if len(header) < 7 or bits >> 44 != 0xFFF or bits >> 41 & 3 or hertz >= len(ADTS_HERTZ) or length < 8:
        return None
    return length, 1024 * (blocks + 1) / ADTS_HERTZ[hertz]


def refuse_rest(position: int, end: int, frames: int) -> None:
    if frames < FRAMES_AT_LEAST:
        raise FileRefused("type_mismatch")
    if position != end:
        raise FileRefused("file_broken")
