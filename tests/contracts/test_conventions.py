"""What holds at every address alike: conditional reads, nothing left in a cache, doing once what one key asks for."""

from typing import Any, Final

import pytest
import time_machine
from django.urls import resolve
from django.utils import timezone

from lms.sign_in.models import RateBucket
from tests.contracts.asking import ask, fingerprint, undone, who_may
from tests.contracts.routes import ROWS, Row, read_rule
from tests.contracts.world import ACTORS, NOBODY, World, fresh_id

pytestmark = pytest.mark.django_db
SIGNED_IN: Final = tuple(actor for actor in ACTORS if actor not in {NOBODY, "proven"})
# What learners may keep: each says for how long in tests/learners/classroom/test_reading.py.
KEPT: Final = "/courses/{"


def rows(method: str) -> list[Row]:
    """A row for each address of the API that does something for someone signed in."""
    found = (row for row in ROWS if row.method == method and row.path.startswith("/api/v1/"))
    return list({row.call: row for row in found if who_may(row, SIGNED_IN) != NOBODY}.values())


def things_of(world: World, row: Row) -> dict[str, str]:
    return world.things[next(iter(row.rules)) or "alice"]


def reads() -> list[Row]:
    return [row for row in rows("GET") if status_of(row) == "200" and not row.path.endswith("/schema")]


def status_of(row: Row) -> str:
    return read_rule(next(iter(row.rules.values())), ACTORS)[who_may(row, SIGNED_IN)]


@pytest.mark.parametrize("row", reads(), ids=lambda row: row.call)
def test_what_has_not_changed_is_not_sent_again_and_what_is_hers_is_not_kept(world: World, row: Row) -> None:
    actor, things = who_may(row, SIGNED_IN), things_of(world, row)
    with time_machine.travel(
        timezone.now(), tick=False
    ):  # links are signed for a second: the same one for both
        first = ask(world, row, actor, things)
        assert first.status_code == 200
        again = ask(world, row, actor, things, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert ask(world, row, actor, things, **{"If-None-Match": '"another"'}).status_code == 200
    if not row.path.startswith(f"/api/v1{KEPT}"):
        assert first["Cache-Control"] == "no-store"


def once_by_key() -> list[Row]:
    return [row for row in rows("POST") if getattr(view_of(row).post, "idempotent", False)]


def view_of(row: Row) -> Any:
    filled = row.path.format_map(_Anything())
    return resolve(filled.partition("?")[0]).func.cls  # type: ignore[attr-defined]  # every address of the API is a class


class _Anything(dict[str, str]):
    """A value that any address takes where a path names a thing."""

    def __missing__(self, name: str) -> str:
        return "x" if name in {"draft", "course", "closed", "code", "home"} else fresh_id()


@pytest.mark.parametrize("row", once_by_key(), ids=lambda row: row.call)
def test_under_one_key_it_is_done_once_and_answered_alike(world: World, row: Row) -> None:
    actor, things, key = who_may(row, SIGNED_IN), things_of(world, row), {"Idempotency-Key": "one"}
    with undone():
        RateBucket.objects.all().delete()
        first = ask(world, row, actor, things, **key)
        done = fingerprint()
        second = ask(world, row, actor, things, **key)
        assert (second.status_code, second.json()) == (first.status_code, first.json())
        assert second["Idempotent-Replay"] == "true"
        assert fingerprint() == done
        another = Row(call=row.call, rules=row.rules, body={**(row.body or {}), "another": True})
        refused = ask(world, another, actor, things, **key)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
        assert fingerprint() == done
