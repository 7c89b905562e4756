"""`Idempotency-Key`: a creating POST sent twice is done once and answered alike (draft-ietf-httpapi)."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response
from rest_framework.views import APIView

from lms import sealing
from lms.api.models import IdempotencyKey
from lms.api.renderers import JSONRenderer
from lms.api.views import Request
from lms.errors import Refusal

if TYPE_CHECKING:  # accounts stand above this subject
    from lms.accounts.models import Person

KEY_AT_MOST = 100
KEPT_FOR = timedelta(hours=24)


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    message = _("This key was used for something else.")


class StillUnderWay(Refusal):
    code = "idempotency_in_progress"
    status = 409
    message = _("The first request is still under way.")


Handler = Callable[..., Response]


def once(post: Handler) -> Handler:
    """Mark a creating POST: with an `Idempotency-Key` a signed-in person's request is done once."""

    @functools.wraps(post)
    def answer(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key or not request.user.is_authenticated:
            return post(view, request, *args, **kwargs)
        return _answer_once(request, key, lambda: _answer(view, post, request, *args, **kwargs))

    answer.idempotent = True  # type: ignore[attr-defined]  # read by tests/contracts
    return answer


def _answer(view: APIView, post: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    try:
        return post(view, request, *args, **kwargs)
    except Exception as error:  # noqa: BLE001  # a refusal is an answer too; anything else is raised again
        return view.handle_exception(error)


def _answer_once(request: Request, key: str, run: Callable[[], Response]) -> Response:
    """Run the request, or give back what it answered the first time.

    A success is stored in the transaction of what it tells: a crash in between leaves neither, and the next request
    may try at once. A failure of ours is no answer.
    """
    asked = _Asked(request.user, request.path[:120], _kept(key), _body_hash(request), timezone.now())
    try:
        with transaction.atomic():
            if known := _begin(asked):
                return _replay(known, asked.person)
            response = run()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _entry(asked, response).save(force_insert=True)
    except IntegrityError as error:
        if "one_answer_per_key" not in str(error):
            raise
        raise StillUnderWay(retry_after=1) from error  # the first ended between our look and our lock
    if 400 <= response.status_code < 500:
        IdempotencyKey.objects.bulk_create([_entry(asked, response)], ignore_conflicts=True)
    return response


@dataclass(frozen=True)
class _Asked:
    person: "Person"
    route: str
    key: str
    body_hash: bytes
    at: datetime

    @property
    def lock(self) -> int:
        name = f"{self.person.pk} {self.route} {self.key}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)


# The lock ends with the transaction, however that ends: nothing is left behind by a process that died.
BEGIN: Final = """
SELECT pg_try_advisory_xact_lock(%s), known.id
  FROM (VALUES (1)) AS once
  LEFT JOIN idempotency_key AS known ON (person_id, route, key) = (%s, %s, %s)
"""


def _begin(asked: _Asked) -> IdempotencyKey | None:
    """The answer given before, or None and the right to be the first. Refuses while another one is at it."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [asked.lock, asked.person.pk, asked.route, asked.key])
        alone, known = cursor.fetchone()
    entry = IdempotencyKey.objects.filter(pk=known).first() if known else None
    if entry and entry.status is not None and entry.created_at > asked.at - KEPT_FOR:
        if bytes(entry.body_hash) != asked.body_hash:
            raise KeyReused
        return entry
    if not alone:
        raise StillUnderWay(retry_after=2)
    if entry:
        entry.delete()
    return None


def _kept(key: str) -> str:
    """A key as it is stored: a long one by its digest, so that no two of them become one."""
    return key if len(key) <= KEY_AT_MOST else hashlib.sha256(key.encode()).hexdigest()


def _body_hash(request: Request) -> bytes:
    """Of the body as it was sent; of a form with files field by field, because it is not held in memory whole."""
    if not str(request.content_type).startswith("multipart/"):
        return hashlib.sha256(request._request.body).digest()
    digest = hashlib.sha256()
    for name, values in sorted(cast("QueryDict", request.data).lists()):
        for value in values:
            digest.update(hashlib.sha256(name.encode()).digest() + _hash_of(value))
    return digest.digest()


def _hash_of(value: object) -> bytes:
    if not isinstance(value, UploadedFile):
        return hashlib.sha256(str(value).encode()).digest()
    digest = hashlib.sha256()
    for piece in value.chunks():
        digest.update(piece)
    value.seek(0)
    return digest.digest()


def _entry(asked: _Asked, response: Response) -> IdempotencyKey:
    text = orjson.dumps([JSONRenderer().render(response.data).decode(), response.content_type]).decode()
    return IdempotencyKey(
        person=asked.person,
        route=asked.route,
        key=asked.key,
        body_hash=asked.body_hash,
        created_at=asked.at,
        status=response.status_code,
        answer=sealing.seal(text, table="idempotency_key", column="answer", row=asked.person.uuid),
    )


def _replay(entry: IdempotencyKey, person: "Person") -> Response:
    text = sealing.unseal(entry.answer, table="idempotency_key", column="answer", row=person.uuid)
    body, content_type = orjson.loads(text)
    data = orjson.loads(body) if body else None
    return Response(
        data, status=entry.status, content_type=content_type, headers={"Idempotent-Replay": "true"}
    )
