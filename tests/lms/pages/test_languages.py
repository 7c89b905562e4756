"""Names, directions, months: what lms/languages.py promises, with and without the catalogues."""

from datetime import UTC, date, datetime

import pytest
from django.template.defaultfilters import date as date_filter
from django.utils import formats, translation
from django.utils.translation import get_language_info

from lms import languages

MOROCCAN = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "ماي",
    "يونيو",
    "يوليوز",
    "غشت",
    "شتنبر",
    "أكتوبر",
    "نونبر",
    "دجنبر",
]
DAYS = [date(2026, number, 22) for number in range(1, 13)]


def test_all_twelve_months_are_moroccos() -> None:
    assert [languages.day(day, "ar") for day in DAYS] == [f"22 {month} 2026" for month in MOROCCAN]


@pytest.mark.parametrize("pattern", ["F", "E", "M", "N"])
def test_djangos_date_filter_prints_moroccos_months_too(pattern: str) -> None:
    with translation.override("ar"):
        assert [date_filter(day, pattern) for day in DAYS] == MOROCCAN


def test_a_localised_date_reads_as_people_write_it() -> None:
    printed = {}
    for language in languages.CODES:
        with translation.override(language):
            printed[language] = formats.date_format(date(2026, 11, 22))
    assert printed == {
        "ar": "22 نونبر 2026",
        "fr": "22 novembre 2026",
        "en": "22 November 2026",
        "zgh": "22 ⵏⵓⵡⴰⵏⴱⵉⵔ 2026",
    }


def test_french_calls_the_first_of_a_month_premier() -> None:
    assert languages.day(date(2026, 3, 1), "fr") == "1er mars 2026"
    assert languages.day(date(2026, 3, 1), "ar") == "1 مارس 2026"


def test_a_moment_belongs_to_the_day_it_has_in_casablanca() -> None:
    just_before_midnight_utc = datetime(2026, 7, 31, 23, 30, tzinfo=UTC)
    assert languages.day(just_before_midnight_utc, "fr") == "1er août 2026"


def test_each_language_has_its_direction() -> None:
    directions = {
        code: languages.direction(code) for code in ("ar", "ar-MA", "ary", "fr", "en", "zgh", "shi", "de")
    }
    assert directions == {
        "ar": "rtl",
        "ar-MA": "rtl",
        "ary": "rtl",
        "fr": "ltr",
        "en": "ltr",
        "zgh": "ltr",
        "shi": "ltr",
        "de": "ltr",
    }


def test_amazigh_is_known_to_django_and_reads_left_to_right() -> None:
    info = get_language_info("zgh")
    assert (info["bidi"], info["name_local"]) == (False, "ⵜⴰⵎⴰⵣⵉⵖⵜ")


def test_what_has_no_amazigh_word_is_said_in_arabic() -> None:
    with translation.override("zgh"):
        assert translation.gettext("Help") == "ⵜⵉⵡⵉⵙⵉ"
        assert translation.gettext("Quick exit") == "خروج سريع"


def test_weeks_begin_on_monday() -> None:
    assert languages.WEEKDAYS["ar"][0] == "الاثنين"
    with translation.override("ar"):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


@pytest.mark.parametrize(
    ("tag", "language"), [("fr-FR", "fr"), ("AR_ma", "ar"), ("zgh-Tfng", "zgh"), ("de", None), ("", None)]
)
def test_a_language_tag_finds_our_language(tag: str, language: str | None) -> None:
    assert languages.supported(tag) == language
