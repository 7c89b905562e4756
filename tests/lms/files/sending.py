"""Sending a file as a trainer's browser does: announce it, put its parts straight into the storage, complete."""

import io
from collections.abc import Iterable
from typing import Any

import httpx
from PIL import Image
from pypdf import PdfWriter
from rest_framework.test import APIClient


def put_part(url: str, data: bytes) -> str:
    """Put one part to its signed address; returns its ETag."""
    answer = httpx.put(url, content=data, timeout=30)
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


def put_parts(upload: dict[str, Any], data: bytes, parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    size = upload["part_size"]
    return [
        {
            "number": part["number"],
            "etag": put_part(part["url"], data[(part["number"] - 1) * size : part["number"] * size]),
        }
        for part in parts
    ]


def complete(client: APIClient, upload: dict[str, Any], sent: list[dict[str, Any]]) -> Any:
    return client.post(f"/api/v1/uploads/{upload['id']}/complete", {"parts": sent}, format="json")


def send_file(client: APIClient, data: bytes, purpose: str, **changes: Any) -> dict[str, Any]:
    """The whole way; returns the upload as the completion answered it (`checking`)."""
    upload = announce(client, data, purpose, **changes)
    answer = complete(client, upload, put_parts(upload, data, upload["parts"]))
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
