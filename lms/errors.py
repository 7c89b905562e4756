"""How the platform says no."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A refusal that a person can understand and a client can act on.

    `code` is the contract with clients; `message` is for people and translated; `errors` point into the input
    as RFC 9457 asks: `{"pointer", "code", "detail"}`.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    message: ClassVar[str | Promise] = _("This cannot be done.")

    def __init__(
        self,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        retry_after: int | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(self.code)
        self.errors = list(errors)
        self.retry_after = retry_after
        self.facts = facts

    @property
    def detail(self) -> str:
        return str(self.message) % self.facts if self.facts else str(self.message)


class NotFound(Refusal):
    """It does not exist for the one who asks, which is also what she hears about what never existed."""

    code = "not_found"
    status = 404
    message = _("We could not find this.")


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403
    message = _("Your role does not include this.")


class InvalidInput(Refusal):
    code = "invalid"
    status = 422
    message = _("Some answers need a correction.")

    @classmethod
    def at(cls, pointer: str, code: str, detail: str | Promise) -> Self:
        """One thing to correct, by its RFC 6901 pointer."""
        return cls(errors=[{"pointer": pointer, "code": code, "detail": str(detail)}])
