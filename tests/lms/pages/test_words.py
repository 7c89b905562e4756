"""What the template tags print."""

from datetime import date

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from lms.templatetags import jisr


def drawn(source: str, language: str = "ar", **names: object) -> str:
    with translation.override(language):
        return Template("{% load jisr %}" + source).render(Context(names))


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (1, "0 من درس واحد"),
        (2, "0 من درسين"),
        (8, "0 من 8 دروس"),
        (11, "0 من 11 درسا"),
        (100, "0 من 100 درس"),
    ],
)
def test_steps_count_lessons_as_arabic_counts(total: int, words: str) -> None:
    assert words in drawn("{% steps 0 total %}", total=total)


def test_steps_draw_a_mark_for_each_lesson_and_one_bar_for_many() -> None:
    few, many = drawn("{% steps 3 8 %}", "fr"), drawn("{% steps 23 40 %}", "fr")
    assert few.count("<i") == 8
    assert few.count('class="on"') == 3
    assert "3 leçons sur 8" in few
    assert '<rect width="58" height="8"/>' in many
    assert "<i" not in many
    assert "whole" in drawn("{% steps 8 8 %}")
    assert "whole" not in drawn("{% steps 0 0 %}")


@pytest.mark.parametrize(
    ("minutes", "arabic", "french"),
    [
        (1, "دقيقة واحدة", "1 minute"),
        (2, "دقيقتان", "2 minutes"),
        (5, "5 دقائق", "5 minutes"),
        (40, "40 دقيقة", "40 minutes"),
        (80, "ساعة و20 دقيقة", "1 heure\u00a020 minutes"),
        (120, "ساعتان", "2 heures"),
        (0, "أقل من دقيقة", "0 minute"),
    ],
)
def test_lengths_are_said_in_words(minutes: int, arabic: str, french: str) -> None:
    assert drawn("{{ m|minutes }}", m=minutes) == arabic
    assert drawn("{{ m|minutes }}", "fr", m=minutes) == french


@pytest.mark.parametrize(
    ("size", "arabic", "english"),
    [(3_400_000, "3,4 ميغا", "3.4 MB"), (12, "0,1 ميغا", "0.1 MB"), (734_000_000, "734 ميغا", "734 MB")],
)
def test_sizes_are_said_in_megabytes(size: int, arabic: str, english: str) -> None:
    assert drawn("{{ s|filesize_words }}", s=size) == arabic
    assert drawn("{{ s|filesize_words }}", "en", s=size) == english


def test_numbers_are_parted_as_each_language_does() -> None:
    printed = [
        drawn("{{ 83000|number }} {{ 75|percent }}", language) for language in ("ar", "fr", "en", "zgh")
    ]
    assert printed == ["83.000 75%", "83\u202f000 75\u202f%", "83,000 75%", "83\u00a0000 75%"]


def test_days_follow_the_page_or_the_language_named() -> None:
    assert drawn("{{ d|day }} {{ d|day:'fr' }}{{ none|day }}", d=date(2026, 8, 1), none=None) == (
        "1 غشت 2026 1er août 2026"
    )


def test_numbers_to_dial_and_codes_stand_left_to_right_and_escaped() -> None:
    assert drawn("{{ '+212612345678'|phone }}") == '<bdi dir="ltr">06 12 34 56 78</bdi>'
    assert drawn("{{ '+33612345678'|phone }}") == '<bdi dir="ltr">+33612345678</bdi>'
    assert drawn("{{ code|bdi }}", code="<b>") == '<bdi dir="ltr">&lt;b&gt;</bdi>'


def test_an_icon_is_decoration_unless_it_is_named_and_turns_only_if_it_points() -> None:
    assert 'aria-hidden="true"' in drawn("{% icon 'back' %}")
    assert "turns" in drawn("{% icon 'back' %}")
    assert "turns" not in drawn("{% icon 'play' %}")
    assert 'role="img" aria-label="Jouer"' in drawn("{% icon 'play' label='Jouer' %}")
    with pytest.raises(TemplateSyntaxError):
        drawn("{% icon 'unknown' %}")


def test_a_notice_keeps_its_markup_and_escapes_what_people_wrote() -> None:
    html = drawn("{% notice 'refusal' %}<p>{{ words }}</p>{% endnotice %}", words="<script>")
    assert 'class="notice refusal" role="alert"' in html
    assert "<p>&lt;script&gt;</p>" in html


class Registration(forms.Form):
    phone = forms.CharField(label="الهاتف", help_text="عشرة أرقام", min_length=10)
    centre = forms.ChoiceField(
        label="المركز", choices=[("1", "العرائش")], widget=forms.RadioSelect, required=False
    )
    agree = forms.BooleanField(label="أوافق")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_wrong_field_says_so_to_eyes_and_screen_readers() -> None:
    form = Registration({"phone": "06"})
    html = "".join(drawn("{% field bound %}", bound=bound) for bound in form)
    assert 'aria-describedby="id_phone_hint id_phone_error"' in html
    assert 'id="id_phone_hint"' in html
    assert 'id="id_phone_error"' in html
    assert html.count('aria-invalid="true"') == 2
    assert "صحّحي هذا:" in html
    assert "<legend>المركز</legend>" in html
    assert '<label class="choice">' in html
    assert '<input type="hidden" name="token"' in html


def test_the_funnel_starts_whole_and_has_its_table() -> None:
    html = drawn("{% funnel rows 'Suivi' %}", "fr", rows=[("Inscrites", 2400), ("Certifiées", 331)])
    assert html.count("2\u202f400") == 2
    assert html.count("14\u202f%") == 2
    assert "<caption>Suivi</caption>" in html
    assert drawn("{% funnel rows 'Suivi' %}", "fr", rows=[])
    assert jisr.funnel([("a", 0)], "t")["rows"][0]["share"] == 0
