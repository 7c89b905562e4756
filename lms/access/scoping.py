"""Which rows are hers: a Scope value and the queryset that obeys it. Imports no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol, Self, TypeVar

from django.db import models
from django.db.models import Q

from lms.access.policy import LEARNER, roles_with


@dataclass(frozen=True)
class Grant:
    """One role at one place. `path` is the materialised path of an organisation: the role reaches its subtree."""

    role: str
    path: str
    own_node: bool = True  # false where only a partner agreement leads to the place


@dataclass(frozen=True)
class Scope:
    """What one person may reach. `owner_id` is set when her own rows count."""

    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    owner_id: int | None = None

    def may(self, ability: str) -> bool:
        roles = roles_with(ability)
        return (LEARNER in roles and self.person_id is not None) or any(g.role in roles for g in self.grants)

    def narrowed(self, ability: str) -> Scope:
        """Only the places where she holds this ability, so that a trainer's tree is not an administrator's."""
        roles = roles_with(ability)
        owner = self.person_id if LEARNER in roles else None
        return replace(self, grants=tuple(g for g in self.grants if g.role in roles), owner_id=owner)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted({grant.path for grant in self.grants}))

    @property
    def home_paths(self) -> tuple[str, ...]:
        """The nodes where she herself works: only there does she see names."""
        return tuple(sorted({grant.path for grant in self.grants if grant.own_node}))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def reaches(self, path: str) -> bool:
        return any(path.startswith(prefix) for prefix in self.paths)


class HasScope(Protocol):
    scope: Scope

    @property
    def is_authenticated(self) -> bool: ...


@dataclass
class Nobody:
    """Whoever has not signed in."""

    scope: Scope = field(default_factory=Scope)
    pk: None = None
    is_authenticated: bool = False
    is_active: ClassVar[bool] = False
    is_anonymous: ClassVar[bool] = True


def within(paths: Iterable[str], field_name: str) -> Q:
    """Rows whose organisation lies in one of the subtrees; no path, no row."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field_name}__startswith": path})
    return condition


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[Row_co]):
    """A queryset that meets users. A model says which columns make a row hers (`owner`, `place`)."""

    owner: ClassVar[str | None] = None
    place: ClassVar[str | None] = None

    def visible_to(self, user: HasScope) -> Self:
        """Her own rows and those of the subtrees where she holds the ability at hand."""
        scope = user.scope
        condition = Q(pk__in=[])
        if self.owner and scope.owner_id is not None:
            condition |= Q(**{self.owner: scope.owner_id})
        if self.place:
            condition |= within(scope.paths, self.place)
        return self.filter(condition)
