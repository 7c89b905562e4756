"""A quiz as one page writes it: every question once, its words in each language beside each other.

The form names its questions in `question`, one key each; what belongs to a question begins with its key: `kind`, `id`,
`place`, `remove`, `right` or `choice` keys with `id`, `text_<language>` and `correct`, `value` and `tolerance`, and by
language `text`, `accepted` (a spelling a line) and `feedback`. What is to be ordered is written in its right order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import override, pgettext

from courses.assessment.numbers import NUMBER_AT_MOST, number_of
from courses.assessment.questions import NUMERIC, ORDERING, SHORT, WITHOUT_CHOICES
from courses.authoring.models import LessonVariant

SINGLE: Final = "single"
MULTIPLE: Final = "multiple"
TRUE_FALSE: Final = "true_false"
EDITABLE: Final = (SINGLE, MULTIPLE, TRUE_FALSE, SHORT, NUMERIC, ORDERING)
WITH_SPARE: Final = (SINGLE, MULTIPLE, ORDERING)
SPARE_CHOICES: Final = 2
CHOICES_AT_MOST: Final = 12

Question = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """What one language says at one place of a question."""

    code: str
    text: str
    accepted: str = ""
    feedback: str = ""


def questions_on_page(variants: Mapping[str, LessonVariant], languages: Sequence[str]) -> list[Question]:
    """The questions as the page shows them, in the order of the first language that has some."""
    known = {code: _by_id(variants[code].questions) for code in languages if code in variants}
    asked: Sequence[Mapping[str, Any]] = next(
        (variants[code].questions for code in known if variants[code].questions), ()
    )
    return [_on_page(place, question, known, languages) for place, question in enumerate(asked)]


def _by_id(things: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {thing["id"]: thing for thing in things}


def _on_page(
    place: int,
    question: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Mapping[str, Any]]],
    languages: Sequence[str],
) -> Question:
    said = {code: known.get(code, {}).get(question["id"], {}) for code in languages}
    choices = [_choice(f"{at}", choice, said) for at, choice in enumerate(question["choices"])]
    spare = SPARE_CHOICES if question["kind"] in WITH_SPARE else 0
    for number in range(len(choices), min(len(choices) + spare, CHOICES_AT_MOST)):
        words = [Words(code, "") for code in languages]
        choices.append({"key": f"{number}", "id": "", "correct": False, "words": words})
    return {
        "key": f"{place}",
        "id": question["id"],
        "kind": question["kind"],
        "place": place + 1,
        "editable": question["kind"] in EDITABLE,
        "words": [
            Words(code, one.get("text", ""), "\n".join(one.get("accepted") or ()), one.get("feedback", ""))
            for code, one in said.items()
        ],
        "choices": choices,
        "value": question.get("value", ""),
        "tolerance": question.get("tolerance", ""),
    }


def _choice(key: str, choice: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    texts = {code: _by_id(one.get("choices") or ()) for code, one in said.items()}
    return {
        "key": key,
        "id": choice["id"],
        "correct": choice["correct"],
        "words": [Words(code, found.get(choice["id"], {}).get("text", "")) for code, found in texts.items()],
    }


def questions_in(
    sent: QueryDict, variants: Mapping[str, LessonVariant], languages: Sequence[str]
) -> dict[str, list[Question]]:
    """What the form asks, by language: those that say something, have a quiz already, or come first."""
    keys = [key for key in sent.getlist("question")[:100] if not sent.get(f"{key}-remove")]
    keys.sort(key=lambda key: _place(sent, key))
    asked = {
        code: [_question(sent, key, code, languages, variants.get(code)) for key in keys]
        for code in languages
    }
    if kind := sent.get("add-question", ""):
        for code in languages:
            asked[code].append(_fresh(kind, code))
    return {
        code: questions
        for code, questions in asked.items()
        if code == languages[0]
        or (code in variants and variants[code].questions)
        or any(question["text"] for question in questions)
    }


def _place(sent: QueryDict, key: str) -> tuple[int, bool]:
    """Where a question goes; one that was moved there goes before the one that stands there."""
    text = sent.get(f"{key}-place", "")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 999
    return place, str(place - 1) == key


def _question(
    sent: QueryDict, key: str, code: str, languages: Sequence[str], variant: LessonVariant | None
) -> Question:
    kind, id_ = sent.get(f"{key}-kind", ""), sent.get(f"{key}-id", "")
    if kind not in EDITABLE:  # written elsewhere: this page only moves it
        return dict(_by_id(variant.questions if variant else []).get(id_, {"id": id_, "kind": kind}))
    question: Question = {
        "kind": kind,
        "text": sent.get(f"{key}-text_{code}", "").strip(),
        "choices": [] if kind in WITHOUT_CHOICES else _choices(sent, key, code, languages),
        "accepted": sent.get(f"{key}-accepted_{code}", "").split("\n") if kind == SHORT else [],
        "feedback": sent.get(f"{key}-feedback_{code}", "").strip(),
    }
    question["accepted"] = [spelling.strip() for spelling in question["accepted"] if spelling.strip()]
    if kind == NUMERIC:
        question |= {
            "value": _number(sent, f"{key}-value"),
            "tolerance": _number(sent, f"{key}-tolerance") or "0",
        }
    return question | ({"id": id_} if id_ else {})


def _number(sent: QueryDict, name: str) -> str:
    """A number as it was written; nothing for what is none."""
    written = sent.get(name, "").strip()[:NUMBER_AT_MOST]
    return written if number_of(written) is not None else ""


def _choices(sent: QueryDict, key: str, code: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """The choices that say something in some language."""
    found = []
    for choice in sent.getlist(f"{key}-choice")[:CHOICES_AT_MOST]:
        texts = {one: sent.get(f"{key}-{choice}-text_{one}", "").strip() for one in languages}
        if any(texts.values()):
            id_ = sent.get(f"{key}-{choice}-id", "")
            right = sent.get(f"{key}-right") == choice or bool(sent.get(f"{key}-{choice}-correct"))
            found.append({"text": texts[code], "correct": right} | ({"id": id_} if id_ else {}))
    return found


def _fresh(kind: str, code: str) -> Question:
    choices: list[dict[str, Any]] = []
    if kind == TRUE_FALSE:
        with override(code):
            words = [pgettext("an answer", "True"), pgettext("an answer", "False")]
        choices = [{"text": word, "correct": False} for word in words]
    elif kind not in WITHOUT_CHOICES:
        choices = [{"text": "", "correct": False}] * SPARE_CHOICES
    return {
        "kind": kind if kind in EDITABLE else SINGLE,
        "text": "",
        "choices": choices,
        "accepted": [],
        "feedback": "",
    }
