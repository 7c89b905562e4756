"""The demonstration's two courses as data: complete in both languages, plain, correct and light enough."""

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypdf import PdfReader

from learners.demonstration.media_making import captions, narration

CONTENT = Path(narration.__file__).parent.parent / "content"
LANGUAGES = ("ar", "fr")
LARGEST = {".mp4": 900_000, ".m4a": 400_000, ".pdf": 200_000, ".vtt": 8_000}
LARGEST_TOGETHER = 14_000_000
ORDER = re.compile(r"(text ){2,4}video audio document quiz")
CUE_TIMES = re.compile(r"(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d\.\d{3})")


def course(slug: str) -> dict[str, Any]:
    return yaml.safe_load((CONTENT / slug / "course.yaml").read_text(encoding="utf-8"))


COURSES = {slug: course(slug) for slug in narration.SLUGS}
LESSONS = [
    pytest.param(slug, lesson, id=f"{slug[:3]}-{number}-{place}-{lesson['kind']}")
    for slug, written in COURSES.items()
    for number, module in enumerate(written["modules"], 1)
    for place, lesson in enumerate(module["lessons"], 1)
]
QUESTIONS = [
    pytest.param(question, id=f"{param.id}-{place}")
    for param in LESSONS
    for place, question in enumerate(param.values[1].get("questions", ()), 1)
]


