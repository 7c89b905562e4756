"""The structure of WebM and Matroska files. Source: RFC 8794 (EBML), RFC 9559 (Matroska)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from lms.files.checks.containers import Contents, read_exactly
from lms.files.checks.verdict import FileRefused

ELEMENTS: Final = 2_000_000
HEADER_BYTES: Final = 16 * 1024 * 1024

EBML, DOC_TYPE, SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
INFO, TIMESTAMP_SCALE, DURATION = 0x1549A966, 0x2AD7B1, 0x4489
TRACKS_LIST, TRACK, TRACK_TYPE, CODEC, VIDEO = 0x1654AE6B, 0xAE, 0x83, 0x86, 0xE0
PIXEL_WIDTH, PIXEL_HEIGHT = 0xB0, 0xBA
CLUSTER, CUES, CHAPTERS, TAGS, SEEK_HEAD, VOID, CRC = (
    0x1F43B675,
    0x1C53BB6B,
    0x1043A770,
    0x1254C367,
    0x114D9B74,
    0xEC,
    0xBF,
)
ATTACHMENTS: Final = 0x1941A469
# Identifiers by which a file asks the player to go on in another one.
LINKS: Final = frozenset({0x3CB923, 0x3C83AB, 0x3EB923, 0x3E83BB})
CHAPTER_LINKS: Final = (b"\x6e\x67", b"\x6e\xbc")
TOP: Final = frozenset({INFO, TRACKS_LIST, CLUSTER, CUES, CHAPTERS, TAGS, SEEK_HEAD, VOID, CRC, ATTACHMENTS})
FILM, SOUND = 1, 2


@dataclass(frozen=True)
class Element:
    kind: int
    start: int
    end: int | None  # None: written as it went, its length not known beforehand


def is_matroska(head: bytes) -> bool:
    return head.startswith(b"\x1a\x45\xdf\xa3")


@dataclass
class Walk:
    file: BinaryIO
    left: int = ELEMENTS

    def element_at(self, position: int, end: int) -> Element:
        self.left -= 1
        if self.left < 0:
            raise FileRefused("decoder_limit")
        self.file.seek(position)
        kind, _ = self.number(keep_marker=True, longest=4)
        length, width = self.number(keep_marker=False, longest=8)
        start = self.file.tell()
        if length == (1 << 7 * width) - 1:
            return Element(kind, start, None)
        if start + length > end:
            raise FileRefused("file_broken")
        return Element(kind, start, start + length)

    def number(self, *, keep_marker: bool, longest: int) -> tuple[int, int]:
        """A variable-length integer and how many bytes it took."""
        first = read_exactly(self.file, 1)[0]
        width = 9 - first.bit_length()
        if width > longest:
            raise FileRefused("file_broken")
        value = first if keep_marker else first & (0xFF >> width)
        for byte in read_exactly(self.file, width - 1):
            value = value << 8 | byte
        return value, width

    def children(self, start: int, end: int) -> Iterator[Element]:
        while start < end:
            element = self.element_at(start, end)
            if element.end is None:
                raise FileRefused("file_broken")
            yield element
            start = element.end

    def content(self, element: Element) -> bytes:
        if element.end is None or element.end - element.start > HEADER_BYTES:
            raise FileRefused("decoder_limit")
        self.file.seek(element.start)
        return read_exactly(self.file, element.end - element.start)

    def whole(self, element: Element) -> int:
        return int.from_bytes(self.content(element)[:8])


def document_type(file: BinaryIO) -> str:
    """`webm` or `matroska`, from the EBML header; anything else is refused."""
    walk = Walk(file)
    header = walk.element_at(0, 1 << 62)
    if header.kind != EBML or header.end is None or header.end > HEADER_BYTES:
        raise FileRefused("file_broken")
    for element in walk.children(header.start, header.end):
        if element.kind == DOC_TYPE:
            name = walk.content(element).rstrip(b"\x00").decode("latin-1")
            if name in {"webm", "matroska"}:
                return name
    raise FileRefused("type_mismatch")


def read(file: BinaryIO, size: int) -> Contents:
    """Walk the whole file. Refuses as `file_broken`, `media_unsafe`, `decoder_limit`."""
    walk, contents = Walk(file), Contents()
    header = walk.element_at(0, size)
    segment = walk.element_at(header.end or size, size)
    if segment.kind != SEGMENT or (segment.end is not None and segment.end != size):
        raise FileRefused("file_broken")
    kinds = set()
    for element in top_elements(walk, segment.start, size):
        kinds.add(element.kind)
        read_top(walk, element, contents)
    if not kinds >= {INFO, TRACKS_LIST, CLUSTER}:
        raise FileRefused("file_broken")
    return contents


def top_elements(walk: Walk, start: int, end: int) -> Iterator[Element]:
    """The segment's children; a cluster of unknown length ends where the next element of this level begins."""
    while start < end:
        element = walk.element_at(start, end)
        if element.kind not in TOP:
            raise FileRefused("file_broken")
        yield element
        start = element.end if element.end is not None else end_of_open_cluster(walk, element, end)


def end_of_open_cluster(walk: Walk, cluster: Element, end: int) -> int:
    if cluster.kind != CLUSTER:
        raise FileRefused("file_broken")
    position = cluster.start
    while position < end:
        element = walk.element_at(position, end)
        if element.kind in TOP - {VOID, CRC}:
            break
        if element.end is None:
            raise FileRefused("file_broken")
        position = element.end
    return position


def read_top(walk: Walk, element: Element, contents: Contents) -> None:
    if element.kind == ATTACHMENTS:
        raise FileRefused("media_unsafe")
    if element.kind == CHAPTERS and any(link in walk.content(element) for link in CHAPTER_LINKS):
        raise FileRefused("media_unsafe")
    if element.kind == INFO and element.end is not None:
        read_info(walk, element.start, element.end, contents)
    if element.kind == TRACKS_LIST and element.end is not None:
        for track in walk.children(element.start, element.end):
            read_track(walk, track, contents)


def read_info(walk: Walk, start: int, end: int, contents: Contents) -> None:
    nanoseconds, ticks = 1_000_000, None
    for element in walk.children(start, end):
        if element.kind in LINKS:
            raise FileRefused("media_unsafe")
        if element.kind == TIMESTAMP_SCALE:
            nanoseconds = walk.whole(element)
        elif element.kind == DURATION:
            raw = walk.content(element)
            ticks = struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0]
    if ticks is not None:
        contents.seconds = ticks * nanoseconds / 1e9


def read_track(walk: Walk, track: Element, contents: Contents) -> None:
    if track.kind != TRACK or track.end is None:
        return
    parts = {element.kind: element for element in walk.children(track.start, track.end)}
    if not parts.keys() >= {TRACK_TYPE, CODEC}:
        raise FileRefused("file_broken")
    codec = walk.content(parts[CODEC]).rstrip(b"\x00").decode("latin-1")
    kind = walk.whole(parts[TRACK_TYPE])
    if kind == FILM:
        contents.films.append(codec)
        take_size(walk, parts.get(VIDEO), contents)
    elif kind == SOUND:
        contents.sounds.append(codec)
    contents.refuse_many_tracks()


def take_size(walk: Walk, video: Element | None, contents: Contents) -> None:
    if video is None or video.end is None:
        raise FileRefused("file_broken")
    for element in walk.children(video.start, video.end):
        if element.kind == PIXEL_WIDTH:
            contents.width = walk.whole(element)
        elif element.kind == PIXEL_HEIGHT:
            contents.height = walk.whole(element)
