"""SQL written as text, for what is asked so often that putting a queryset together costs more than its answer.

Everything else asks by querysets. A statement of this kind is a constant beside the query that sends it; its values
are always bound, never written into it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

Row = tuple[Any, ...]
Values = Mapping[str, Any]
ModelT = TypeVar("ModelT", bound=models.Model)


def rows(statement: str, values: Values) -> list[Row]:
    """All rows. A column of `jsonb` is its text, for `orjson.loads`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Row] = cursor.fetchall()
    return found


def row(statement: str, values: Values) -> Row | None:
    """The first row; None where there is none."""
    return next(iter(rows(statement, values)), None)


def columns_of(model: type[models.Model]) -> str:
    """Every column of a model for a SELECT, under its table's name: `session.id, session.uuid, …`."""
    table = model._meta.db_table  # noqa: SLF001  # Django's documented model API stands behind this name
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)  # noqa: SLF001


def loaded(model: type[ModelT], values: Sequence[Any]) -> ModelT:
    """An instance as a queryset would have loaded it, from the values of `columns_of`.

    For models without JSON columns: those arrive here as text.
    """
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001
    return model.from_db(DEFAULT_DB_ALIAS, names, values)
