"""Whatever is sent to whatever address: a clear refusal with its code, nothing half-done, never a 500.

The bodies are made from the OpenAPI document and from a valid body of each address (tests/contracts/routes.py).
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from unittest import mock
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.test.client import encode_multipart
from django.utils.datastructures import MultiValueDict

from lms.sign_in.models import RateBucket
from tests.contracts.asking import fill, fingerprint, savepoint, who_may
from tests.contracts.openapi import body_of, document, parameters_of
from tests.contracts.routes import ROWS, Row
from tests.contracts.world import World, fresh_id

pytestmark = pytest.mark.django_db
PROBLEM: Final = "application/problem+json"
HOSTILE: Final = (
    None,
    -1,
    2**63,
    1e308,
    "x" * 100_000,
    "nul\x00inside",
    "9999-12-31T23:59:59-14:00",
    [[], 7, None, "nul\x00inside"],
    {"a\x00b": "c", "ar": {"x": []}, "id": None},
)
NO_OBJECTS: Final = {
    "null": b"null",
    "a list": b"[{}]",
    "a text": b'"text"',
    "half a body": b'{"device": "x", "eve',
    "not a number": b'{"a": NaN}',
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a lone surrogate": b'{"a": "\\ud800"}',
    "ten thousand lists": b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
}
ODD_OBJECTS: Final = {
    "nothing": b"",
    "an empty object": b"{}",
    "a number of a thousand digits": b'{"a": ' + b"9" * 1_000 + b"}",
    "one name twice": b'{"phone": "1", "phone": 2}',
    "a name of NUL": b'{"\\u0000": "\\u0000"}',
    "ten thousand names": json.dumps({f"n{number}": 1 for number in range(10_000)}).encode(),
}
ONE_BYTE_TOO_MANY: Final = (b'{"name": "').ljust(settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 1, b"x") + b'"}'


def mistake_in(answer: Any) -> str:
    """What is wrong with an answer, as an answer to anything at all (RFC 9457)."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.status_code < 400:
        return ""
    if not answer.request["PATH_INFO"].startswith("/api/"):
        return ""
    if answer["Content-Type"] != PROBLEM:
        return f"{answer.status_code} is {answer['Content-Type']}"
    body = json.loads(answer.content)
    if wanting := {"type", "title", "status", "detail", "code", "request_id"} - body.keys():
        return f"{answer.status_code} lacks {wanting}"
    same = (body["status"], body["request_id"]) == (answer.status_code, answer["X-Request-ID"])
    return "" if same else f"{answer.status_code} speaks of another answer"


class Sender:
    """Sends bodies to one address as someone who may. What was refused stays; what was done is undone."""

    def __init__(self, world: World, row: Row) -> None:
        self.client = world.browser(who_may(row))
        self.client.raise_request_exception = False
        things = world.things[next(iter(row.rules)) or "alice"]
        self.method, self.path = row.method, row.path.format(**things)
        self.body: Any = fill(row.body or {}, things)
        self.wrong: list[str] = []

    def send(self, name: str, body: bytes, *, kind: str = "application/json", **headers: str) -> Any:
        RateBucket.objects.all().delete()  # how often is asked in tests/lms/sign_in
        with savepoint():
            answer = self.client.generic(
                self.method, self.path, body, kind, headers={"If-Match": "*", **headers}
            )
            transaction.set_rollback(answer.status_code < 400)
        if mistake := mistake_in(answer):
            self.wrong.append(f"{name}: {mistake}")
        return answer


def writing(*, with_body: bool = False) -> list[Row]:
    """A row of the table for each POST, PUT and PATCH of the API; `with_body`: that reads what is sent."""
    rows = {
        row.call.partition("?")[0]: row
        for row in ROWS
        if row.method in {"POST", "PUT", "PATCH"} and row.path.startswith("/api/")
    }
    bare = (
        "/submit",
        "/replay",
        "/read",
        "/proof-codes",
        "/card",
        "/release",
        "/sign",
        "/take",
        "/close",
        "/options",
        "/challenges",
        "/cancel",
        "{help}/number",
        "/voice-notes/{voice}",
        "{review}/return",
        "{upload}/check",
        "/withdrawal",
        "{draft_module}/copies",
        "/restore",
        "/renewal",
    )
    return [row for row in rows.values() if not (with_body and row.path.endswith(bare))]


