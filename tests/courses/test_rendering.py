"""From what a trainer writes to what a page can carry."""

import re

import pytest

from courses.publishing.rendering import to_html


@pytest.mark.parametrize(
    ("written", "headings"),
    [
        ("# ا\n## ب\n# ج", ["h2", "h3", "h2"]),
        ("### ا\n### ب", ["h2", "h2"]),
        ("### ا\n##### ب\n### ج", ["h2", "h3", "h2"]),
        ("## ا\n# ب\n### ج", ["h2", "h2", "h3"]),
        ("# ا\n## ب\n### ج\n#### د", ["h2", "h3", "h4", "h4"]),
    ],
)
def test_headings_begin_at_h2_and_leave_no_step_out(written: str, headings: list[str]) -> None:
    html = to_html(written)
    assert re.findall(r"<(h\d)>", html) == headings
    assert re.findall(r"</(h\d)>", html) == headings
