"""Finds the translatable sentences of a Django template, for Babel.

Babel has no extractor for Django's templates. Django's own lexer reads the template here, and the patterns are
those that Django's `makemessages` uses, so both find the same sentences.
"""

from collections.abc import Collection, Generator, Iterable, Mapping
from typing import Any, BinaryIO

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import block_re, constant_re, endblock_re, inline_re, plural_re

Found = tuple[int, str | None, str | tuple[str, ...], list[str]]

FUNCTIONS = {
    (False, 1): "gettext",
    (False, 2): "ngettext",
    (True, 1): "pgettext",
    (True, 2): "npgettext",
}  # (has a context, number of forms) → the name by which Babel knows it


def extract_from_template(
    fileobj: BinaryIO,
    _keywords: Mapping[str, Any],
    _comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Generator[Found, None, None]:
    """Yield (line, function, messages, comments) as Babel asks: `{% translate %}`, `{% blocktranslate %}`, `_("…")`."""
    source = fileobj.read().decode(options.get("encoding", "utf-8"))
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.split_contents()[0] == "comment":
            _skip_comment(tokens)
        elif token.token_type == TokenType.BLOCK and block_re.match(f" {token.contents}"):
            yield _block(token, tokens)
        elif token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            yield from _inline(token)


def _skip_comment(tokens: Iterable[Token]) -> None:
    next((token for token in tokens if token.contents == "endcomment"), None)


def _inline(token: Token) -> Generator[Found, None, None]:
    found = inline_re.match(f" {token.contents}") if token.token_type == TokenType.BLOCK else None
    if found:
        text, context = _unquote(found.group(1)), found.group(3)
        if context:
            yield token.lineno or 0, "pgettext", (_unquote(context), text), []
        else:
            yield token.lineno or 0, "gettext", text, []
    for constant in constant_re.findall(token.contents):
        yield token.lineno or 0, "gettext", _unquote(constant), []


def _block(opening: Token, tokens: Iterable[Token]) -> Found:
    found = block_re.match(f" {opening.contents}")
    context = found.group(2) if found else None
    texts = _singular_and_plural(tokens, trimmed="trimmed" in opening.split_contents())
    messages = (_unquote(context), *texts) if context else tuple(texts)
    return opening.lineno or 0, FUNCTIONS[bool(context), len(texts)], messages, []


def _singular_and_plural(tokens: Iterable[Token], *, trimmed: bool) -> list[str]:
    parts = [""]
    for token in tokens:
        if token.token_type == TokenType.BLOCK and endblock_re.match(token.contents):
            break
        if token.token_type == TokenType.BLOCK and plural_re.match(token.contents):
            parts.append("")
        else:
            parts[-1] += _text(token)
    return [trim_whitespace(part) for part in parts] if trimmed else parts


def _text(token: Token) -> str:
    if token.token_type == TokenType.VAR:
        return f"%({token.contents})s"
    return token.contents.replace("%", "%%")


def _unquote(quoted: str) -> str:
    # `{% translate %}` looks its sentence up with every % doubled.
    return quoted[1:-1].replace("%", "%%")
