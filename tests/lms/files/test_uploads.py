"""A trainer's file, from her slow line to a file that may be served."""

import hashlib
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms.files import storage
from lms.files.models import StoredFile, Upload
from lms.files.services import check_upload, sweep_quarantine
from tests.cast import Country, client_for, make_person, make_staff
from tests.lms.files.hostile import SCRIPT, pdf, png
from tests.lms.files.sending import announce, complete, document, picture, put_part, put_parts, send_file
from tests.outbox import work_off

PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(2000)


@pytest.fixture
def trainer(country: Country) -> APIClient:
    return client_for(make_staff("trainer", country.institute))


def state(client: APIClient, upload: dict[str, Any]) -> dict[str, Any]:
    return client.get(f"/api/v1/uploads/{upload['id']}").json()


def in_quarantine(upload: dict[str, Any]) -> bool:
    try:
        storage.size_of(f"quarantine/{upload['id']}")
    except storage.ObjectMissing:
        return False
    return True


def test_a_document_is_received_checked_and_served_by_a_signed_link(trainer: APIClient) -> None:
    upload = send_file(trainer, document(), "document", name="../../ورقة <b>.pdf")
    assert upload["state"] == "checking"
    assert work_off() == ["check_upload"]

    ready = state(trainer, upload)
    assert ready["state"] == "ready"
    assert ready["file"]["content_type"] == "application/pdf"
    kept = StoredFile.objects.get()
    assert kept.key == f"files/{kept.sha256[:2]}/{upload['id']}"
    link = storage.signed_link(kept.key, seconds=60, content_type=kept.content_type)
    answer = httpx.get(link, timeout=10)
    assert hashlib.sha256(answer.content).hexdigest() == ready["file"]["sha256"]
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="document.pdf"'
    assert not in_quarantine(upload)


def test_without_its_signature_a_stored_file_is_out_of_reach(trainer: APIClient) -> None:
    send_file(trainer, picture(), "image")
    work_off()
    bare = storage.signed_link(StoredFile.objects.get().key, seconds=60).partition("?")[0]
    assert httpx.get(bare, timeout=10).status_code == 403


def test_links_are_signed_for_the_public_address(settings: Any) -> None:
    settings.STORAGE_PUBLIC_URL = "https://files.example.ma"
    assert storage.signed_link("files/x", seconds=60).startswith("https://files.example.ma/jisr/files/x?")


def test_an_upload_that_stops_half_way_goes_on_with_the_missing_parts(trainer: APIClient) -> None:
    data = os.urandom(12 * 1024 * 1024)
    upload = announce(trainer, data, "video")
    assert [part["number"] for part in upload["parts"]] == [1, 2, 3]
    put_parts(upload, data, [upload["parts"][1]])

    early = complete(trainer, upload, [{"number": 2, "etag": "x"}])
    assert early.status_code == 409
    assert early.json()["code"] == "parts_missing"
    assert [error["pointer"] for error in early.json()["errors"]] == ["/parts/0", "/parts/2"]

    again = state(trainer, upload)
    assert again["state"] == "receiving"
    assert [part["number"] for part in again["parts"]] == [1, 3]
    sent = put_parts(upload, data, again["parts"]) + again["received"]
    assert complete(trainer, upload, sent).json()["state"] == "checking"
    assert storage.size_of(f"quarantine/{upload['id']}") == len(data)


def test_a_part_cut_short_on_the_way_can_be_sent_again(trainer: APIClient) -> None:
    data = picture()
    upload = announce(trainer, data, "image")
    short = put_part(upload["parts"][0]["url"], data[:-10])
    refused = complete(trainer, upload, [{"number": 1, "etag": short}])
    assert (refused.status_code, refused.json()["code"]) == (422, "size_differs")

    again = state(trainer, upload)
    assert [part["number"] for part in again["parts"]] == [1]
    assert complete(trainer, upload, put_parts(upload, data, again["parts"])).status_code == 200


def test_a_file_larger_than_announced_is_refused(trainer: APIClient) -> None:
    data = picture(400, 400)
    upload = announce(trainer, data, "image", size=len(data) - 1)
    etag = put_part(upload["parts"][0]["url"], data)
    refused = complete(trainer, upload, [{"number": 1, "etag": etag}])
    assert (refused.status_code, refused.json()["code"]) == (422, "size_differs")
    assert not StoredFile.objects.exists()


