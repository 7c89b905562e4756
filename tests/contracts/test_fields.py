"""Who writes may write only what its address takes: every other column of ours is sent too, and stays as it was.

Each address that takes a body is asked three times: twice as it should be, which shows what it writes and what of that
is new each time (ids, moments, sealed bytes), and once with a forged value for every column of every table.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection, models

from lms.accounts.models import Person
from lms.organisations.models import Organisation
from lms.sign_in.models import RateBucket
from tests.contracts.asking import LOOKED_AT, ask, undone, who_may
from tests.contracts.openapi import body_of, resolved
from tests.contracts.routes import ROWS, Row
from tests.contracts.world import World

pytestmark = pytest.mark.django_db
MARK: Final = "forged"
FORGED_ID: Final = "deadbeef-0000-7000-8000-00000000f09e"
FORGED_DAY: Final = "2001-02-03"
FORGED_NUMBER: Final = 64257
Rows = dict[tuple[str, Any], dict[str, Any]]


def writing() -> list[Row]:
    """A row of the table for each method of each address that takes a body."""
    rows = [row for row in ROWS if row.path.startswith("/api/") and row.body is not None]
    return list({row.call: row for row in reversed(rows)}.values())


@pytest.mark.parametrize("row", writing(), ids=lambda row: row.call)
def test_what_an_address_does_not_take_is_not_written(world: World, row: Row) -> None:
    actor, things = who_may(row), world.things[next(iter(row.rules)) or "alice"]
    forged = Row(call=row.call, rules=row.rules, body=with_strangers(row.body, taken_by(row), world))
    first, again = effect(world, row, actor, things), effect(world, row, actor, things)
    written = effect(world, forged, actor, things)
    assert not list(forgeries(written))
    if written:  # else refused as a whole, which is as good
        assert changes(written, unlike=(first, again)) == changes(first, unlike=(first, again))


# --- what is sent


def taken_by(row: Row) -> set[str]:
    """Every name that the document knows in a body of this address, at any depth."""
    return set(_names({"properties": body_of(row)}))


def _names(schema: dict[str, Any]) -> Iterator[str]:
    schema = resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from _names(inner)
    yield from _names(schema["items"]) if "items" in schema else ()


def with_strangers(body: Any, taken: set[str], world: World) -> Any:
    """The body with a forged value for every column of ours that it does not take, in each of its objects."""
    if isinstance(body, list):
        return [with_strangers(item, taken, world) for item in body]
    if not isinstance(body, Mapping):
        return body
    inside = {
        name: value if is_text(value) else with_strangers(value, taken, world) for name, value in body.items()
    }
    return inside if is_text(body) else inside | {n: v for n, v in columns(world).items() if n not in taken}


def is_text(value: Any) -> bool:
    """A text in several languages, which takes no other names: `{"ar": …}`."""
    return isinstance(value, Mapping) and "ar" in value


def columns(world: World) -> dict[str, Any]:
    """A forged value for every column, by its name and by that of its key."""
    return {
        name: forge(field, world)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    } | {
        "pk": FORGED_NUMBER,
        "is_staff": True,
        "is_superuser": True,
        "role": "ministry_admin",
        "roles": ["operator"],
    }


def forge(field: "models.Field[Any, Any]", world: World) -> Any:
    if field.related_model is Person:
        return str(world.people["samira"].uuid)
    if field.related_model is Organisation:
        return "shelter"
    if isinstance(field, models.BooleanField):
        return not field.has_default() or not field.get_default()
    if field.choices:
        return [value for value, _word in field.choices][-1]
    return next((value for kind, value in FORGED.items() if isinstance(field, kind)), MARK)


FORGED: Final[dict[type["models.Field[Any, Any]"], Any]] = {
    models.UUIDField: FORGED_ID,
    models.DateTimeField: f"{FORGED_DAY}T04:05:06Z",
    models.DateField: FORGED_DAY,
    models.IntegerField: FORGED_NUMBER,
    models.ForeignKey: FORGED_ID,
}


# --- what was written


def effect(world: World, row: Row, actor: str, things: Mapping[str, str]) -> Rows:
    """What a request changes: of a new row all columns, of another those that differ."""
    RateBucket.objects.all().delete()
    before = everything()
    with undone():
        ask(world, row, actor, things)
        after = everything()
    old = {key: dict.fromkeys(values) for key, values in before.items() if key not in after}
    numbers: dict[str, int] = {}
    for key, values in after.items():
        known = before.get(key)
        if known is None:
            numbers[key[0]] = number = numbers.get(key[0], 0) + 1
            old[(key[0], f"new {number}")] = values
        elif changed := {
            n: value for n, value in values.items() if known[n] != value and not _used(key[0], n)
        }:
            old[key] = changed
    return old


def _used(table: str, column: str) -> bool:
    """Whether a column only says that somebody was here."""
    return column in LOOKED_AT.get(table, ())


def everything() -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(_everything())
        return {(table, key): json.loads(row) for table, key, row in cursor.fetchall()}


@cache
def _everything() -> str:
    tables = {
        model._meta.db_table: model._meta.pk.column  # type: ignore[union-attr]  # every model has a key
        for model in apps.get_models(include_auto_created=True)
    }
    tables.pop(RateBucket._meta.db_table)
    rows = (
        f"SELECT '{table}' AS name, lpad({key}::text, 20) AS key, to_jsonb(t)::text FROM {table} AS t"  # noqa: S608  # our own tables
        for table, key in sorted(tables.items())
    )
    return f"{' UNION ALL '.join(rows)} ORDER BY name, key"


def changes(written: Rows, *, unlike: tuple[Rows, Rows]) -> Rows:
    """What was written, without what was new each time."""
    first, again = unlike
    assert first.keys() == again.keys(), "the same request writes the same rows"
    return {
        key: {name: value for name, value in values.items() if not _varies(first, again, key, name)}
        for key, values in written.items()
    }


def _varies(first: Rows, again: Rows, key: tuple[str, Any], name: str) -> bool:
    return key in first and first[key].get(name) != again[key].get(name)


def forgeries(written: Rows) -> Iterator[str]:
    """The columns that hold something we forged."""
    for (table, _key), values in written.items():
        for name, value in values.items():
            text = json.dumps(value)
            if any(mark in text for mark in (MARK, FORGED_ID, FORGED_DAY)) or value == FORGED_NUMBER:
                yield f"{table}.{name} = {text}"
