"""A gigabyte over a line that is cut again and again: every part arrives once and whole, or is sent again."""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms.files import storage
from lms.files.models import Upload
from lms.files.parts import MEBIBYTE, fingerprint_of, part_size_for
from lms.files.services import check_upload
from tests.cast import Country, client_for, make_staff
from tests.faults.cutting import CuttingLine, cutting_line

GIGABYTE = 1024 * MEBIBYTE
AT_ONCE = 4
TRIES = 40


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """As large as a film, every mebibyte another."""
    path, pattern = tmp_path / "film.mp4", os.urandom(MEBIBYTE - 8)
    with path.open("wb") as file:
        for number in range(GIGABYTE // MEBIBYTE):
            file.write(number.to_bytes(8, "big") + pattern)
    return path


class Sender:
    """What the browser's uploads.js does: parts with their checksums, four at once, each until it has arrived."""

    def __init__(self, film: Path, line: CuttingLine) -> None:
        self.film, self.line, self.size = film, line, part_size_for(GIGABYTE)
        self.checksums: dict[int, str] = {}

    def part(self, number: int) -> bytes:
        with self.film.open("rb") as file:
            file.seek((number - 1) * self.size)
            return file.read(self.size)

    def known(self, numbers: list[int]) -> list[dict[str, Any]]:
        self.checksums = {number: sha256(self.part(number)).hexdigest() for number in numbers}
        return [{"number": number, "sha256": checksum} for number, checksum in self.checksums.items()]

    def send(self, address: dict[str, Any]) -> dict[str, Any]:
        content = self.part(address["number"])
        for _try in range(TRIES):
            try:
                answer = httpx.put(address["url"], content=content, headers=address["headers"], timeout=30)
            except httpx.TransportError:
                continue
            answer.raise_for_status()
            number = address["number"]
            return {"number": number, "etag": answer.headers["ETag"], "sha256": self.checksums[number]}
        raise AssertionError("a part never arrived")


def test_a_gigabyte_arrives_whole_over_a_line_that_is_cut_again_and_again(
    country: Country, film: Path, settings: Any
) -> None:
    trainer: APIClient = client_for(make_staff("trainer", country.institute))
    port = urlsplit(settings.STORAGE_ENDPOINT).port
    assert port
    with cutting_line(port, between=(MEBIBYTE, 20 * MEBIBYTE)) as line:
        settings.STORAGE_PUBLIC_URL = line.url
        sender = Sender(film, line)
        said = {"name": "film.mp4", "size": GIGABYTE, "purpose": "video"}
        print_of = fingerprint_of(film, sender.size)
        upload = trainer.post("/api/v1/uploads", said | {"fingerprint": print_of}, format="json").json()
        path = f"/api/v1/uploads/{upload['id']}"
        known = sender.known([part["number"] for part in upload["parts"]])
        addresses = trainer.post(f"{path}/parts", {"parts": known}, format="json").json()["parts"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sent = list(pool.map(sender.send, addresses))
    assert line.cuts > 20
    assert trainer.post(f"{path}/complete", {"parts": sent}, format="json").json()["state"] == "checking"
    row = Upload.objects.get()
    check_upload(upload_id=row.pk, at=timezone.now())
    row.refresh_from_db()
    assert row.code == "type_mismatch"  # whole, as its fingerprint says; but no film
    storage.delete(row.key)
