"""`Idempotency-Key`: a creating POST sent twice is done once and answered alike (draft-ietf-httpapi)."""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
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

KEY_AT_MOST = 100
KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)


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

    A success is stored in the transaction of what it tells: a crash in between leaves neither.
    """
    entry, fresh = _claim(request, _kept(key), timezone.now())
    if not fresh:
        return _replay(entry)
    try:
        with transaction.atomic():
            response = run()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _store(entry, response)
    except BaseException:
        entry.delete()
        raise
    if response.status_code >= 400:
        _store(entry, response)
    return response


def _kept(key: str) -> str:
    """A key as it is stored: a long one by its digest, so that no two of them become one."""
    return key if len(key) <= KEY_AT_MOST else hashlib.sha256(key.encode()).hexdigest()


def _claim(request: Request, key: str, at: datetime) -> tuple[IdempotencyKey, bool]:
    route, body_hash = request.path[:120], _body_hash(request)
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                person=request.user, route=route, key=key, body_hash=body_hash, created_at=at
            ), True
    except IntegrityError:
        known = IdempotencyKey.objects.select_related("person")
        entry = known.filter(person=request.user, route=route, key=key).first()
    if entry is None:  # the first request failed in this very moment, and gave its claim back
        raise StillUnderWay(retry_after=1)
    if bytes(entry.body_hash) != body_hash and entry.created_at > at - KEPT_FOR:
        raise KeyReused
    if entry.status is not None and entry.created_at > at - KEPT_FOR:
        return entry, False
    return entry, _take_over(entry, body_hash, at)


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


def _take_over(entry: IdempotencyKey, body_hash: bytes, at: datetime) -> bool:
    """A claim whose process died, or one from yesterday, may be taken by exactly one later request."""
    taken = IdempotencyKey.objects.filter(
        pk=entry.pk, created_at=entry.created_at, created_at__lte=at - ABANDONED_AFTER
    ).update(created_at=at, body_hash=body_hash, status=None, answer=b"")
    if not taken:
        raise StillUnderWay(retry_after=2)
    return True


def _store(entry: IdempotencyKey, response: Response) -> None:
    """Keep an answer; a server's failure is no answer, so its claim is given back."""
    if response.status_code >= 500:
        entry.delete()
        return
    text = orjson.dumps([JSONRenderer().render(response.data).decode(), response.content_type]).decode()
    answer = sealing.seal(text, table="idempotency_key", column="answer", row=entry.person.uuid)
    IdempotencyKey.objects.filter(pk=entry.pk).update(status=response.status_code, answer=answer)


def _replay(entry: IdempotencyKey) -> Response:
    text = sealing.unseal(entry.answer, table="idempotency_key", column="answer", row=entry.person.uuid)
    body, content_type = orjson.loads(text)
    data = orjson.loads(body) if body else None
    return Response(
        data, status=entry.status, content_type=content_type, headers={"Idempotent-Replay": "true"}
    )
