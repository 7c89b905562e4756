"""The structure of MP4, M4A, 3GP and QuickTime files. Source: ISO/IEC 14496-12 (boxes, 8.7.2 data references)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from lms.files.checks.containers import TRACKS, Contents, read_exactly
from lms.files.checks.verdict import FileRefused

BOXES: Final = 500_000
MOVIE_BYTES: Final = 128 * 1024 * 1024
TABLE_BYTES: Final = 64 * 1024
DECISIVE: Final = frozenset({b"tkhd", b"hdlr", b"stsd", b"dref"})
NESTED: Final = frozenset({b"trak", b"mdia", b"minf", b"dinf", b"stbl"})
BRANDS: Final = frozenset({
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42",
    b"mp71", b"avc1", b"M4V ", b"M4A ", b"M4B ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"msdh", b"3gp4",
    b"3gp5", b"3gp6", b"3gp7", b"3g2a", b"3g2b", b"qt  ", b"f4v ", b"hvc1", b"av01", b"cmfc",
})  # fmt: skip
SUBJECTS: Final = frozenset(
    {b"vide", b"soun", b"text", b"sbtl", b"subt", b"tmcd", b"meta", b"mdir", b"hint", b"clcp"}
)
# QuickTime's ways of sending a player to another file, or of hiding the movie header in a compressed one.
UNSAFE: Final = frozenset({b"rmra", b"cmov"})
ONLY_THIS_FILE: Final = 1


@dataclass(frozen=True)
class Box:
    kind: bytes
    start: int
    end: int


@dataclass
class Walk:
    """One pass over a file; counts boxes, so that a file made of nothing but boxes ends."""

    file: BinaryIO
    left: int = BOXES

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        while start < end:
            self.left -= 1
            if self.left < 0:
                raise FileRefused("decoder_limit")
            box = self.box_at(start, end)
            yield box
            start = box.end

    def box_at(self, start: int, end: int) -> Box:
        self.file.seek(start)
        header = read_exactly(self.file, 8)
        size, kind, body = int.from_bytes(header[:4]), header[4:], start + 8
        if size == 1:
            size, body = int.from_bytes(read_exactly(self.file, 8)), start + 16
        elif size == 0:
            size = end - start
        if start + size < body or start + size > end or not is_plain(kind):
            raise FileRefused("file_broken")
        return Box(kind, body, start + size)

    def content(self, box: Box, most: int = TABLE_BYTES) -> bytes:
        self.file.seek(box.start)
        return read_exactly(self.file, min(box.end - box.start, most))


def is_plain(kind: bytes) -> bool:
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)


def is_isobmff(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def is_quicktime(head: bytes) -> bool:
    return head[8:12] == b"qt  "


def read(file: BinaryIO, size: int) -> Contents:
    """Walk the whole file. Refuses as `file_broken`, `media_unsafe`, `decoder_limit`."""
    walk, contents = Walk(file), Contents()
    movies = [box for box in walk.boxes(0, size) if box.kind == b"moov"]
    if len(movies) != 1 or movies[0].end - movies[0].start > MOVIE_BYTES:
        raise FileRefused("file_broken")
    for box in walk.boxes(movies[0].start, movies[0].end):
        if box.kind in UNSAFE:
            raise FileRefused("media_unsafe")
        if box.kind == b"mvhd":
            contents.seconds = duration(walk.content(box))
        elif box.kind == b"trak":
            read_track(walk, box, contents)
    return contents


def duration(header: bytes) -> float | None:
    """Seconds of the movie; None where it is written as fragments and not known beforehand."""
    long = header[:1] == b"\x01"
    scale, ticks = (header[20:24], header[24:32]) if long else (header[12:16], header[16:20])
    units, length = int.from_bytes(scale), int.from_bytes(ticks)
    unknown = length in {0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}
    return None if unknown or not units else length / units


def read_track(walk: Walk, track: Box, contents: Contents) -> None:
    parts = {box.kind: box for box in flatten(walk, track)}
    if not parts.keys() >= DECISIVE:
        raise FileRefused("file_broken")
    refuse_other_files(walk, parts[b"dref"])
    subject = walk.content(parts[b"hdlr"])[8:12]
    if subject not in SUBJECTS:
        raise FileRefused("media_unsafe")
    codecs = [box.kind.decode("latin-1") for box in table(walk, parts[b"stsd"])]
    if subject == b"vide":
        contents.films += codecs
        take_size(walk.content(parts[b"tkhd"]), contents)
    elif subject == b"soun":
        contents.sounds += codecs
    contents.refuse_many_tracks()


def flatten(walk: Walk, outer: Box) -> Iterator[Box]:
    """The boxes of a track, each kind once: a second table of the same kind is read by some players and not others."""
    seen: set[bytes] = set()
    waiting = [outer]
    while waiting:
        current = waiting.pop()
        for box in walk.boxes(current.start, current.end):
            if box.kind == b"hdlr" and current.kind != b"mdia":
                continue  # QuickTime names the data handler in the same way, inside minf
            if box.kind in DECISIVE and box.kind in seen:
                raise FileRefused("media_unsafe")
            seen.add(box.kind)
            yield box
            if box.kind in NESTED:
                waiting.append(box)


def table(walk: Walk, box: Box) -> list[Box]:
    """The entries of a counted table (version, flags and count take 8 bytes)."""
    entries = []
    for entry in walk.boxes(box.start + 8, box.end):
        entries.append(entry)
        if len(entries) > TRACKS:
            raise FileRefused("decoder_limit")
    return entries


def refuse_other_files(walk: Walk, references: Box) -> None:
    entries = table(walk, references)
    for entry in entries:
        if not int.from_bytes(walk.content(entry)[:4]) & ONLY_THIS_FILE:
            raise FileRefused("media_unsafe")


def take_size(header: bytes, contents: Contents) -> None:
    """Width and height are the last two numbers of the track header, 16.16 fixed point."""
    width, height = int.from_bytes(header[-8:-4]) >> 16, int.from_bytes(header[-4:]) >> 16
    contents.width, contents.height = contents.width or width, contents.height or height
