"""Films and sounds in fewer bytes: what is made of them, and that their original serves whatever goes wrong."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from courses.publishing.models import PublishedVariant
from courses.publishing.renditions import find_renditions
from lms.events.models import EventDelivery, StoredEvent
from lms.files import renditions, storage
from lms.files.checks import CheckedFile, check_file
from lms.files.models import Rendition, RenditionState, StoredFile
from lms.files.renditions import ask_anew, ask_for_renditions, give_up, make_renditions
from tests.cast import Country, publish_course
from tests.lms.files.recordings import a_recording, film, keep, needs_ffmpeg
from tests.lms.files.sending import document
from tests.outbox import work_off


def make(file: StoredFile) -> dict[str, Rendition]:
    ask_for_renditions(files=[file], at=timezone.now())
    make_renditions(file_id=file.pk, at=timezone.now())
    return {row.kind: row for row in Rendition.objects.filter(file=file)}


def looked_into(row: Rendition, folder: Path) -> CheckedFile:
    """What the platform's own check says of a rendition."""
    path = folder / "rendition"
    storage.fetch(row.key, path, sha256=row.sha256)
    assert path.stat().st_size == row.bytes
    return check_file(path, purpose="video" if row.kind == "video_240p" else "audio", workdir=folder)


def objects_of(file: StoredFile) -> list[str]:
    pages = storage.storage().get_paginator("list_objects_v2").paginate(Bucket="jisr", Prefix="renditions/")
    return [
        item["Key"] for page in pages for item in page.get("Contents", ()) if str(file.uuid) in item["Key"]
    ]


@pytest.fixture
def no_ffmpeg(tmp_path: Path) -> Iterator[None]:
    """A media worker on a machine without it."""

    def check(path: Path, **arguments: object) -> CheckedFile:
        return check_file(path, program_path=str(tmp_path), **arguments)  # type: ignore[arg-type]  # as they came

    with patch.object(renditions, "check_file", check):
        yield


@needs_ffmpeg
@pytest.mark.media
@pytest.mark.parametrize(("size", "small"), [("640x480", (320, 240)), ("360x640", (240, 426))])
def test_a_film_becomes_one_of_240_lines_and_its_sound(
    db: None, tmp_path: Path, size: str, small: tuple[int, int]
) -> None:
    file = keep(film(tmp_path, size=size), "video")
    made = make(file)
    assert {row.state for row in made.values()} == {RenditionState.READY}
    seen, heard = looked_into(made["video_240p"], tmp_path), looked_into(made["audio"], tmp_path)
    assert (seen.content_type, seen.width, seen.height) == ("video/mp4", *small)
    assert (heard.content_type, heard.width) == ("audio/mp4", None)
    assert made["audio"].bytes < made["video_240p"].bytes < file.bytes
    for kind in ("video_240p", "video_480p", "audio"):
        row = made[kind]
        assert row.seconds == pytest.approx(2, abs=0.2)
        start = b"".join(storage.read(row.key))
        assert start.index(b"moov") < start.index(b"mdat")


@needs_ffmpeg
@pytest.mark.media
def test_a_film_that_is_too_wide_for_a_phone_is_drawn_at_480_lines(db: None, tmp_path: Path) -> None:
    made = make(keep(film(tmp_path, size="1280x720"), "video"))
    path = tmp_path / "rendition"
    storage.fetch(made["video_480p"].key, path, sha256=made["video_480p"].sha256)
    seen = check_file(path, purpose="video", workdir=tmp_path)
    assert (seen.width, seen.height) == (854, 480)


@needs_ffmpeg
@pytest.mark.media
def test_a_film_has_a_still_that_weighs_little(db: None, tmp_path: Path) -> None:
    still = make(keep(film(tmp_path, size="1280x720"), "video"))["poster"]
    assert (still.content_type, still.seconds) == ("image/jpeg", None)
    picture = Image.open(BytesIO(b"".join(storage.read(still.key))))
    assert picture.size == (320, 180)
    assert still.bytes < 16_000


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler: apt-get install -y poppler-utils")
def test_a_document_shows_its_first_page(db: None) -> None:
    [page] = make(keep(document(), "document")).values()
    assert (page.kind, page.content_type) == ("poster", "image/jpeg")
    assert Image.open(BytesIO(b"".join(storage.read(page.key)))).width == 480


def test_without_poppler_a_first_page_waits(db: None, no_ffmpeg: None) -> None:
    [page] = make(keep(document(), "document")).values()
    assert (page.state, page.code) == (RenditionState.WAITING, "poppler_absent")


def test_a_picture_is_kept_in_two_sizes_without_where_it_was_taken(db: None) -> None:
    taken = Image.new("RGB", (1600, 900), "teal")
    exif = taken.getexif()
    exif[0x010E] = "دار الأمان"
    out = BytesIO()
    taken.save(out, "JPEG", exif=exif)
    made = make(keep(out.getvalue(), "image"))
    for kind, size in (("image_320", (320, 180)), ("image_800", (800, 450))):
        content = b"".join(storage.read(made[kind].key))
        picture = Image.open(BytesIO(content))
        assert (picture.format, picture.size, dict(picture.getexif())) == ("WEBP", size, {})
        assert "دار".encode() not in content


