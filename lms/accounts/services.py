"""Making people known, keeping their names, and showing a name to staff only with a record of who looked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms import sealing
from lms.access.scoping import Scope, within
from lms.accommodations import KNOWN, seal_accommodations
from lms.accounts.indexes import email_index, lock_number, phone_index
from lms.accounts.models import Identity, Person
from lms.accounts.names import Names, is_latin
from lms.accounts.phones import normalise_phone
from lms.accounts.pins import pin_matches, seal_pin
from lms.accounts.queries import names_of, people_on_index, with_home
from lms.accounts.search import name_tokens
from lms.audit.services import record_change, record_look
from lms.errors import InvalidInput, NotFound, Refusal

if TYPE_CHECKING:
    from lms.organisations.models import Organisation

REVEALED_AT_ONCE = 100
WRITTEN_AT_ONCE = 1_000


class EmailTaken(Refusal):
    code = "email_taken"
    status = 409
    message = _("Someone already uses this e-mail address.")


class NotLatin(Refusal):
    code = "not_latin"
    message = _("Write this name in Latin letters only.")


class PinNotFree(Refusal):
    """Two people on one number cannot have the same PIN: it could not choose between them."""

    code = "pin_not_free"
    message = _("Choose another PIN.")


class CurrentPinWrong(Refusal):
    code = "current_pin_wrong"
    message = _("The PIN you have now is another one.")


class CurrentPinNeeded(Refusal):
    code = "current_pin_needed"
    message = _("Write the PIN you have now to choose a new one.")


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Someone about to be known. `hidden` keeps her out of the name search though she has no home yet."""

    first_name: str
    family_name: str
    phone: str = ""
    email: str = ""
    language: str = "ar"
    birth_year: int | None = None
    printed_name: str = ""
    latin_name: str = ""
    discreet: bool = False
    home: "Organisation | None" = None
    verified_at: datetime | None = None
    hidden: bool = False

    @property
    def names(self) -> Names:
        parts = (self.first_name, self.family_name, self.printed_name, self.latin_name)
        return Names(*(" ".join(part.split()) for part in parts))


@transaction.atomic
def create_people(rows: Sequence[NewPerson], *, at: datetime) -> list[Person]:
    """Write people and their sealed identities set-based, in the order given; they have neither password nor PIN.

    Phones in any usual form (`not_a_mobile` otherwise). Two statements per thousand people.
    """
    people = [_person(row, at) for row in rows]
    Person.objects.bulk_create(people, batch_size=WRITTEN_AT_ONCE)
    identities = [_identity(person, row) for person, row in zip(people, rows, strict=True)]
    Identity.objects.bulk_create(identities, batch_size=WRITTEN_AT_ONCE)
    return people


def create_person(
    row: NewPerson, *, at: datetime, password: str = "", pin: str = "", actor: Person | None = None
) -> Person:
    """Write one person, with a password (staff) or a PIN (a shared number) where given.

    Refusals: `not_a_mobile`, `not_a_pin`, `email_taken`.
    """
    with transaction.atomic():
        if row.email and Identity.objects.filter(email_index=email_index(row.email)).exists():
            raise EmailTaken
        [person] = create_people([row], at=at)
        if password or pin:
            person.set_password(password or None)
            person.pin = seal_pin(pin) if pin else ""
            person.save(update_fields=["password", "pin"])
        record_change(actor=actor or person, verb="person.created", subject=f"person:{person.uuid}", at=at)
    return person


def _person(row: NewPerson, at: datetime) -> Person:
    person = Person(language=row.language, discreet=row.discreet, home_organisation=row.home, created_at=at)
    person.set_unusable_password()
    return person


def _identity(person: Person, row: NewPerson) -> Identity:
    number = normalise_phone(row.phone) if row.phone else ""
    email = row.email.strip().lower()
    return Identity(
        person=person,
        names=_seal(person, "names", row.names.text),
        phone=_seal(person, "phone", number),
        email=_seal(person, "email", email),
        birth_year=_seal(person, "birth_year", str(row.birth_year or "")),
        phone_index=phone_index(number) if number else None,
        email_index=email_index(email) if email else None,
        search_tokens=[] if row.hidden or is_confidential(row.home) else name_tokens(row.names),
        verified_at=row.verified_at,
    )


def _seal(person: Person, column: str, text: str) -> bytes:
    return sealing.seal(text, table="identity", column=column, row=person.uuid)


def is_confidential(organisation: "Organisation | None") -> bool:
    """Whether that a woman belongs there must stay inside (the policy of its centre type)."""
    return bool(organisation and organisation.centre_type and organisation.centre_type.confidential)


