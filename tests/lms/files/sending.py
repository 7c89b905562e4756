"""Sending a file as a trainer's browser does: announce it, put its parts straight into the storage, complete."""

import io
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import httpx
from PIL import Image
from pypdf import PdfWriter
from rest_framework.test import APIClient


def put_part(url: str, data: bytes, headers: dict[str, str] | None = None) -> str:
    """Put one part to its signed address; returns its ETag."""
    answer = httpx.put(url, content=data, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.headers["ETag"]


def announce(
    client: APIClient, data: bytes, purpose: str, *, name: str = "ملف", **changes: Any
) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/uploads",
        {"name": name, "size": len(data), "purpose": purpose, **changes},
        format="json",
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def fingerprint(data: bytes, part_size: int = 5 * 1024 * 1024) -> str:
    """What a browser says of a file: SHA-256 over the SHA-256 of each part."""
    parts = (data[start : start + part_size] for start in range(0, len(data), part_size))
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


def put_parts(upload: dict[str, Any], data: bytes, parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    size = upload["part_size"]
    sent = []
    for part in parts:
        content = data[(part["number"] - 1) * size : part["number"] * size]
        etag = put_part(part["url"], content, part.get("headers"))
        sent.append({"number": part["number"], "etag": etag, "sha256": sha256(content).hexdigest()})
    return sent


def address(client: APIClient, upload: dict[str, Any], data: bytes) -> list[dict[str, Any]]:
    """Where to put the parts that are missing, each with its SHA-256."""
    size = upload["part_size"]
    known = [
        {
            "number": part["number"],
            "sha256": sha256(data[(part["number"] - 1) * size : part["number"] * size]).hexdigest(),
        }
        for part in upload["parts"]
    ]
    answer = client.post(f"/api/v1/uploads/{upload['id']}/parts", {"parts": known}, format="json")
    assert answer.status_code == 200, answer.content
    parts: list[dict[str, Any]] = answer.json()["parts"]
    return parts


def complete(client: APIClient, upload: dict[str, Any], sent: list[dict[str, Any]]) -> Any:
    return client.post(f"/api/v1/uploads/{upload['id']}/complete", {"parts": sent}, format="json")


def send_file(client: APIClient, data: bytes, purpose: str, **changes: Any) -> dict[str, Any]:
    """The whole way; returns the upload as the completion answered it (`checking`)."""
    upload = announce(client, data, purpose, **changes)
    parts = address(client, upload, data) if "fingerprint" in changes else upload["parts"]
    answer = complete(client, upload, put_parts(upload, data, parts))
    assert answer.status_code == 200, answer.content
    return answer.json()


def picture(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def document() -> bytes:
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.write(out)
    return out.getvalue()
