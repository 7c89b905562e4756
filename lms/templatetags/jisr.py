"""What templates draw with: icons, days, counts, and the components of docs/pages.md. `{% load jisr %}`."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lms import languages

register = template.Library()

ICONS: Final = frozenset(
    {"account", "almost", "arch", "back", "certificate", "chart", "clock", "data", "document", "done", "exit"}
    | {
        "forward",
        "frown",
        "copy",
        "help",
        "home",
        "language",
        "lessons",
        "lock",
        "messages",
        "mic",
        "neutral",
        "people",
        "phone",
        "place",
        "play",
    }
    | {"quiz", "refuse", "search", "smile", "sound", "text", "todo"}
)
TURNING: Final = frozenset({"back", "forward", "exit"})  # these point somewhere, so they mirror with the text
LESSON_ICONS: Final = {
    "text": "text",
    "video": "play",
    "audio": "sound",
    "document": "document",
    "quiz": "quiz",
    "assignment": "text",
}
NOTICE_ICONS: Final = {"done": "done", "refusal": "refuse", "almost": "almost", "hint-note": "help"}
MOST_STEPS_DRAWN: Final = 16
MEGABYTE: Final = 1_000_000


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of static/lms/icons.svg. Beside a word it is decoration; alone it needs a `label`."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"there is no icon {name!r}")
    classes = " ".join(filter(None, ["icon", "turns" if name in TURNING else "", css]))
    href = f"{static('lms/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.filter
def lesson_icon(kind: str) -> str:
    """The icon's name for a kind of lesson: `{% icon lesson.kind|lesson_icon %}`."""
    return LESSON_ICONS.get(kind, "text")


@register.filter
def day(moment: date | None, language: str = "") -> str:
    """`22 نونبر 2026`, in the page's language or the one named; nothing for no day."""
    return languages.day(moment, language or _language()) if moment else ""


@register.filter
def number(value: float, decimals: int = 0) -> str:
    """A number with its thousands parted as the language does: `83.000`, `83 000`, `83,000`."""
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.filter
def percent(value: float) -> str:
    """0–100 as `75%`; French puts a narrow space before the sign."""
    sign = "\u202f%" if _language() == languages.FRENCH else "%"
    return f"{number(value)}{sign}"


@register.filter
def minutes(value: int) -> str:
    """A length in minutes, in words: `40 دقيقة`, `1 heure 20 minutes`."""
    hours, rest = divmod(int(value), 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": number(hours)})
    if rest or not hours:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return _(" and ").join(parts)


@register.filter
def filesize_words(size: int) -> str:
    """Bytes as a woman with 1 GB a month counts them: megabytes with one decimal, never less than 0.1."""
    megabytes = max(0.1, round(size / MEGABYTE, 1))
    return _("%(size)s MB") % {"size": number(megabytes, 1 if megabytes < 10 else 0)}


@register.filter
def bdi(text: Any) -> SafeString:
    """Numbers, serials and codes: always left to right, whatever stands around them."""
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.filter
def phone(text: str) -> SafeString:
    """A Moroccan number as people say it: `+212612345678` → `06 12 34 56 78`."""
    digits = f"0{text[4:]}" if text.startswith("+212") else text
    pairs = [digits[start : start + 2] for start in range(0, len(digits), 2)]
    return bdi(" ".join(pairs) if len(digits) == 10 else text)


@register.filter
def language_name(code: str) -> str:
    """What speakers call a language: `fr` → `Français`."""
    return languages.name(code)


@register.filter
def direction(code: str) -> str:
    """`rtl` or `ltr` of a language: `<p lang="{{ text.language }}" dir="{{ text.language|direction }}">`."""
    return languages.direction(code)


@register.inclusion_tag("lms/components/steps.html")
def steps(done: int, total: int) -> dict[str, Any]:
    """Progress she can count: `3 من 8 دروس`, and a mark for each lesson (one bar where they are many)."""
    words = ngettext("%(done)s of %(total)s lesson", "%(done)s of %(total)s lessons", total)
    return {
        "words": words % {"done": done, "total": total},
        "whole": 0 < total <= done,
        "marks": [step < done for step in range(total)] if total <= MOST_STEPS_DRAWN else [],
        "width": round(100 * done / total) if total else 0,
        "total": total,
    }


@register.inclusion_tag("lms/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One field of a form: label, hint, errors with icon and word, and the input told about them."""
    kind = bound.widget_type
    wrong = bool(bound.errors)
    described = [f"{bound.auto_id}_hint"] * bool(bound.help_text) + [f"{bound.auto_id}_error"] * wrong
    told: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if wrong:
        told["aria-invalid"] = "true"
    return {
        "bound": bound,
        "is_group": kind in {"radioselect", "checkboxselectmultiple"},
        "is_single": kind == "checkbox",
        "is_hidden": bound.is_hidden,
        "input": bound.as_widget(attrs=told),
        "required": bound.field.required,
    }


@register.inclusion_tag("lms/components/funnel.html")
def funnel(rows: Iterable[tuple[str, int]], title: str) -> dict[str, Any]:
    """The funnel: (label, count) from the widest to the narrowest, bars against the first, and the table behind."""
    counted = list(rows)
    whole = counted[0][1] if counted else 0
    return {
        "title": title,
        "rows": [
            {"label": label, "count": count, "share": round(100 * count / whole) if whole else 0}
            for label, count in counted
        ],
    }


@register.simple_block_tag
def notice(content: str, kind: str = "hint-note") -> SafeString:
    """`{% notice "done" %}…{% endnotice %}`; kinds: done, refusal, almost, hint-note. Refusals are announced."""
    role = "alert" if kind == "refusal" else "status"
    return format_html(
        '<div class="notice {}" role="{}">{}<div>{}</div></div>',
        kind,
        role,
        icon(NOTICE_ICONS[kind]),
        content,
    )


@register.simple_tag
def tag(kind: str, words: str) -> SafeString:
    """A state in one icon and its word: `{% tag "done" _("Finished") %}`; kinds as for notice."""
    return format_html('<span class="tag {}">{}{}</span>', kind, icon(NOTICE_ICONS[kind]), words)


def _language() -> str:
    return get_language() or languages.ARABIC
