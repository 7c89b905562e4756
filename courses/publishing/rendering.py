"""Markdown to clean HTML: what a trainer writes can never run on our origin."""

from collections.abc import Sequence
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

ALLOWED: Final = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "em", "del", "blockquote", "ul", "ol", "li", "a", "code", "pre",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES: Final = {"https", "http", "mailto", "tel"}
DEEPEST_HEADING: Final = 4

_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def to_html(markdown: str) -> str:
    """CommonMark with tables, cleaned by an allow-list: no pictures, no scripts, no styles.

    Headings begin at h2, for the lesson's title is the page's h1, and go down one step at a time, whichever levels
    the writer used: who listens to a page finds her way by them (WCAG 2.2, 1.3.1).
    """
    tokens = _markdown.parse(markdown)
    _order_headings(tokens)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(
        html,
        tags=ALLOWED,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _order_headings(tokens: Sequence[Token]) -> None:
    written: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            written = [*(above for above in written if above < token.tag), token.tag]
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(len(written) + 1, DEEPEST_HEADING)}"
