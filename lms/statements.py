"""SQL written as text, for what is asked so often that putting a queryset together costs more than its answer.

Everything else asks by querysets. A statement of this kind is a constant beside the query that sends it; its values
are always bound, never written into it. PostgreSQL plans it once a connection, where planning a join of six tables
costs more than reading what it finds.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]
Values = Mapping[str, Any] | Sequence[Any]
ModelT = TypeVar("ModelT", bound=models.Model)


def rows(statement: str, values: Values) -> list[Row]:
    """All rows, none for a statement that returns none. A column of `jsonb` is its text, for `orjson.loads`."""
    with _cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Row] = cursor.fetchall() if cursor.description else []
    return found


def _cursor() -> CursorWrapper:
    """`connection.cursor()` with values bound by the server, which prepares what it is told five times over."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(cursor)  # type: ignore[arg-type]  # a cursor of psycopg, as Django itself wraps it


def row(statement: str, values: Values) -> Row | None:
    """The first row; None where there is none."""
    return next(iter(rows(statement, values)), None)


def columns_of(model: type[models.Model]) -> str:
    """Every column of a model for a SELECT, under its table's name: `session.id, session.uuid, …`."""
    table = model._meta.db_table  # noqa: SLF001  # Django's documented model API stands behind this name
    return ", ".join(f"{table}.{field.column}" for field in _fields_of(model))


def width_of(model: type[models.Model]) -> int:
    """How many columns `columns_of` names."""
    return len(_fields_of(model))


def loaded(model: type[ModelT], values: Sequence[Any]) -> ModelT:
    """An instance as a queryset would have loaded it, from the values of `columns_of`."""
    names, json_at = _reading_of(model)
    read = list(values)
    for place in json_at:
        read[place] = None if read[place] is None else orjson.loads(read[place])
    return model.from_db(DEFAULT_DB_ALIAS, names, read)


@cache
def _reading_of(model: type[models.Model]) -> tuple[list[str], list[int]]:
    """The names of a model's values, and the places of those that are JSON."""
    fields = _fields_of(model)
    json_at = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    return [field.attname for field in fields], json_at


def _fields_of(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(model._meta.concrete_fields)  # noqa: SLF001