@needs_ffmpeg
@pytest.mark.media
def test_what_could_not_be_made_is_made_when_it_is_asked_for_anew(db: None) -> None:
    file = a_recording()
    ask_for_renditions(files=[file], at=timezone.now())
    give_up(file_id=file.pk, code="decoder_limit", at=timezone.now())
    assert ask_anew(file=file, at=timezone.now()) == 1
    assert ask_anew(file=file, at=timezone.now()) == 0
    assert "make_renditions" in work_off()
    assert file.renditions.get().state == RenditionState.READY


@needs_ffmpeg
@pytest.mark.media
def test_a_sound_becomes_speech_in_aac(db: None, tmp_path: Path) -> None:
    file = a_recording()
    [row] = make(file).values()
    assert (row.kind, row.content_type) == ("audio", "audio/mp4")
    assert row.bytes < file.bytes
    assert looked_into(row, tmp_path).content_type == "audio/mp4"


@needs_ffmpeg
@pytest.mark.media
def test_what_is_already_as_small_is_its_own_rendition(db: None, tmp_path: Path) -> None:
    file = keep(film(tmp_path, size="64x48", sound=False, seconds=1), "video")
    StoredFile.objects.filter(pk=file.pk).update(bytes=1)  # smaller than anything that could be made
    made = make(file)
    for row in (made["video_240p"], made["video_480p"]):
        assert (row.state, row.key, row.sha256) == (RenditionState.READY, file.key, file.sha256)
    assert objects_of(file) == [made["poster"].key]


@needs_ffmpeg
@pytest.mark.media
def test_a_silent_film_has_no_sound_to_keep(db: None, tmp_path: Path) -> None:
    made = make(keep(film(tmp_path, sound=False), "video"))
    assert (made["audio"].state, made["audio"].code) == (RenditionState.NONE, "not_a_sound")
    assert made["video_240p"].state == RenditionState.READY


@needs_ffmpeg
@pytest.mark.media
def test_made_again_after_a_death_it_is_the_same_object(db: None) -> None:
    file = a_recording()
    with (
        patch.object(
            renditions, "_settle", side_effect=KeyboardInterrupt
        ),  # killed before it is written down
        pytest.raises(KeyboardInterrupt),
    ):
        make(file)
    assert len(objects_of(file)) == 1
    [row] = make(file).values()
    assert objects_of(file) == [row.key]
    assert hashlib.sha256(b"".join(storage.read(row.key))).hexdigest() == row.sha256


def test_a_broken_file_keeps_its_original_and_says_why(db: None) -> None:
    file = keep(b"no sound at all" * 50, "audio")
    [row] = make(file).values()
    assert (row.state, row.code) == (RenditionState.NONE, "type_mismatch")
    assert b"".join(storage.read(file.key)).startswith(b"no sound")


def test_without_ffmpeg_it_waits_and_is_asked_for_again_after_a_day(
    country: Country, no_ffmpeg: None
) -> None:
    file = taught(country, a_recording())
    [row] = make(file).values()
    assert (row.state, row.code) == (RenditionState.WAITING, "ffmpeg_absent")
    assert find_renditions(at=timezone.now() + timedelta(hours=23)) == 0
    assert find_renditions(at=timezone.now() + timedelta(hours=25)) == 1


def test_a_storage_that_is_away_loses_nothing(country: Country, settings: object) -> None:
    taught(country, a_recording())
    find_renditions(at=timezone.now())
    endpoint, settings.STORAGE_ENDPOINT = settings.STORAGE_ENDPOINT, "http://127.0.0.1:9"  # type: ignore[attr-defined]  # pytest-django's
    work_off()
    [delivery] = EventDelivery.objects.filter(handler="make_renditions")
    assert (delivery.done_at, delivery.dead_at) == (None, None)
    settings.STORAGE_ENDPOINT = endpoint  # type: ignore[attr-defined]  # pytest-django's
    assert "make_renditions" in work_off(at=timezone.now() + timedelta(minutes=10))
    delivery.refresh_from_db()
    assert delivery.done_at


def taught(country: Country, file: StoredFile) -> StoredFile:
    """A file of a published course."""
    course = publish_course(country, slug=f"with-{file.pk}", lessons=(("text",),))
    PublishedVariant.objects.create(lesson=course.newest.lessons.get(), language="ary", file=file)  # type: ignore[union-attr]  # it was published
    return file


def test_only_files_of_courses_are_made_smaller_and_each_is_asked_for_once(country: Country) -> None:
    file, _nobodys = taught(country, a_recording()), a_recording()
    assert [find_renditions(at=timezone.now()) for _ in range(2)] == [1, 0]
    assert list(Rendition.objects.values_list("file", flat=True)) == [file.pk]
    [event] = StoredEvent.objects.filter(topic="renditions_asked")
    assert event.payload == {"file_id": file.pk}


@needs_ffmpeg
@pytest.mark.media
def test_the_catalogue_says_what_a_course_weighs_with_what_was_made_of_it(country: Country) -> None:
    file = taught(country, a_recording())
    Course.objects.update(weights={"audio": 1, "video": 1})
    find_renditions(at=timezone.now())
    work_off()
    work_off()
    [course] = APIClient().get("/api/v1/courses").json()["results"]
    [row] = Rendition.objects.all()
    words = course["bytes"]["text"]
    assert row.bytes < file.bytes
    assert (course["bytes"]["audio"], course["bytes"]["video"]) == (words + row.bytes, words + row.bytes)
