"""Giving a woman what is kept about her, and forgetting her."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.certificates.models import Certificate
from learners.events import PersonErased
from learners.personal_data.registry import HELD, Held
from lms.accommodations import accommodations_of
from lms.accounts.models import Identity, Person
from lms.audit.models import AccessEntry, ChangeEntry
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish
from lms.files import storage
from lms.organisations.models import Membership
from lms.sealing import unseal

SEALED: Final = ("names", "phone", "email", "birth_year")
LOOKS_GIVEN: Final = 1_000


class HoldsARole(Refusal):
    code = "holds_a_role"
    status = 409
    message = _("She holds a role. End it first.")


def export_person(person: Person) -> dict[str, Any]:
    """All that is kept about her: `identity` opened, `held` by table, and the newest thousand `looks` at her data."""
    held = {each.table: _given(each, person) for each in HELD if each.export}
    return {"identity": _identity(person), "held": held, "looks": _looks(person)}


def _given(held: Held, person: Person) -> list[dict[str, Any]]:
    """Her rows of one table, its columns under the names she reads."""
    bound = ["uuid", *held.sealed.values()] if held.sealed else []
    rows = held.rows(person).values(*{*held.export.values(), *bound})
    return [{name: row[column] for name, column in held.export.items()} | _opened(held, row) for row in rows]


def _opened(held: Held, row: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: unseal(row[column], table=held.table, column=column, row=row["uuid"])
        for name, column in held.sealed.items()
    }


def _identity(person: Person) -> dict[str, str]:
    identity = Identity.objects.select_related("person").filter(person=person).first()
    if identity is None:
        return {}
    eased = {"accommodations": " ".join(sorted(accommodations_of(identity.person)))}
    sealed = {column: identity.read(column) for column in SEALED if getattr(identity, column)}
    return sealed | {name: words for name, words in eased.items() if words}


def _looks(person: Person) -> list[Mapping[str, Any]]:
    """When someone saw her name or number, where, and why."""
    rows = AccessEntry.objects.filter(people__contains=[person.pk]).order_by("-id")
    return list(rows.values("at", "surface", "reason")[:LOOKS_GIVEN])


@transaction.atomic
def erase_person(*, person: Person, by: Person | None, reason: str, at: datetime) -> None:
    """Forget her: identity, account, messages and certificates go; counts stay without her. Cannot be undone.

    Her documents are removed from the storage by a worker; her certificates' links are unknown from this moment.
    Safe to repeat. Refuses whoever still holds a role.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if Membership.objects.in_force(timezone.localdate(at)).filter(person=person).exists():
        raise HoldsARole
    keys = Certificate.objects.filter(enrolment__learner=person).exclude(key="")
    documents = list(keys.values_list("key", flat=True))
    # The history of changes goes on, about a number that leads to nobody.
    nobody = f"person:{person.pk}"
    ChangeEntry.objects.filter(subject=f"person:{person.uuid}").update(subject=nobody)
    for held in HELD:
        if callable(held.erase):
            held.erase(held.rows(person))
    record_change(actor=by, verb="person.erase", subject=nobody, reason=reason, at=at)
    if documents:
        publish(PersonErased(documents=documents))


def remove_documents(keys: list[str]) -> None:
    """Remove objects from the storage. Safe to repeat."""
    for key in keys:
        storage.delete(key)