@transaction.atomic
def rename_person(*, person: Person, names: Names, actor: Person, at: datetime, reason: str = "") -> None:
    """Write her names anew. Safe to repeat."""
    _write_names(person, names)
    record_change(
        actor=actor,
        verb="person.renamed",
        subject=f"person:{person.uuid}",
        at=at,
        fields=["names"],
        reason=reason,
    )


@transaction.atomic
def correct_person(*, person: Person, row: NewPerson, at: datetime) -> None:
    """Write down anew who she says she is: names, language, and year of birth where she gives one. Safe to repeat.

    Her number, her PIN and the name she chose for print stay.
    """
    kept = names_of(with_home([person.pk]).get())
    chosen = replace(row, printed_name=row.printed_name or kept.printed, latin_name=kept.latin)
    told = _identity(person, chosen)
    fields = ["names", "search_tokens", *(["birth_year"] if row.birth_year else [])]
    Identity.objects.filter(person=person).update(**{field: getattr(told, field) for field in fields})
    Person.objects.filter(pk=person.pk).update(language=row.language)
    record_change(
        actor=person,
        verb="person.corrected",
        subject=f"person:{person.uuid}",
        at=at,
        fields=[*fields, "language"],
    )


def _write_names(person: Person, names: Names) -> None:
    identity = Identity.objects.select_for_update(no_key=True).get(person=person)
    identity.names = _seal(person, "names", names.text)
    # Whoever is hidden from the name search stays hidden.
    identity.search_tokens = name_tokens(names) if identity.search_tokens else []
    identity.save(update_fields=["names", "search_tokens"])


@transaction.atomic
def set_home(*, person: Person, organisation: "Organisation | None") -> None:
    """Her home centre; a confidential one takes her out of the name search. Safe to repeat."""
    Person.objects.filter(pk=person.pk).update(home_organisation=organisation)
    person.home_organisation = organisation
    identity = Identity.objects.select_for_update(no_key=True).get(person=person)
    identity.person = person
    names = Names.parse(identity.read("names"))
    identity.search_tokens = [] if is_confidential(organisation) else name_tokens(names)
    identity.save(update_fields=["search_tokens"])


@transaction.atomic
def set_pin(
    *,
    person: Person,
    pin: str,
    at: datetime,
    current: str = "",
    forgotten: bool = False,
    actor: Person | None = None,
) -> None:
    """Give her a PIN, or another one for which she writes the one she has, unless it is `forgotten`.

    Refusals: `not_a_pin`, `current_pin_needed`, `current_pin_wrong`, and `pin_not_free` where someone on her
    number has the same.
    The caller counts failures: this could otherwise be asked 10,000 times. Whoever says `forgotten` has seen to it
    that two people answer for that (lms/ways_in).
    """
    sealed = seal_pin(pin)
    index = Identity.objects.filter(person=person).values_list("phone_index", flat=True).first()
    if index:
        lock_number(bytes(index))
    person.refresh_from_db(fields=["pin"])
    if person.pin and not forgotten:
        _prove_pin(person, current)
    if index:
        others = [other for other in people_on_index(bytes(index), also_closed=True) if other.pk != person.pk]
        refuse_taken_pin(others, pin)
    person.pin = sealed
    person.save(update_fields=["pin"])
    record_change(
        actor=actor or person, verb="person.pin_set", subject=f"person:{person.uuid}", at=at, fields=["pin"]
    )


def _prove_pin(person: Person, current: str) -> None:
    if not current:
        raise CurrentPinNeeded
    if not pin_matches(current, person.pin):
        raise CurrentPinWrong


def refuse_taken_pin(others: Iterable[Person], pin: str) -> None:
    """`pin_not_free` where one of those who share the number has this PIN."""
    if any(pin_matches(pin, other.pin) for other in others if other.pin):
        raise PinNotFree


class PinNeededToShare(Refusal):
    code = "pin_needed"
    message = _("This number is already used. Choose a PIN of your own to share it.")


class OwnPinFirst(Refusal):
    code = "own_pin_first"
    message = _("Whoever already uses this number must first choose a PIN in her account.")


def share_number(number: str, pin: str, *, without: Person | None = None) -> None:
    """Several people on one number each need a PIN of their own. One at a time for a number, in a transaction.

    Refusals: `own_pin_first`, `pin_needed`, `pin_not_free`.
    """
    index = phone_index(number)
    lock_number(index)
    others = [other for other in people_on_index(index, also_closed=True) if other != without]
    if not others:
        return
    if not all(other.pin for other in others):
        raise OwnPinFirst
    if not pin:
        raise PinNeededToShare
    refuse_taken_pin(others, pin)


