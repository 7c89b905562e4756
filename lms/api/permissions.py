from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from lms.access.policy import ANYONE, roles_with
from lms.access.scoping import HasScope
from lms.api.problems import MethodNotAllowed, NotSignedIn
from lms.errors import NotAllowed

if TYPE_CHECKING:  # DRF's views load this module from the settings
    from rest_framework.views import APIView


class HoldsAbility(BasePermission):
    """The ability that the view names, or nothing. From here on `request.user.scope` is that ability's."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not hasattr(view, str(request.method).lower()):
            raise MethodNotAllowed
        ability = ability_of(view, str(request.method))
        if ability is None:
            raise NotAllowed
        user: HasScope = request.user  # type: ignore[assignment]  # Person or Nobody
        if ANYONE not in roles_with(ability):
            if not user.is_authenticated:
                raise NotSignedIn
            if not user.scope.may(ability):
                raise NotAllowed
        user.scope = user.scope.narrowed(ability)
        return True


def ability_of(view: "APIView", method: str) -> str | None:
    """What `method` needs on `view`: one ability for all methods, or one for each."""
    named: str | dict[str, str] | None = getattr(view, "ability", None)
    if isinstance(named, dict):
        return named.get("GET" if method == "HEAD" else method)
    return named