def test_a_part_that_someone_else_replaced_is_noticed(trainer: APIClient) -> None:
    data = picture()
    upload = announce(trainer, data, "image")
    put_parts(upload, data, upload["parts"])
    refused = complete(trainer, upload, [{"number": 1, "etag": "0" * 32}])
    assert (refused.status_code, refused.json()["code"]) == (422, "part_differs")


def test_completing_twice_checks_the_file_once(trainer: APIClient) -> None:
    data = picture()
    upload = announce(trainer, data, "image")
    sent = put_parts(upload, data, upload["parts"])
    assert [complete(trainer, upload, sent).status_code for _ in range(2)] == [200, 200]
    assert work_off() == ["check_upload"]


def test_a_completion_whose_answer_was_lost_after_the_storage_did_it_is_taken_up_again(
    trainer: APIClient,
) -> None:
    data = picture()
    upload = announce(trainer, data, "image")
    sent = put_parts(upload, data, upload["parts"])
    complete(trainer, upload, sent)
    Upload.objects.update(state="receiving")  # as if our transaction had been lost
    assert state(trainer, upload)["parts"] == []
    assert complete(trainer, upload, sent).json()["state"] == "checking"


@pytest.mark.parametrize(
    ("data", "purpose", "code"),
    [
        (PROGRAM, "video", "type_mismatch"),
        (picture(), "document", "type_mismatch"),
        (document()[:200], "document", "file_broken"),
        (pdf(catalogue=b"/OpenAction %s" % SCRIPT), "document", "pdf_active_content"),
        (png(60_000, 60_000), "image", "picture_too_large"),
    ],
    ids=[
        "a program named .mp4",
        "a picture that says it is a document",
        "a document cut short",
        "a document that runs a script",
        "a picture of 60000 by 60000",
    ],
)
def test_a_file_that_lies_is_refused_with_its_code(
    trainer: APIClient, data: bytes, purpose: str, code: str
) -> None:
    upload = send_file(trainer, data, purpose, name="درس.mp4")
    work_off()
    refused = state(trainer, upload)
    assert (refused["state"], refused["code"]) == ("refused", code)
    assert refused["detail"]
    assert not StoredFile.objects.exists()
    assert in_quarantine(upload)  # for seven days, so that it can be checked again
    sweep_quarantine(at=timezone.now() + timedelta(days=8))
    assert not in_quarantine(upload)


