"""People and their identities: sealed, searchable by those who may, never readable by accident."""

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.utils import timezone

from lms.accounts.indexes import phone_index
from lms.accounts.models import Identity, Person
from lms.accounts.names import Names
from lms.accounts.pins import NotAPin, pin_matches, seal_pin
from lms.accounts.queries import named, names_of, people_on_number, printed_name
from lms.accounts.services import (
    EmailTaken,
    NewPerson,
    create_people,
    create_person,
    rename_person,
    set_home,
)
from lms.sign_in.models import Session
from tests.cast import Country, make_person
from tests.statements import statements

ROW = NewPerson(first_name="فاطمة الزهراء", family_name="الإدريسي", phone="06 12 34 56 78", birth_year=1990)


@pytest.mark.django_db
def test_no_column_of_any_table_holds_her_name_number_or_year_in_plain_text() -> None:
    person = create_person(replace(ROW, email="Canary@example.ma"), at=timezone.now(), pin="47110815")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person::text, identity::text FROM person JOIN identity ON person_id = person.id"
        )
        [row] = cursor.fetchall()
        cursor.execute("SELECT string_agg(change_entry::text, ' ') FROM change_entry")
        [(changes,)] = cursor.fetchall()
    hexadecimal = [text.encode().hex() for text in ("فاطمة", "الإدريسي", "612345678", "1990", "canary")]
    stored = f"{row} {changes}"
    assert not any(canary in stored for canary in ("فاطمة", "612345678", "canary", "47110815", *hexadecimal))
    assert names_of(person).full == "فاطمة الزهراء الإدريسي"
    assert printed_name(person) == "فاطمة الزهراء الإدريسي"


@pytest.mark.django_db
def test_a_name_moved_to_another_row_does_not_open() -> None:
    hers, another = make_person(), make_person()
    Identity.objects.filter(person=another).update(names=Identity.objects.get(person=hers).names)
    with pytest.raises(InvalidTag):
        names_of(Person.objects.get(pk=another.pk))


@pytest.mark.django_db
def test_a_thousand_people_cost_two_statements() -> None:
    rows = [replace(ROW, first_name=f"امرأة{n}", phone=f"06{n:08d}") for n in range(1_000)]
    with statements(2):
        people = create_people(rows, at=timezone.now())
    assert names_of(people[999]).first == "امرأة999"
    assert [person.pk for person in people_on_number("+212600000999")] == [people[999].pk]
    assert not people[0].has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["فا", "فاطمه", "فَاطِمَة", "الزهراء فاطمة", "الادريسي", "الإدر", "فاط ال"])
def test_she_is_found_by_the_beginnings_of_her_names_however_they_are_spelt(typed: str) -> None:
    person = create_person(ROW, at=timezone.now())
    make_person(first_name="خديجة", family_name="بناني")
    assert list(named(Person.objects.all(), typed)) == [person]


@pytest.mark.django_db
def test_latin_names_are_found_without_accents_or_case() -> None:
    person = make_person(first_name="Zoé", family_name="El Ghazali")
    assert list(named(Person.objects.all(), "zoe GHAZ")) == [person]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "ف", "ريسي", "  - "])
def test_one_letter_an_ending_or_nothing_finds_nobody(typed: str) -> None:
    create_person(ROW, at=timezone.now())
    assert list(named(Person.objects.all(), typed)) == []


def test_a_confidential_home_takes_her_out_of_the_search_and_an_ordinary_one_back(country: Country) -> None:
    person = create_person(replace(ROW, home=country.shelter), at=timezone.now())
    assert Identity.objects.get(person=person).search_tokens == []
    rename_person(person=person, names=Names("سعاد", "العلوي"), actor=person, at=timezone.now())
    assert Identity.objects.get(person=person).search_tokens == []
    set_home(person=person, organisation=country.larache_centre)
    assert list(named(Person.objects.all(), "سعاد")) == [person]


@pytest.mark.django_db
def test_several_people_share_a_number_but_not_an_email() -> None:
    people = [create_person(replace(ROW, first_name=n), at=timezone.now()) for n in ("الأم", "البنت")]
    assert people_on_number("+212612345678") == people
    create_person(replace(ROW, email="a@example.ma"), at=timezone.now())
    with pytest.raises(EmailTaken):
        create_person(replace(ROW, email="A@example.ma"), at=timezone.now())


def test_the_index_of_a_number_is_keyed() -> None:
    assert phone_index("+212612345678") != phone_index("+212612345679")
    assert b"612345678" not in phone_index("+212612345678")


def test_a_pin_opens_by_itself_alone_and_is_stored_with_the_pepper() -> None:
    stored = seal_pin("٤٧١١")
    assert "argon2id" in stored
    assert pin_matches("4711", stored)
    assert not pin_matches("4712", stored)
    assert not pin_matches("4711", "")


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", ""])
def test_a_pin_has_four_to_eight_digits(pin: str) -> None:
    with pytest.raises(NotAPin):
        seal_pin(pin)


@pytest.mark.django_db
def test_a_fresh_installation_has_no_account_and_no_session() -> None:
    """No password comes with the software."""
    assert not Person.objects.exists()
    assert not Session.objects.exists()
