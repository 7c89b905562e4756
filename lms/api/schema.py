"""The OpenAPI document: every operation says its ability and the refusals it can give."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from lms.access.policy import ANYONE, roles_with
from lms.api.permissions import ability_of
from lms.api.problems import Malformed, MethodNotAllowed, NoRoom, NotSignedIn, Unavailable
from lms.errors import NotAllowed, NotFound, Refusal

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Clients read `code`; people read `detail`.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}


class OperationSchema(AutoSchema):
    def get_operation_id(self) -> str:
        """`enrolment_detail_get`: the view and the method, which is unique because addresses are."""
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{words}_{self.method.lower()}"

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Bearer or cookie; nothing where anyone may come."""
        ability = ability_of(self.view, self.method)
        if ability and ANYONE in roles_with(ability):
            return [{}]
        return [{"bearer": []}, {"cookie": []}]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        ability = ability_of(self.view, self.method)
        operation["x-ability"] = ability
        by_status: dict[int, list[str]] = {}
        for refusal in self._refusals(ability):
            by_status.setdefault(refusal.status, []).append(refusal.code)
        for status, codes in sorted(by_status.items()):
            operation["responses"][str(status)] = _problem_response(sorted(set(codes)))
        return operation

    def _refusals(self, ability: str | None) -> list[type[Refusal]]:
        named = getattr(self.view, "refusals", ())
        own = named.get(self.method, ()) if isinstance(named, dict) else named
        # Malformed: any question may hold what no text of ours can (NUL).
        always: list[type[Refusal]] = [Malformed, MethodNotAllowed, NoRoom, Unavailable]
        if ability is None or ANYONE not in roles_with(ability):
            always += [NotSignedIn, NotAllowed]
        if "{" in self.path:
            always.append(NotFound)
        return [*own, *always]


def _problem_response(codes: list[str]) -> dict[str, Any]:
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": codes,
    }


def add_problem(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the one schema all refusals share."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return result