def words_of(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of the course that says something in Arabic."""
    if isinstance(node, dict):
        if "ar" in node:
            yield node
        for value in node.values():
            yield from words_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from words_of(value)


def texts(language: str) -> Iterator[tuple[str, str]]:
    for path in sorted(CONTENT.glob(f"*/*.{language}.md")):
        yield path.name, path.read_text(encoding="utf-8")
    for slug, written in COURSES.items():
        for node in words_of(written):
            if isinstance(node[language], str) and "/" not in node[language]:
                yield slug, node[language]


def film_seconds(cues: str) -> list[tuple[float, float]]:
    return [(int(a) * 60 + float(b), int(c) * 60 + float(d)) for a, b, c, d in CUE_TIMES.findall(cues)]


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_a_course_has_four_modules_and_says_who_it_is_for(slug: str) -> None:
    written = COURSES[slug]
    assert written["slug"] == slug
    assert written["languages"] == list(LANGUAGES)
    assert written["open"] is True
    assert written["topic"] in {"entrepreneurship", "life_skills"}
    assert len(written["modules"]) == 4
    assert set(written["title"]) == set(written["summary"]) == {"ar", "fr", "en"}


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_the_lessons_of_every_module_stand_in_the_promised_order(slug: str) -> None:
    for module in COURSES[slug]["modules"]:
        assert ORDER.fullmatch(" ".join(lesson["kind"] for lesson in module["lessons"]))


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_the_minutes_add_up_to_about_the_hours_on_the_certificate(slug: str) -> None:
    minutes = sum(lesson["minutes"] for module in COURSES[slug]["modules"] for lesson in module["lessons"])
    assert abs(minutes / 60 - COURSES[slug]["hours"]) < 0.5


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_whatever_is_said_in_arabic_is_said_in_french(slug: str) -> None:
    for node in words_of(COURSES[slug]):
        assert node["ar"]
        assert node["fr"]


@pytest.mark.parametrize(("slug", "lesson"), LESSONS)
def test_every_file_a_lesson_names_is_there_in_both_languages(slug: str, lesson: dict[str, Any]) -> None:
    promised = {"text": ["body"], "video": ["file", "captions", "body"], "quiz": []}
    for name in promised.get(lesson["kind"], ["file", "body"]):
        assert set(lesson[name]) == set(LANGUAGES)
        for path in lesson[name].values():
            assert (CONTENT / slug / path).stat().st_size > 0, path


@pytest.mark.parametrize(("slug", "lesson"), LESSONS)
def test_only_the_sound_and_the_worksheet_may_be_skipped(slug: str, lesson: dict[str, Any]) -> None:
    assert lesson["required"] is (lesson["kind"] not in {"audio", "document"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_lesson_is_thin(language: str) -> None:
    lessons = sorted(CONTENT.glob(f"*/m?-l?.{language}.md"))
    assert len(lessons) == 21
    for path in lessons:
        assert 250 <= len(path.read_text(encoding="utf-8").split()) <= 520, path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_file_beside_the_course_is_left_unused(language: str) -> None:
    named = {
        path
        for param in LESSONS
        for name in ("body", "file", "captions")
        for path in [f"{param.values[0]}/{param.values[1].get(name, {}).get(language)}"]
    }
    found = {str(path.relative_to(CONTENT)) for path in CONTENT.glob(f"*/**/*.{language}.*")}
    assert found <= named


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_can_be_answered_rightly(question: dict[str, Any]) -> None:
    kind = question["kind"]
    right = [choice["correct"] for choice in question.get("choices", ())].count(True)
    assert question["feedback"]
    if kind == "short":
        assert "choices" not in question
        assert all(question["accepted"][language] for language in LANGUAGES)
    elif kind == "multiple":
        assert 2 <= right < len(question["choices"])
    else:
        assert kind in {"single", "true_false"}
        assert right == 1
        assert kind == "single" or [choice["text"]["ar"] for choice in question["choices"]] == ["صحيح", "خطأ"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_two_choices_of_a_question_say_the_same(question: dict[str, Any]) -> None:
    for language in LANGUAGES:
        said = [choice["text"][language] for choice in question.get("choices", ())]
        assert len(said) == len(set(said))


def test_every_quiz_has_five_or_six_questions_of_all_four_kinds() -> None:
    for param in LESSONS:
        lesson = param.values[1]
        if lesson["kind"] == "quiz":
            assert lesson["pass_percent"] == 60
            assert len(lesson["questions"]) in {5, 6}
            kinds = {question["kind"] for question in lesson["questions"]}
            assert kinds == {"single", "multiple", "true_false", "short"}


def test_arabic_has_western_digits_and_the_words_of_the_house() -> None:
    for name, text in texts("ar"):
        assert not re.search("[\u0660-\u0669]", text), name
        assert "تدريب" not in text, name
        assert "متدرب" not in text, name


def test_arabic_sentences_are_short() -> None:
    for name, text in texts("ar"):
        running = "\n".join(line for line in text.splitlines() if not line.startswith(("|", "#")))
        for sentence in re.split(r"[.؟!:\n]", running):
            assert len(sentence.split()) <= 15, f"{name}: {sentence}"


def test_a_calculation_in_arabic_reads_from_left_to_right() -> None:
    sum_of_numbers = re.compile(r"\d\s*[÷×+−]\s*\d")
    for name, text in texts("ar"):
        outside = re.sub("\u2066[^\u2066\u2069]*\u2069", "", text)
        assert not sum_of_numbers.search(outside), name
        assert text.count("\u2066") == text.count("\u2069"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_calculation_is_right(language: str) -> None:
    calculation = re.compile(r"(\d[\d.,]*(?: [÷×+−] \d[\d.,]*)+) = (\d[\d.,]*)")
    found = [match for _, text in texts(language) for match in calculation.finditer(text.replace("**", ""))]
    assert len(found) >= 40
    for match in found:
        assert worked_out(match[1]) == pytest.approx(number(match[2])), match[0]


def number(written: str) -> float:
    return float(written.rstrip(".,").replace(",", "."))


def worked_out(written: str) -> float:
    """The value of numbers joined by signs; no lesson mixes × or ÷ with + or −."""
    first, *rest = written.split(" ")
    value = number(first)
    for sign, operand in zip(rest[::2], map(number, rest[1::2]), strict=True):
        value = {
            "÷": lambda a, b: a / b,
            "×": lambda a, b: a * b,
            "+": lambda a, b: a + b,
            "−": lambda a, b: a - b,
        }[sign](value, operand)
    return value


def test_lessons_are_plain_markdown() -> None:
    for language in LANGUAGES:
        for name, text in texts(language):
            assert not re.search(r"</?[a-z]", text), name
            assert "http" not in text, name
            assert not re.search(r"^#{1,2} ", text, re.MULTILINE), name


def test_a_legal_figure_carries_its_law_and_date() -> None:
    for name, text in texts("ar"):
        if re.search(r"(?<!\d)[25]00000(?!\d)", text) and name.endswith(".md"):
            assert "114.13" in text
            assert "19 فبراير 2015" in text
    for name, text in texts("fr"):
        if re.search(r"(?<!\d)[25]00000(?!\d)", text) and name.endswith(".md"):
            assert "114-13" in text
            assert "19 février 2015" in text


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_films_have_captions_that_carry_every_sentence(slug: str) -> None:
    for module in narration.texts_of(slug):
        assert 6 <= len(module.slides) <= 8
        for language in LANGUAGES:
            cues = (CONTENT / slug / f"media/m{module.number}-film.{language}.vtt").read_text(
                encoding="utf-8"
            )
            assert cues.startswith("WEBVTT\n\n")
            for slide in module.slides:
                assert narration.plain(slide.say[language]) in cues


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_either_caption_file_fits_either_film(slug: str) -> None:
    for path in sorted((CONTENT / slug / "media").glob("*.ar.vtt")):
        arabic = film_seconds(path.read_text(encoding="utf-8"))
        french = film_seconds(path.with_name(path.name.replace(".ar.", ".fr.")).read_text(encoding="utf-8"))
        assert arabic == french
        assert all(start < end <= after for (start, end), (after, _) in pairwise(arabic))
        assert 30 <= arabic[-1][1] <= 60


@pytest.mark.parametrize("slug", narration.SLUGS)
def test_transcripts_say_what_is_heard(slug: str) -> None:
    for module in narration.texts_of(slug):
        for language in LANGUAGES:
            film = (CONTENT / slug / f"m{module.number}-film.{language}.md").read_text(encoding="utf-8")
            sound = (CONTENT / slug / f"m{module.number}-sound.{language}.md").read_text(encoding="utf-8")
            assert all(narration.plain(slide.say[language]) in film for slide in module.slides)
            assert all(narration.plain(sentence) in sound for sentence in module.summary[language])


def test_media_are_light_enough_for_a_phone() -> None:
    files = [path for path in CONTENT.glob("*/media/*") if path.is_file()]
    assert len(files) == 8 * (2 + 2 + 2 + 1)
    for path in files:
        assert path.stat().st_size <= LARGEST[path.suffix], path.name
    assert sum(path.stat().st_size for path in files) <= LARGEST_TOGETHER


def test_media_are_the_ones_that_were_looked_at() -> None:
    lines = (CONTENT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    written = dict(reversed(line.split("  ")) for line in lines)
    found = {
        str(path.relative_to(CONTENT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in CONTENT.glob("*/media/*")
    }
    assert written == found


def test_films_and_sounds_begin_with_their_index_so_that_they_play_while_loading() -> None:
    for path in [*CONTENT.glob("*/media/*.mp4"), *CONTENT.glob("*/media/*.m4a")]:
        content = path.read_bytes()
        assert content[4:8] == b"ftyp", path.name
        assert content.index(b"moov") < content.index(b"mdat"), path.name


def test_worksheets_are_one_tagged_page_of_a4_without_scripts() -> None:
    for path in sorted(CONTENT.glob("*/media/*.pdf")):
        reader = PdfReader(path)
        assert len(reader.pages) == 1, path.name
        assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert b"/JavaScript" not in path.read_bytes()
        assert b"/OpenAction" not in path.read_bytes()


def test_every_picture_a_film_names_is_drawn() -> None:
    pictures = Path(narration.__file__).parent / "pictures"
    for slug in narration.SLUGS:
        for module in narration.texts_of(slug):
            assert module.slides[0].picture == "arch"
            for slide in module.slides:
                assert (pictures / f"{slide.picture}.svg").is_file(), slide.picture


def test_short_vowels_go_but_the_marks_a_reader_needs_stay() -> None:
    assert narration.plain("مَشْرُوعَكِ أَوَّلًا") == "مشروعكِ أولًا"


def test_a_pause_drops_the_case_vowel_but_keeps_the_woman_spoken_to() -> None:
    assert narration.as_spoken("مِنْ فِكْرَةٍ.") == "مِنْ فِكْرَة."
    assert narration.as_spoken("مَرْحَبًا بِكِ.") == "مَرْحَبًا بِكِ."


def test_captions_count_minutes_and_thousandths() -> None:
    said = captions.webvtt([captions.Cue(start=59.9, end=61.25, text="سلام")])
    assert said == "WEBVTT\n\n1\n00:59.900 --> 01:01.250\nسلام\n"
