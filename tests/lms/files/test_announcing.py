"""A file before its first byte: recognised, given room, called off; and checked once more."""

import os
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms.files import services
from lms.files.checks import FileRefused
from lms.files.models import Rendition, RenditionState, StoredFile, Upload
from lms.files.services import sweep_quarantine
from tests.cast import Country, client_for, make_staff
from tests.lms.files.sending import (
    address,
    announce,
    complete,
    document,
    fingerprint,
    picture,
    put_parts,
    send_file,
)
from tests.outbox import work_off

PART = 5 * 1024 * 1024


@pytest.fixture
def trainer(country: Country) -> APIClient:
    return client_for(make_staff("trainer", country.institute))


def say(client: APIClient, data: bytes, purpose: str = "document", **changes: Any) -> Any:
    body = {"name": "ورقة", "size": len(data), "purpose": purpose, "fingerprint": fingerprint(data)}
    return client.post("/api/v1/uploads", body | changes, format="json")


def test_a_file_that_is_kept_is_not_sent_twice(trainer: APIClient) -> None:
    data = document()
    first = send_file(trainer, data, "document", fingerprint=fingerprint(data))
    work_off()
    again = say(trainer, data, name="another name")
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, first["id"], "ready")
    assert again.json()["parts"] == []
    assert Upload.objects.count() == 1


def test_on_another_computer_the_same_file_goes_on_where_it_stopped(trainer: APIClient) -> None:
    data = os.urandom(2 * PART + 100)
    upload = say(trainer, data, "video").json()
    put_parts(upload, data, address(trainer, upload, data)[1:])
    elsewhere = say(trainer, data, "video")
    assert (elsewhere.status_code, elsewhere.json()["id"]) == (200, upload["id"])
    assert [part["number"] for part in elsewhere.json()["parts"]] == [1]
    assert [part["number"] for part in elsewhere.json()["received"]] == [2, 3]


def test_knowing_a_fingerprint_gives_nobody_anothers_file(country: Country, trainer: APIClient) -> None:
    data = document()
    send_file(trainer, data, "document", fingerprint=fingerprint(data))
    work_off()
    other = client_for(make_staff("trainer", country.institute))
    answer = say(other, data)
    assert (answer.status_code, answer.json()["state"]) == (201, "receiving")


def test_the_storage_takes_no_other_bytes_than_those_announced(trainer: APIClient) -> None:
    data = os.urandom(PART + 100)
    upload = say(trainer, data, "video").json()
    assert [part["url"] for part in upload["parts"]] == [None, None]
    first, second = address(trainer, upload, data)
    refused = httpx.put(second["url"], content=b"y" * 100, headers=second["headers"], timeout=10)
    assert refused.status_code == 400
    sent = put_parts(upload, data, [second, first, first])  # out of order, and one of them twice
    assert complete(trainer, upload, sent[:1]).json()["code"] in {"part_differs", "parts_missing"}
    for _twice in range(2):
        assert complete(trainer, upload, sent[:2]).json()["state"] == "checking"