@pytest.mark.media
@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg: apt-get install -y ffmpeg")
def test_a_film_is_kept_as_ffmpeg_wrote_it(trainer: APIClient, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    drawn = ["-f", "lavfi", "-i", "testsrc=d=2:s=320x240", "-f", "lavfi", "-i", "sine=d=2"]
    subprocess.run(["ffmpeg", "-v", "error", *drawn, "-shortest", str(film)], check=True)
    upload = send_file(trainer, film.read_bytes(), "video")
    work_off()
    file = state(trainer, upload)["file"]
    assert (file["content_type"], file["width"], file["height"]) == ("video/mp4", 320, 240)
    assert 1.5 < file["seconds"] < 2.5


def test_checking_twice_keeps_one_file(trainer: APIClient) -> None:
    upload = Upload.objects.get(uuid=send_file(trainer, picture(), "image")["id"])
    for _ in range(2):
        check_upload(upload_id=upload.pk, at=timezone.now())
    assert StoredFile.objects.count() == 1


def test_a_received_file_that_the_storage_lost_is_refused_and_not_tried_for_ever(trainer: APIClient) -> None:
    upload = send_file(trainer, picture(), "image")
    storage.delete(f"quarantine/{upload['id']}")
    work_off()
    assert state(trainer, upload)["code"] == "object_lost"


@pytest.mark.parametrize(
    ("purpose", "size"),
    [
        ("video", 2 * 1024**3),
        ("audio", 300 * 1024**2),
        ("image", 20 * 1024**2),
        ("document", 50 * 1024**2),
    ],
)
def test_a_file_may_have_its_limit_and_not_one_byte_more(trainer: APIClient, purpose: str, size: int) -> None:
    most = announce(trainer, b"", purpose, size=size)
    assert len(most["parts"]) <= 250
    more = trainer.post("/api/v1/uploads", {"name": "x", "size": size + 1, "purpose": purpose}, format="json")
    assert (more.status_code, more.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("size", [0, -1, "many", None])
def test_a_size_that_is_none_is_refused(trainer: APIClient, size: Any) -> None:
    answer = trainer.post("/api/v1/uploads", {"name": "x", "size": size, "purpose": "image"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "/size"


def test_another_trainers_upload_does_not_exist_for_her(country: Country, trainer: APIClient) -> None:
    upload = announce(trainer, picture(), "image")
    colleague = client_for(make_staff("trainer", country.institute))
    assert colleague.get(f"/api/v1/uploads/{upload['id']}").status_code == 404
    assert complete(colleague, upload, []).status_code == 404


def test_learners_and_strangers_upload_nothing(country: Country, client: APIClient) -> None:
    body = {"name": "x", "size": 5, "purpose": "image"}
    learner = client_for(make_person(home=country.larache_centre))
    assert learner.post("/api/v1/uploads", body, format="json").status_code == 403
    assert client.post("/api/v1/uploads", body, format="json").status_code == 401


def test_after_seven_days_an_unfinished_upload_is_given_up_and_its_parts_are_freed(
    trainer: APIClient,
) -> None:
    data = picture()
    upload = announce(trainer, data, "image")
    put_parts(upload, data, upload["parts"])
    assert sweep_quarantine(at=timezone.now() + timedelta(days=6)) == 0
    assert state(trainer, upload)["state"] == "receiving"

    assert sweep_quarantine(at=timezone.now() + timedelta(days=8)) == 1
    assert state(trainer, upload)["code"] == "never_finished"
    row = Upload.objects.get()
    with pytest.raises(storage.ObjectMissing), storage.reaching_storage():
        storage.storage().list_parts(Bucket="jisr", Key=row.key, UploadId=row.multipart_id)


def test_what_no_row_speaks_of_is_swept_and_what_waits_for_its_check_is_not(trainer: APIClient) -> None:
    waiting = send_file(trainer, picture(), "image")
    stray = storage.storage()
    stray.put_object(Bucket="jisr", Key="quarantine/stray", Body=b"x")
    sweep_quarantine(at=timezone.now() + timedelta(days=8))
    assert in_quarantine(waiting)
    with pytest.raises(storage.ObjectMissing):
        storage.size_of("quarantine/stray")


def test_a_storage_that_is_away_is_said_so_and_when_to_come_back(trainer: APIClient, settings: Any) -> None:
    settings.STORAGE_ENDPOINT = "http://127.0.0.1:9"
    answer = trainer.post("/api/v1/uploads", {"name": "x", "size": 5, "purpose": "image"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer.headers["Retry-After"]
    assert not Upload.objects.exists()


def test_a_check_that_cannot_reach_the_storage_is_tried_again(trainer: APIClient, settings: Any) -> None:
    upload = send_file(trainer, picture(), "image")
    endpoint, settings.STORAGE_ENDPOINT = settings.STORAGE_ENDPOINT, "http://127.0.0.1:9"
    work_off()
    assert state(trainer, upload)["state"] == "checking"
    settings.STORAGE_ENDPOINT = endpoint
    assert work_off(at=timezone.now() + timedelta(minutes=10)) == ["check_upload"]
    assert state(trainer, upload)["state"] == "ready"


def test_reading_an_upload_costs_two_statements(trainer: APIClient, django_assert_num_queries: Any) -> None:
    upload = announce(trainer, picture(), "image")
    with django_assert_num_queries(2):
        state(trainer, upload)


def test_a_stored_file_that_comes_back_changed_is_not_accepted(tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    with pytest.raises(storage.ObjectDamaged):
        storage.put(tmp_path / "file", "files/damaged", sha256="0" * 64, content_type="text/plain")
    with pytest.raises(storage.ObjectDamaged):
        storage.fetch("files/damaged", tmp_path / "copy", sha256="0" * 64)
