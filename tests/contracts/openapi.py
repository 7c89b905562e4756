"""Reading the API's own description, where a test asks what an address takes and gives."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.contracts.routes import Row


@cache
def document() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def operation(row: Row) -> dict[str, Any]:
    """What the document says of a row of the table: of the address with the fewest parameters that fits."""
    path = row.path.partition("?")[0]
    for known, methods in sorted(document()["paths"].items(), key=lambda item: item[0].count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", known)
        if re.fullmatch(pattern, path) and known.count("{") == path.count("{") + _literals(known, path):
            found: dict[str, Any] = methods[row.method.lower()]
            return found
    raise KeyError(row.call)


def _literals(known: str, path: str) -> int:
    """How many parameters of an address a row names by their value."""
    parts = zip(known.split("/"), path.split("/"), strict=True)
    return sum(ours.startswith("{") and not theirs.startswith("{") for ours, theirs in parts)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its `$ref` and `allOf`."""
    while "$ref" in schema or "allOf" in schema:
        name = schema["$ref"] if "$ref" in schema else schema["allOf"][0]["$ref"]
        schema = document()["components"]["schemas"][name.rpartition("/")[2]]
    return schema


def body_of(row: Row) -> dict[str, Any]:
    """The properties of the body that an address takes."""
    content = operation(row).get("requestBody", {}).get("content", {})
    schema = resolved(next(iter(content.values()))["schema"]) if content else {}
    properties: dict[str, Any] = schema.get("properties", {})
    return properties


def parameters_of(row: Row) -> list[str]:
    """The names of the question that an address takes."""
    if not row.path.startswith("/api/v1/") or row.path.endswith("/schema"):
        return []
    return [each["name"] for each in operation(row).get("parameters", ()) if each["in"] == "query"]


def undocumented(row: Row, status: int, answer: Any) -> list[str]:
    """The fields of an answer that the document does not name, as RFC 6901 pointers; or its status."""
    answers = operation(row)["responses"]
    if str(status) not in answers:
        return [f"status {status}"]
    content = answers[str(status)].get("content", {})
    return list(_strangers(answer, content.get("application/json", {}).get("schema", {}), ""))


def _strangers(answer: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    schema = resolved(next((each for each in schema.get("oneOf", ()) if each != {"type": "null"}), schema))
    if isinstance(answer, list):
        for number, item in enumerate(answer):
            yield from _strangers(item, schema.get("items", {}), f"{at}/{number}")
    elif isinstance(answer, dict) and "additionalProperties" not in schema:
        known = schema.get("properties", {})
        for name, value in answer.items():
            if name not in known:
                yield f"{at}/{name}"
            yield from _strangers(value, known.get(name, {}), f"{at}/{name}")