def test_a_part_that_the_file_does_not_have_gets_no_address(trainer: APIClient) -> None:
    upload = say(trainer, document()).json()
    part = {"number": 2, "sha256": "0" * 64}
    answer = trainer.post(f"/api/v1/uploads/{upload['id']}/parts", {"parts": [part]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "part_unknown")


def test_what_was_damaged_on_its_way_is_not_kept(trainer: APIClient) -> None:
    upload = send_file(trainer, document(), "document", fingerprint=fingerprint(b"something else"))
    work_off()
    refused = trainer.get(f"/api/v1/uploads/{upload['id']}").json()
    assert (refused["state"], refused["code"]) == ("refused", "content_differs")
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("wrong", ["x" * 64, "0" * 63])
def test_a_fingerprint_that_is_none_is_refused(trainer: APIClient, wrong: str) -> None:
    assert say(trainer, document(), fingerprint=wrong).status_code == 422


def test_a_file_is_called_off_and_its_parts_are_freed(trainer: APIClient) -> None:
    data = picture()
    upload = announce(trainer, data, "image", fingerprint=fingerprint(data))
    put_parts(upload, data, address(trainer, upload, data))
    for _twice in range(2):
        assert trainer.delete(f"/api/v1/uploads/{upload['id']}").status_code == 204
    gone = trainer.get(f"/api/v1/uploads/{upload['id']}").json()
    assert (gone["state"], gone["code"], gone["parts"]) == ("refused", "cancelled", [])
    late = complete(trainer, upload, [{"number": 1, "etag": "x"}])
    assert late.json()["state"] == "refused"
    assert say(trainer, data, "image").status_code == 201


def test_what_arrived_whole_can_no_longer_be_called_off(trainer: APIClient) -> None:
    upload = send_file(trainer, picture(), "image")
    answer = trainer.delete(f"/api/v1/uploads/{upload['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_received")
    work_off()
    assert trainer.get(f"/api/v1/uploads/{upload['id']}").json()["state"] == "ready"


def test_her_files_take_room_until_they_are_refused(trainer: APIClient, settings: Any) -> None:
    settings.UPLOAD_QUOTA_PERSON = 3_000
    upload = announce(trainer, b"x" * 2_000, "image")
    assert trainer.get("/api/v1/uploads/room").json()["person"] == {"used": 2_000, "allowed": 3_000}
    refused = say(trainer, b"y" * 1_001, "image")
    assert (refused.status_code, refused.json()["code"]) == (409, "quota_reached")
    assert Upload.objects.count() == 1
    trainer.delete(f"/api/v1/uploads/{upload['id']}")
    assert say(trainer, b"y" * 3_000, "image").status_code == 201


def test_an_organisations_room_is_shared_by_its_authors(
    country: Country, trainer: APIClient, settings: Any
) -> None:
    settings.UPLOAD_QUOTA_ORGANISATION = 3_000
    announce(trainer, b"x" * 2_000, "image")
    colleague = client_for(make_staff("publisher", country.institute))
    assert colleague.get("/api/v1/uploads/room").json() == {
        "person": {"used": 0, "allowed": settings.UPLOAD_QUOTA_PERSON},
        "organisation": {"used": 2_000, "allowed": 3_000},
    }
    assert say(colleague, b"y" * 1_001, "image").json()["code"] == "quota_reached"
    assert say(colleague, b"y" * 1_000, "image").status_code == 201


def test_a_check_that_failed_is_run_again_without_sending_the_file_again(trainer: APIClient) -> None:
    with patch.object(services, "check_file", side_effect=FileRefused("decoder_limit")):
        upload = send_file(trainer, document(), "document")
        work_off()
    path = f"/api/v1/uploads/{upload['id']}"
    assert trainer.get(path).json()["code"] == "decoder_limit"
    for _twice in range(2):
        answer = trainer.post(f"{path}/check")
        assert (answer.status_code, answer.json()["state"]) == (202, "checking")
    work_off()
    assert trainer.get(path).json()["state"] == "ready"


def test_after_a_week_a_refused_file_has_to_be_sent_again(trainer: APIClient) -> None:
    upload = send_file(trainer, b"no picture", "image")
    work_off()
    sweep_quarantine(at=timezone.now() + services.KEPT_FOR * 2)
    answer = trainer.post(f"/api/v1/uploads/{upload['id']}/check")
    assert (answer.status_code, answer.json()["code"]) == (409, "original_gone")


def test_a_rendition_that_could_not_be_made_is_made_when_she_asks(trainer: APIClient) -> None:
    upload = send_file(trainer, picture(), "image")
    work_off()
    file = StoredFile.objects.get()
    Rendition.objects.create(file=file, kind="image_320", state=RenditionState.NONE, code="decoder_limit")
    answer = trainer.post(f"/api/v1/uploads/{upload['id']}/check").json()
    waiting = {"kind": "image_320", "state": "waiting", "code": None, "bytes": None}
    assert answer["file"]["renditions"] == [waiting]


def test_her_files_are_listed_the_newest_first_and_by_state(
    country: Country, trainer: APIClient, django_assert_num_queries: Any
) -> None:
    on_its_way = announce(trainer, b"x" * 2_000, "image")
    kept = send_file(trainer, document(), "document")
    work_off()
    announce(client_for(make_staff("trainer", country.institute)), b"z", "image")
    with django_assert_num_queries(3):
        listed = trainer.get("/api/v1/uploads").json()["results"]
    assert [one["id"] for one in listed] == [kept["id"], on_its_way["id"]]
    assert listed[0]["file"]["pages"] == 1
    ready = trainer.get("/api/v1/uploads?state=ready").json()["results"]
    assert [one["id"] for one in ready] == [kept["id"]]