by_call = pytest.mark.parametrize("row", writing(with_body=True), ids=lambda row: row.call)


@by_call
def test_what_is_no_object_is_refused_whole(world: World, row: Row) -> None:
    sender, before = Sender(world, row), fingerprint()
    codes = {name: refused(sender.send(name, body)) for name, body in NO_OBJECTS.items()}
    codes["too large"] = refused(sender.send("too large", ONE_BYTE_TOO_MANY))
    codes["a form"] = refused(sender.send("a form", b"a=b", kind="application/x-www-form-urlencoded"))
    codes["a file"] = refused(sender.send("a file", b"--x--", kind="multipart/form-data; boundary=x"))
    codes["plain text"] = refused(sender.send("plain text", b"{}", kind="text/plain"))
    assert not sender.wrong, sender.wrong
    assert codes == dict.fromkeys(NO_OBJECTS, (400, "malformed")) | {
        "too large": (413, "too_large"),
        "a form": (415, "unsupported_media_type"),
        "a file": (422, "invalid") if "file" in (row.body or {}) else (415, "unsupported_media_type"),
        "plain text": (415, "unsupported_media_type"),
    }
    assert fingerprint() == before


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content or b"{}").get("code", "")


@pytest.mark.parametrize("row", writing(), ids=lambda row: row.call)
def test_odd_objects_and_odd_headers_break_nothing(world: World, row: Row) -> None:
    sender, before = Sender(world, row), fingerprint()
    for name, body in ODD_OBJECTS.items():
        sender.send(name, body)
    good = json.dumps(sender.body).encode()
    for kind in ("", "nonsense", "application/json; charset=nonsense", "*/*"):
        sender.send(f"type {kind!r}", good, kind=kind)
    for headers in (
        {"Idempotency-Key": "x" * 5_000},
        {"Idempotency-Key": "مفتاح"},
        {"If-Match": "nonsense"},
        {"If-Match": '"99999999999999999999"'},
        {"If-Match": ""},
        {"Content-Length": "nonsense"},
        DISREGARDED,
    ):
        sender.send(str(headers)[:60], good, **headers)
    assert not sender.wrong, sender.wrong
    assert fingerprint() == before


DISREGARDED: Final = {
    "Accept": "nonsense",
    "Accept-Language": "x" * 10_000 + ";q=nonsense,,,;",
    "Accept-Encoding": ";;;q=,",
    "X-Request-ID": "<script>",
    "Cookie": "session=x; language=\\x00; language",
}


