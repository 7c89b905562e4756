"""Every address × every actor: who gets what, who learns nothing, and that a refusal changes nothing.

The table is tests/contracts/routes.py, written by hand; nothing in it is computed from the policy it proves.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from string import Formatter
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from pytest_django import DjangoDbBlocker

from tests.contracts.routes import ROWS, Row, actors, read_rule
from tests.contracts.world import ACTORS, ALICE, World, build_world, everything_in, fresh_id, leaks

# What a request may leave behind though it was refused: that it was made, counted and recorded.
MAY_CHANGE: Final = {"rate_bucket", "auth_event", "idempotency_key", "access_entry"}
LOOKED_AT: Final = {"session": ("last_seen",)}
METHODS: Final = ("get", "post", "put", "patch", "delete")
REFUSED: Final = {"401", "403", "404", "sign-in"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once, in a transaction that never ends well."""
    with django_db_blocker.unblock(), undone():
        yield build_world()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside did not happen. Durable transactions are allowed in it, as in Django's own TestCase."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]  # how django.test.TestCase says the same
    with atomic:
        yield
        transaction.set_rollback(True)


# --- the table is whole


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each method of each address: (GET, api/v1/enrolments/<uuid:enrolment_id>)."""
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        else:
            yield from ((method, route) for method in methods_of(pattern))


def methods_of(pattern: URLPattern) -> Iterator[str]:
    callback: Any = pattern.callback
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    assert view is not None, f"{pattern.pattern} is no view class"
    yield from (
        name.upper() for name in METHODS if name in view.http_method_names and getattr(view, name, None)
    )


DUMMY: Final = {"code": "x", "home": "x", "course": "x", "closed": "x", "draft": "x"}


def route_of(row: Row) -> tuple[str, str]:
    names = {name for _text, name, _spec, _how in Formatter().parse(row.path) if name}
    path = row.path.format(**{name: DUMMY.get(name) or fresh_id() for name in names})
    return row.method, resolve(path.partition("?")[0]).route


def test_every_method_of_every_address_has_its_row() -> None:
    written = {route_of(row) for row in ROWS}
    existing = set(addresses(get_resolver()))
    assert existing - written == set(), "without a row in tests/contracts/routes.py"
    assert written - existing == set()


def test_every_row_says_what_each_actor_gets() -> None:
    for row in ROWS:
        for rule in row.rules.values():
            assert read_rule(rule, ACTORS).keys() == set(ACTORS)
        for words in (*row.says.values(), row.alices_name, row.samiras_name, row.samiras_id):
            assert actors(words) <= set(ACTORS), row.call


# --- asking


def ask(world: World, row: Row, actor: str, things: Mapping[str, str]) -> Any:
    path, body = row.path.format(**things), fill(row.body, things)
    client = world.browser(actor)
    headers = {"If-Match": "*"} if row.method in {"PATCH", "PUT", "DELETE"} else {}
    if path.startswith("/api/"):
        sent = json.dumps(body).encode() if body is not None else b""
        return client.generic(row.method, path, sent, "application/json", headers=headers)
    if row.method == "POST":
        return client.post(path, {name: str(value) for name, value in (body or {}).items()}, headers=headers)
    return client.get(path)


def fill(body: Any, things: Mapping[str, str]) -> Any:
    if isinstance(body, Mapping):
        return {name: fill(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [fill(value, things) for value in body]
    return body.format(**things) if isinstance(body, str) else body


def status_of(answer: Any) -> str:
    to_the_door = answer.status_code == 302 and answer["Location"].startswith("/sign-in")
    return "sign-in" if to_the_door else str(answer.status_code)


def fingerprint() -> dict[str, str]:
    """A digest of every row of every table, but for what a refused request may leave behind."""
    names = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - MAY_CHANGE)
    queries = [
        f"SELECT '{name}', md5(coalesce(string_agg(md5(({_row_of(name)})::text), '' ORDER BY t.id_), '')) "
        f"FROM (SELECT *, ctid::text AS id_ FROM {name}) AS t"
        for name in names
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries))
        return dict(cursor.fetchall())


def _row_of(table: str) -> str:
    ignored = " ".join(f"- '{column}'" for column in LOOKED_AT.get(table, ()))
    return f"to_jsonb(t) {ignored}" if ignored else "t"


CASES = [
    pytest.param(row, woman, id=f"{row.call} of {woman}" if woman else row.call) for row in ROWS for woman in row.rules
]


@pytest.mark.parametrize(("row", "woman"), CASES)
def test_each_actor_gets_what_the_table_says_and_nothing_else(world: World, row: Row, woman: str) -> None:
    expected = read_rule(row.rules[woman], ACTORS)
    things = world.things[woman or "alice"]
    before = fingerprint()
    wrong: list[str] = []
    for actor in ACTORS:
        with undone():
            answer = ask(world, row, actor, things)
            status = status_of(answer)
            if status != expected[actor]:
                wrong.append(f"{actor}: {status} instead of {expected[actor]}")
            if expected[actor] in REFUSED and (changed := difference(before, fingerprint())):
                wrong.append(f"{actor} was refused and changed {changed}")
            wrong += [f"{actor}: {leak}" for leak in told_too_much(world, row, actor, everything_in(answer))]
    assert not wrong, f"{row.call} of {woman}: " + "; ".join(wrong)
    assert difference(before, fingerprint()) == []


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name, digest in after.items() if before[name] != digest]


def told_too_much(world: World, row: Row, actor: str, text: str) -> Iterator[str]:
    """Secrets in an answer to someone who is not entitled, and things missing or present against the row."""
    needles = world.secrets_of_samira()
    if actor in actors(row.samiras_name):
        needles = {name: needle for name, needle in needles.items() if "name" not in name and name != "printed"}
    if actor in actors(row.samiras_id):
        needles.pop("uuid")
    yield from (f"sees Samira's {name}" for name in leaks(text, needles))
    if ALICE["name"] in text and actor not in actors(row.alices_name):
        yield "sees Alice's name"
    for template, who in row.says.items():
        needle = world.fill(template)
        if (needle in text) != (actor in actors(who)):
            yield f"{'lacks' if actor in actors(who) else 'has'} {template}"


# --- what exists but is not hers is what never was


def ghosts(things: Mapping[str, str]) -> dict[str, str]:
    return {name: "never-was" if name in DUMMY else fresh_id() for name in things}


OBJECTS = [
    pytest.param(row, woman, id=f"{row.call} of {woman}")
    for row in ROWS
    for woman, rule in row.rules.items()
    if woman and {"403", "404"} & set(read_rule(rule, ACTORS).values())
]


@pytest.mark.parametrize(("row", "woman"), OBJECTS)
def test_what_is_another_s_answers_like_what_never_was(world: World, row: Row, woman: str) -> None:
    """Same status, same headers, same body, but for the request's own name."""
    expected = read_rule(row.rules[woman], ACTORS)
    for actor in (actor for actor in ACTORS if expected[actor] in {"403", "404"}):
        things, nothing = world.things[woman], ghosts(world.things[woman])
        with undone():
            foreign, never = ask(world, row, actor, things), ask(world, row, actor, nothing)
        if b"document_of_her_centre_only" in foreign.content or b"publisher_needed" in foreign.content:
            continue  # hers to see, and refused for a reason of its own
        assert masked(foreign, things) == masked(never, nothing), f"{row.call}: {actor}"


def masked(answer: Any, things: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
    text = answer.content.decode()
    for value in sorted(set(things.values()), key=len, reverse=True):
        text = text.replace(value, "§") if len(value) > 5 else text
    text = re.sub(r'("request_id":"|csrfmiddlewaretoken" value=")[\w-]+', r"\1", text)
    headers = {name: value for name, value in answer.items() if name not in {"X-Request-ID", "Content-Length"}}
    return answer.status_code, headers, text
