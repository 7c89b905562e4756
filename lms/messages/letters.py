"""An e-mail as people see it: one template and one set of words, as HTML in their direction and as plain text."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from lms.languages import direction


@dataclass(frozen=True)
class Link:
    """`url` is absolute: a letter is read outside our pages."""

    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything a letter says, already in its language; a name or a title in it is text and nothing else.

    sign      who writes, above the title; empty in a letter that must give nothing away
    footing   why she has it and where she can change that
    """

    language: str
    title: str
    paragraphs: tuple[str, ...]
    sign: str = ""
    action: Link | None = None
    footing: tuple[str, ...] = ()
    choices: Link | None = None


TEMPLATE = "lms/messages/letter.html"


def as_html(letter: Letter) -> str:
    """A page that asks nobody for anything: no picture, no style sheet, no letters of its own."""
    way = direction(letter.language)
    start = "right" if way == "rtl" else "left"
    return render_to_string(TEMPLATE, {"letter": letter, "direction": way, "start": start})


def as_text(letter: Letter) -> str:
    """The same words without any dress; what separates them are empty lines."""
    blocks = [letter.sign, letter.title, *letter.paragraphs]
    blocks += [f"{link.words}\n{link.url}" for link in [letter.action] if link]
    blocks += ["--", *letter.footing] if letter.footing else []
    blocks += [f"{link.words}\n{link.url}" for link in [letter.choices] if link]
    return "\n\n".join(block for block in blocks if block) + "\n"