@by_call
def test_every_value_of_every_body_may_be_nonsense(world: World, row: Row) -> None:
    sender, before = Sender(world, row), fingerprint()
    for place in [*places(sender.body), *((name,) for name in body_of(row) if name not in sender.body)]:
        for value in HOSTILE:
            body = put(sender.body, place, value)
            sender.send(f"{place} = {str(value)[:40]!r}", json.dumps(body).encode())
    assert not sender.wrong, sender.wrong
    assert fingerprint() == before


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a body something stands, at any depth."""
    entries = body.items() if isinstance(body, Mapping) else enumerate(body) if isinstance(body, list) else ()
    for name, value in entries:
        yield (*at, name)
        yield from places(value, (*at, name))


def put(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


# --- addresses

QUERIES: Final = ("nul%00inside", "%FF", "x" * 5_000, "-1", "9" * 400)


def reading() -> list[Row]:
    """A row of the table for each GET, pages too."""
    rows = {row.path.partition("?")[0]: row for row in ROWS if row.method == "GET"}
    return list(rows.values())


@pytest.mark.parametrize("row", reading(), ids=lambda row: row.call)
def test_every_question_may_be_nonsense(world: World, row: Row) -> None:
    sender, before = Sender(world, row), fingerprint()
    path = sender.path.partition("?")[0]
    names = {*parameters_of(row), "cursor", "page_size"} if row.path.startswith("/api/") else read_by(sender)
    for name in sorted(names or {"anything"}):
        for value in QUERIES:
            sender.path = f"{path}?{name}={value}"
            sender.send(f"{name}={value[:20]}", b"")
    assert not sender.wrong, sender.wrong
    assert fingerprint() == before


def read_by(sender: Sender) -> set[str]:
    """The names that a page looks for in what is sent to it."""
    names = set()

    def get(sent: QueryDict, name: str, default: Any = None) -> Any:
        names.add(name)
        return MultiValueDict.get(sent, name, default)

    with mock.patch.object(QueryDict, "get", get):
        sender.send("as it should be", form_of(sender.body), kind=FORM)
    return names - {"csrfmiddlewaretoken"}


FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = {
    "nothing": b"",
    "no form": b"{}",
    "no end": b'--x\r\nContent-Disposition: form-data; name="reason"\r\n\r\nhalf',
    "no UTF-8": b"--x\r\n\xff\xfe\r\n--x--\r\n",
}


def form_of(body: Mapping[str, Any], **raw: str) -> bytes:
    """A form; `raw` are values that are encoded already."""
    return "&".join(
        [
            *(f"{name}={quote(str(value))}" for name, value in body.items() if name not in raw),
            *(f"{name}={value}" for name, value in raw.items()),
        ]
    ).encode()


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.method == "POST" and "/api/" not in row.path], ids=lambda row: row.call
)
def test_every_field_of_every_form_may_be_nonsense(world: World, row: Row) -> None:
    sender, before = Sender(world, row), fingerprint()
    for name in sorted({*sender.body, *read_by(sender)}):
        for value in ("nul%00inside", "%FF", "x" * 100_000, "9" * 400):
            sender.send(f"{name}={value[:20]}", form_of(sender.body, **{name: value}), kind=FORM)
        parts = encode_multipart("x", {**sender.body, name: "nul\x00inside"})
        sender.send(f"{name} in parts", parts, kind="multipart/form-data; boundary=x")
    for name, body in MULTIPART.items():
        sender.send(name, body, kind="multipart/form-data; boundary=x")
    sender.send("JSON", b'{"a": ')
    assert not sender.wrong, sender.wrong
    if "/attempts/" not in row.path:  # an unfinished quiz is refused, and what she answered so far is kept
        assert fingerprint() == before


ODD_ADDRESSES: Final = (
    "nowhere",
    "v2/me",
    "enrolments/",
    "enrolments/not-a-uuid",
    "enrolments/00000000-0000-0000-0000-00000000000g",
    "enrolments/%00",
    "organisations/%00",
    "organisations/..%2F..%2Fetc",
    "verify/%00",
    "verify/%FF%FE",
    "verify/" + "A" * 5_000,
    "verify/%2e%2e",
    "courses/%E2%80%AE",
    "courses/open-course/publications/" + "9" * 30 + "/outline/ar",
    "courses/open-course/publications/" + "9" * 5_000 + "/outline/ar",
    "courses/open-course/publications/-1/outline/ar",
    "courses/open-course/publications/1/outline/" + "x" * 3_000,
)


@pytest.mark.parametrize("address", ODD_ADDRESSES, ids=lambda address: address[:60])
def test_an_odd_address_is_a_problem_or_an_answer_like_any_other(world: World, address: str) -> None:
    client = world.browser("ministry_admin")
    client.raise_request_exception = False
    answer = client.get(f"/api/v1/{address}")
    assert not mistake_in(answer)
    assert answer.status_code in {400, 404} or (answer.status_code, answer.json()["status"]) == (
        200,
        "unknown",
    )


@pytest.mark.parametrize(
    "path", ["/v/%00", "/v/%FF", "/help/images/..%2F..%2Fsettings.py", "/courses/%00", "/%00"]
)
def test_an_odd_page_is_not_there(world: World, path: str) -> None:
    client = world.browser("alice")
    client.raise_request_exception = False
    assert client.get(path).status_code in {200, 400, 404}


@pytest.mark.parametrize("actor", ["nobody", "alice", "ministry_admin"])
def test_a_method_that_an_address_does_not_take_is_said_so(world: World, actor: str) -> None:
    """405 with `Allow`, before anything is asked about who may: the table of addresses is no secret."""
    client, wrong = world.browser(actor), []
    for path, methods in document()["paths"].items():
        address = re.sub(r"\{\w*(number|version)\}", "1", path)
        address = re.sub(r"\{\w*(slug|code|language)\}", "x", address)
        address = re.sub(r"\{\w+\}", fresh_id(), address)
        for method in {"get", "post", "put", "patch", "delete"} - methods.keys():
            answer = client.generic(method.upper(), address, b"{}", "application/json")
            if refused(answer) != (405, "method_not_allowed") or "Allow" not in answer:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert not wrong, wrong
