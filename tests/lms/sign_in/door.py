"""What a woman does at the door, through HTTP, with the code read where the message would tell it."""

from typing import Any
from uuid import UUID

from rest_framework.test import APIClient

from lms.sign_in.codes import code_of

PHONE = "0612345678"
NUMBER = "+212612345678"


def ask_code(phone: str = PHONE, **headers: Any) -> str:
    """The id of a request for a code."""
    answer = APIClient().post("/api/v1/auth/codes", {"phone": phone}, format="json", **headers)
    assert answer.status_code == 202, answer.json()
    return str(answer.json()["request"])


def right_code(request: str) -> str:
    return code_of(UUID(request))


def wrong_code(request: str) -> str:
    return f"{(int(right_code(request)) + 1) % 10**6:06d}"


def sign_in(request: str, code: str, **more: Any) -> Any:
    return APIClient().post(
        "/api/v1/auth/sessions", {"request": request, "code": code, **more}, format="json"
    )


def client_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def proven(phone: str = PHONE, **more: Any) -> APIClient:
    """A client that has proven this number."""
    request = ask_code(phone)
    answer = sign_in(request, right_code(request), **more)
    assert answer.status_code == 201, answer.json()
    return client_with(answer.json()["token"])
