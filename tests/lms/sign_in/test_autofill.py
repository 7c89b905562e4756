"""The last line of the code's message, from which a phone fills it in on our pages."""

import orjson
import pytest
from django.test import Client
from pytest_django import Settings

from lms.accounts.models import Person
from lms.languages import LANGUAGES
from lms.messages.parts import size_of
from lms.sign_in.codes import with_autofill
from lms.sign_in.models import Challenge
from tests.cast import Country, make_person
from tests.lms.sign_in.door import NUMBER, ask_code, right_code
from tests.outbox import work_off


@pytest.fixture
def sent(settings: Settings, tmp_path: object) -> Settings:
    settings.SMS_OUTBOX, settings.SMS_CODE_HOST = tmp_path / "sms.jsonl", "jisr.ma"  # type: ignore[operator]  # a Path
    return settings


def message(settings: Settings) -> str:
    work_off()
    return str(orjson.loads(settings.SMS_OUTBOX.read_text().splitlines()[-1])["text"])


def test_the_last_line_names_our_host_and_the_code_and_nothing_follows(
    country: Country, sent: Settings
) -> None:
    make_person(phone=NUMBER, home=country.larache_centre)
    request = ask_code()
    assert message(sent).splitlines()[-1] == f"@jisr.ma #{right_code(request)}"


def test_a_number_that_nobody_has_yet_is_told_no_host(db: None, sent: Settings) -> None:
    Client().post("/sign-in", {"phone": NUMBER})
    assert "@" not in message(sent)


def test_in_discreet_mode_and_for_a_shelters_woman_no_host_stands_in_the_message(
    country: Country, sent: Settings
) -> None:
    hers = make_person(phone=NUMBER, home=country.shelter)
    ask_code()
    assert "@" not in message(sent)
    Person.objects.filter(pk=hers.pk).update(home_organisation=country.larache_centre, discreet=True)
    ask_code()
    assert "@" not in message(sent)
    Person.objects.filter(pk=hers.pk).update(discreet=False)
    ask_code()
    assert "@jisr.ma" in message(sent)


@pytest.mark.parametrize("language", [code for code, _name in LANGUAGES])
def test_it_never_costs_a_part_more(country: Country, sent: Settings, language: str) -> None:
    sent.SMS_CODE_HOST = ""
    Client().post("/sign-in", {"phone": NUMBER}, headers={"Accept-Language": language})
    words = message(sent)
    code = right_code(str(Challenge.objects.latest("id").uuid))
    for host in ("jisr.ma", "apprendre.jisr.social.gov.ma"):
        whole = with_autofill(words, code=code, host=host)
        assert size_of(whole).parts == size_of(words).parts == 1
    assert with_autofill(words, code=code, host="j.ma").endswith(f"\n@j.ma #{code}")