@transaction.atomic
def set_number(*, person: Person, number: str, pin: str, actor: Person, at: datetime) -> None:
    """Another number (E.164, proven by a code), or none where it is empty. Safe to repeat.

    `pin` is her own one, asked for where others use the number. Refusals: those of `share_number`,
    `current_pin_wrong`.
    """
    if number:
        share_number(number, pin, without=person)
        if pin and not (person.pin and pin_matches(pin, person.pin)):
            raise CurrentPinWrong
    Identity.objects.filter(person=person).update(
        phone=_seal(person, "phone", number),
        phone_index=phone_index(number) if number else None,
        verified_at=at if number else None,
    )
    record_change(
        actor=actor, verb="person.number_set", subject=f"person:{person.uuid}", at=at, fields=["phone"]
    )


@transaction.atomic
def update_me(
    *,
    person: Person,
    at: datetime,
    printed_name: str | None = None,
    latin_name: str | None = None,
    language: str | None = None,
    discreet: bool | None = None,
) -> None:
    """What she may change of herself; what is None stays. Safe to repeat. Refusals: `not_latin`."""
    written = {"printed": printed_name, "latin": latin_name}
    named = {part: " ".join(name.split()) for part, name in written.items() if name is not None}
    if not is_latin(named.get("latin", "")):
        raise NotLatin
    if named:
        _write_names(person, replace(names_of(with_home([person.pk]).get()), **named))
    given = {"language": language, "discreet": discreet}
    changed = {field: value for field, value in given.items() if value is not None}
    if changed:
        Person.objects.filter(pk=person.pk).update(**changed)
    fields = [*changed, *(["names"] if named else [])]
    if fields:
        record_change(
            actor=person, verb="person.updated", subject=f"person:{person.uuid}", at=at, fields=fields
        )


def set_accommodations(*, person: Person, chosen: Collection[str]) -> None:
    """What makes learning easier for her from now on; no record of changes names it. Safe to repeat.

    Refusals: `invalid`.
    """
    if set(chosen) - KNOWN:
        raise InvalidInput.at("/accommodations", "invalid_choice", _("There is no such choice."))
    person.accommodations = seal_accommodations(chosen, row=person.uuid)
    person.save(update_fields=["accommodations"])


@transaction.atomic
def disable_person(*, person: Person, actor: Person, at: datetime, reason: str) -> None:
    """Close an account: all her sessions end with this. Safe to repeat."""
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    person.sessions.all().delete()
    record_change(actor=actor, verb="person.disabled", subject=f"person:{person.uuid}", at=at, reason=reason)


def reveal(
    *, viewer: Person, people: Iterable[int], surface: str, at: datetime, reason: str = ""
) -> dict[int, str]:
    """The names of those of `people` (primary keys) whom the viewer may see by name, and a record that she did.

    Inside a centre where she herself works no reason is asked. Anywhere below her it needs one, and nobody is
    revealed above a confidential centre. Whoever is missing from the answer stays a pseudonym. Uses
    `viewer.scope` as narrowed to the ability of the view. Safe to repeat: each look is recorded.
    """
    allowed = with_home(list(people)).filter(_nameable(viewer.scope, with_reason=bool(reason)))
    shown = show_names(viewer=viewer, people=allowed, surface=surface, at=at, reason=reason)
    return {pk: names.full for pk, names in shown.items()}


@transaction.atomic
def show_names(
    *,
    viewer: Person,
    people: Iterable[Person],
    surface: str,
    at: datetime,
    reason: str = "",
    fields: Sequence[str] = ("name",),
) -> dict[int, Names]:
    """The names of these people (`identity` selected) and the record of the look, in one transaction.

    Only for rows that were put before the viewer by a rule of their own: a registration sent to her centre, the
    cohort she leads. Everything else asks `reveal`.
    """
    seen = list(people)
    record_look(
        viewer=viewer,
        people=[person.pk for person in seen],
        surface=surface,
        at=at,
        fields=fields,
        reason=reason,
    )
    return {person.pk: names_of(person) for person in seen}


def reveal_by_uuid(
    *, viewer: Person, uuids: Sequence[UUID], reason: str, at: datetime
) -> list[tuple[UUID, str]]:
    """Names asked for one by one, in the order asked; one that is not hers to ask for is `not_found` for all."""
    people = {
        person.uuid: person
        for person in Person.objects.filter(_nameable(viewer.scope, with_reason=True), uuid__in=uuids)
    }
    if set(uuids) - people.keys():
        raise NotFound
    names = reveal(
        viewer=viewer,
        people=[person.pk for person in people.values()],
        surface="people.reveal",
        at=at,
        reason=reason,
    )
    return [(uuid, names[people[uuid].pk]) for uuid in dict.fromkeys(uuids)]


def _nameable(scope: Scope, *, with_reason: bool) -> Q:
    own_centre = Q(home_organisation__path__in=scope.home_paths)
    if not with_reason:
        return own_centre
    confidential = Q(home_organisation__centre_type__confidential=True)
    below = within(scope.paths, "home_organisation__path") & ~confidential
    return own_centre | below
